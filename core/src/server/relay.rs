use super::server::Server;
use crate::error::RelayRefusal;
use crate::id::{LinkId, MessageId, UserId};
use crate::limits::SESSION_QUEUE;
use crate::wire::{Message, Relay, RelayItem, encoded_len};

/// Room in a full queue that is left to acknowledgements: they are small, and free the senders.
const ACK_ROOM: usize = 64 * 1024;

/// Carrying what cannot go direct (PROTOCOL.md, "Relay").
impl Server {
    pub(super) fn on_relay(&mut self, id: LinkId, from: UserId, relay: Relay<'_>) {
        let Relay { peer: to, item } = relay;
        let target = self.users.get(&to).map(|online| online.link);
        let Some(target) = target.and_then(|link| self.links.get_mut(link)) else {
            if let RelayItem::Chat(chat) = item {
                self.on_relay_refused(id, to, chat.id(), RelayRefusal::Offline);
            }
            return;
        };
        let message = Message::Relay(Relay { peer: from, item });
        let len = encoded_len(&message);
        let room = match item {
            RelayItem::Chat(_) => SESSION_QUEUE,
            RelayItem::Ack(_) => SESSION_QUEUE + ACK_ROOM,
        };
        let refusal = if len > target.session.remote_limits().max_frame as usize {
            Some(RelayRefusal::TooLarge)
        } else if target.queue.len() + len > room {
            Some(RelayRefusal::Busy)
        } else {
            None
        };
        match (refusal, item) {
            (None, _) => {
                target.queue.push(&message);
                let target = target.id;
                self.kick(target);
            }
            (Some(reason), RelayItem::Chat(chat)) => {
                self.on_relay_refused(id, to, chat.id(), reason);
            }
            // Its sender repeats it when the message comes again.
            (Some(_), RelayItem::Ack(_)) => {}
        }
    }

    pub(super) fn on_relay_refused(
        &mut self,
        id: LinkId,
        peer: UserId,
        message: MessageId,
        reason: RelayRefusal,
    ) {
        let Some(link) = self.links.get_mut(id) else { return };
        if link.seat().is_some() && link.queue.len() < SESSION_QUEUE + ACK_ROOM {
            let MessageId { epoch, seq } = message;
            link.queue.push(&Message::Refused { peer, epoch, seq, reason });
            self.kick(id);
        }
    }
}
