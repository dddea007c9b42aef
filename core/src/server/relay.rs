use super::link::Link;
use super::server::Server;
use crate::error::{CloseReason, RelayRefusal};
use crate::id::{LinkId, MessageId, UserId};
use crate::io::{ServerEvent, ServerOutput};
use crate::time::Instant;
use crate::wire::{Ack, Message, Relay, RelayItem, Sealed, relayed_len, sealed_item};

/// Room in a full queue that is left to small messages, such as those that free the senders.
const SMALL_ROOM: usize = 64 * 1024;

/// Carrying what cannot go direct (PROTOCOL.md, "Relay").
impl Server {
    #[cfg_attr(not(feature = "files"), expect(unused_variables, reason = "files have a rate"))]
    pub(super) fn on_relay(
        &mut self,
        now: Instant,
        id: LinkId,
        from: UserId,
        relay: Relay<'_>,
        frame: &[u8],
    ) -> Result<(), CloseReason> {
        let Relay { peer: to, item } = relay;
        match item {
            RelayItem::Sealed(sealed) if sealed.back >= sealed.seq || sealed.gap > sealed.back => {
                // Its recipient could make nothing of it, nor could whoever keeps it.
                return Err(CloseReason::Malformed);
            }
            RelayItem::Sealed(sealed) => {
                // There is another way to write the numbers before it, which nobody uses.
                let item = sealed_item(frame).ok_or(CloseReason::Malformed)?;
                self.on_sealed(id, from, to, sealed, item);
            }
            RelayItem::Ack(ack) => {
                self.note_ack(id, &from, &to, ack);
                self.pass_on(from, &to, item);
            }
            RelayItem::Read(read) => {
                if !self.pass_on(from.clone(), &to, item) {
                    let seen = MessageId { epoch: read.epoch, seq: read.upto };
                    let event = ServerEvent::Read { from: to, to: from, id: seen };
                    self.outputs.push_back(ServerOutput::Event(event));
                }
            }
            RelayItem::Unreadable { .. } => {
                let seat = self.links.get_mut(id).and_then(|link| link.seat_mut());
                let pickup = seat.and_then(|seat| seat.pickup.as_mut());
                if pickup.is_some_and(|pickup| pickup.on_unreadable(&to)) {
                    // Its sender has given them away, and may not be there.
                    self.kick(id);
                }
                self.pass_on(from, &to, item);
            }
            #[cfg(feature = "files")]
            RelayItem::File(file) => {
                let item = crate::wire::file_item(frame).ok_or(CloseReason::Malformed)?;
                self.on_file(now, id, (&from, to), &file, item)?;
            }
        }
        Ok(())
    }

    /// Passes a sealed message on, or has it kept if its recipient is not there, or has to fetch
    /// what comes before it.
    fn on_sealed(&mut self, id: LinkId, from: UserId, to: UserId, sealed: Sealed<'_>, item: &[u8]) {
        let online = self.find(id, &to);
        let limit = self.links.queue_limit();
        let pending = self.keeping.is_pending(&to, &from);
        let target = online
            .and_then(|link| self.links.get_mut(link))
            .filter(|link| !pending && link.seat().is_some_and(|seat| !seat.awaits(&from)));
        let Some(target) = target else {
            return self.keep(id, from, to, sealed);
        };
        let len = relayed_len(&from, item);
        let refusal = if len > target.session.remote_limits().max_frame as usize {
            RelayRefusal::TooLarge
        } else if target.queue.len() + len > limit {
            RelayRefusal::Busy
        } else {
            let target = target.id;
            // Memory is lent to what is queued, and not to what is refused or kept.
            if let Some(link) = self.links.furnish(target) {
                link.queue.push_relayed(&from, item);
            }
            return self.kick(target);
        };
        self.on_relay_refused(id, to, sealed.id(), refusal);
    }

    /// Finds the session of a user for one that writes to it, which most often wrote to it before.
    pub(super) fn find(&mut self, writer: LinkId, user: &UserId) -> Option<LinkId> {
        let is_it = |link: &Link| link.seat().is_some_and(|seat| seat.user == *user);
        let before =
            self.links.get(writer).and_then(|link| link.seat()).and_then(|seat| seat.route);
        if let Some(link) = before
            && self.links.get(link).is_some_and(is_it)
        {
            return Some(link);
        }
        let found = self.users.get(user).map(|online| online.link);
        if let Some(seat) = self.links.get_mut(writer).and_then(|link| link.seat_mut()) {
            seat.route = found;
        }
        found
    }

    /// Passes something small on; returns whether its recipient is there. What finds no room is
    /// dropped: it is repeated when the messages that it is about come again.
    fn pass_on(&mut self, from: UserId, to: &UserId, item: RelayItem<'_>) -> bool {
        let online = self.users.get(to).map(|online| online.link);
        let limit = self.links.queue_limit() + SMALL_ROOM;
        let Some(target) = online.and_then(|link| self.links.furnish(link)) else { return false };
        if target.queue.len() < limit {
            target.queue.push(&Message::Relay(Relay { peer: from, item }));
            let target = target.id;
            self.kick(target);
        }
        true
    }

    /// Lets the host know of an acknowledgement by the user `to` if it keeps messages that are
    /// covered, or if their sender is not there to hear of it.
    fn note_ack(&mut self, id: LinkId, to: &UserId, from: &UserId, ack: Ack) {
        let acked = MessageId { epoch: ack.epoch, seq: ack.upto };
        let seat = self.links.get_mut(id).and_then(|link| link.seat_mut());
        let pickup = seat.and_then(|seat| seat.pickup.as_mut());
        let kept = pickup.is_some_and(|pickup| pickup.on_ack(from, acked));
        if ack.upto > 0 && (kept || !self.users.contains_key(from)) {
            let (from, to) = (from.clone(), to.clone());
            let event = ServerEvent::Acked { from, to, id: acked };
            self.outputs.push_back(ServerOutput::Event(event));
        }
    }

    pub(super) fn on_relay_refused(
        &mut self,
        id: LinkId,
        peer: UserId,
        message: MessageId,
        reason: RelayRefusal,
    ) {
        let MessageId { epoch, seq } = message;
        self.tell(id, &Message::Refused { peer, epoch, seq, reason });
    }

    /// Tells a session something small.
    pub(super) fn tell(&mut self, id: LinkId, message: &Message<'_>) {
        let limit = self.links.queue_limit() + SMALL_ROOM;
        let has_room = |link: &Link| link.seat().is_some() && link.queue.len() < limit;
        if self.links.get(id).is_some_and(has_room)
            && let Some(link) = self.links.furnish(id)
        {
            link.queue.push(message);
            self.kick(id);
        }
    }
}
