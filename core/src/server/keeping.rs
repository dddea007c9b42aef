use alloc::boxed::Box;
use alloc::collections::BTreeMap;

use super::server::Server;
use crate::delivery::Answer;
use crate::error::RelayRefusal;
use crate::id::{Epoch, LinkId, MessageId, PublicKey, UserId};
use crate::io::{Keep, Kept, ServerEvent, ServerOutput};
use crate::limits::KEEPING;
use crate::wire::{Ack, Message, Relay, RelayItem, Sealed, encoded_len};

/// Counts the messages that wait for the host's disk.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    /// How many there are, by recipient and sender.
    pending: BTreeMap<(UserId, UserId), u32>,
    messages: usize,
    bytes: usize,
}

impl Keeping {
    /// Tells whether messages of this sender to this recipient wait: others stay behind them.
    pub(super) fn is_pending(&self, to: &UserId, from: &UserId) -> bool {
        // Most of the time none of anybody's do.
        !self.pending.is_empty() && self.pending.contains_key(&(to.clone(), from.clone()))
    }

    fn has_room(&self, len: usize) -> bool {
        self.messages < KEEPING.0 && self.bytes + len <= KEEPING.1
    }

    /// Returns how many there are, and their bytes.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn held(&self) -> (usize, usize) {
        (self.messages, self.bytes)
    }

    fn begin(&mut self, keep: &Keep) {
        *self.pending.entry((keep.to.clone(), keep.from.clone())).or_default() += 1;
        self.messages += 1;
        self.bytes += size(keep);
    }

    fn end(&mut self, keep: &Keep) {
        let pair = (keep.to.clone(), keep.from.clone());
        let Some(count) = self.pending.get_mut(&pair) else { return };
        *count -= 1;
        if *count == 0 {
            self.pending.remove(&pair);
        }
        self.messages -= 1;
        self.bytes -= size(keep);
    }
}

const fn size(keep: &Keep) -> usize {
    keep.envelope.len() + keep.body.len()
}

/// Messages that are kept for users that are not there (PROTOCOL.md, "Store").
impl Server {
    /// Has the host keep a message.
    pub(super) fn keep(&mut self, id: LinkId, from: UserId, to: UserId, sealed: Sealed<'_>) {
        let refusal = if sealed.envelope.is_empty() {
            Some(RelayRefusal::NoEnvelope)
        } else if !self.keeping.has_room(sealed.envelope.len() + sealed.body.len()) {
            Some(RelayRefusal::Unavailable)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            return self.on_relay_refused(id, to, sealed.id(), refusal);
        }
        let keep = Keep {
            link: id,
            from,
            to,
            id: sealed.id(),
            back: sealed.back,
            gap: sealed.gap,
            envelope: sealed.envelope.into(),
            body: sealed.body.into(),
        };
        self.keeping.begin(&keep);
        self.outputs.push_back(ServerOutput::Event(ServerEvent::Keep(Box::new(keep))));
    }

    pub(super) fn on_kept(&mut self, keep: Keep, answer: Answer) {
        self.keeping.end(&keep);
        self.tell_answer(keep.link, &keep.to, keep.id, answer);
        let is_kept = matches!(answer, Answer::Stored { upto } if upto == keep.id.seq);
        let online = self.users.get(&keep.to).map(|online| online.link);
        if let (true, Some(link)) = (is_kept, online)
            && let Some(seat) = self.links.get_mut(link).and_then(|link| link.seat_mut())
        {
            // The recipient came meanwhile.
            seat.pickup.get_or_insert_default().add(keep.from);
            self.kick(link);
        }
    }

    pub(super) fn on_answer(&mut self, from: &UserId, to: &UserId, epoch: Epoch, answer: Answer) {
        if let Some(link) = self.users.get(from).map(|online| online.link) {
            self.tell_answer(link, to, MessageId { epoch, seq: 0 }, answer);
        }
    }

    /// Tells a sender what became of messages to a user.
    fn tell_answer(&mut self, id: LinkId, to: &UserId, message: MessageId, answer: Answer) {
        let (peer, epoch) = (to.clone(), message.epoch);
        let message = match answer {
            Answer::Stored { upto } => Message::Stored { peer, epoch, upto },
            Answer::Acked { upto } => {
                let item = RelayItem::Ack(Ack { epoch, upto });
                Message::Relay(Relay { peer, item })
            }
            Answer::Lost { upto, reason } => Message::Dropped { peer, epoch, upto, reason },
            Answer::Refused(reason) => Message::Refused { peer, epoch, seq: message.seq, reason },
            Answer::Gap => return,
        };
        self.tell(id, &message);
    }

    /// Asks the host for the next messages that are kept for a session's user, if there are any.
    pub(super) fn ask_for_page(&mut self, id: LinkId) {
        let Some(seat) = self.links.get_mut(id).and_then(|link| link.seat_mut()) else { return };
        if let Some(pickup) = seat.pickup.as_mut().filter(|pickup| pickup.is_wanted()) {
            let (user, after) = (seat.user.clone(), pickup.ask());
            let event = ServerEvent::Page { link: id, user, after };
            self.outputs.push_back(ServerOutput::Event(event));
        }
    }

    pub(super) fn on_page(&mut self, id: LinkId, page: &[Kept], last: u64, more: bool) {
        let Some(link) = self.links.furnish(id) else { return };
        let max_frame = link.session.remote_limits().max_frame as usize;
        for kept in page {
            let Kept { from, id, back, envelope, body } = kept;
            let (epoch, seq, back) = (id.epoch, id.seq, *back);
            // Of one sender's messages all are kept that are open.
            let before = link
                .seat_mut()
                .and_then(|seat| seat.pickup.get_or_insert_default().on_handed(from, *id));
            let gap = before.map_or(0, |before| (seq - before - 1).min(back));
            let sealed = Sealed { epoch, seq, back, gap, envelope, body };
            let item = RelayItem::Sealed(sealed);
            let message = Message::Relay(Relay { peer: from.clone(), item });
            // A device that takes less than it did gets it when it takes more again.
            if encoded_len(&message) <= max_frame {
                link.queue.push(&message);
            }
        }
        if let Some(pickup) = link.seat_mut().and_then(|seat| seat.pickup.as_mut()) {
            pickup.on_page(last, more);
        }
        self.kick(id);
    }

    pub(super) fn on_key_request(&mut self, id: LinkId, user: UserId) {
        let online = self.users.get(&user).and_then(|online| self.links.get(online.link));
        match online.and_then(|link| link.session.remote_key()) {
            Some(key) => self.on_introduced(id, user, Some(key)),
            None => {
                let event = ServerEvent::Key { link: id, user };
                self.outputs.push_back(ServerOutput::Event(event));
            }
        }
    }

    pub(super) fn on_introduced(&mut self, id: LinkId, user: UserId, key: Option<PublicKey>) {
        self.tell(id, &Message::KeyReply { user, key });
    }

    pub(super) fn on_ask(&mut self, link: LinkId, from: UserId, to: UserId, epoch: Epoch) {
        let event = ServerEvent::Ask { link, from, to, epoch };
        self.outputs.push_back(ServerOutput::Event(event));
    }
}
