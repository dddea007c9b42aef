use alloc::collections::BTreeMap;

use crate::id::{MessageId, UserId};

/// Knows what a session's user has still to fetch of the messages that are kept for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Pickup {
    senders: BTreeMap<UserId, Last>,
    /// The place of the last message that was handed over.
    after: u64,
    step: Step,
}

/// The last message of one sender that is kept.
#[derive(Clone, Copy, Debug)]
struct Last {
    id: MessageId,
    /// The last one that was handed over.
    handed: Option<MessageId>,
    /// All were handed over, and only acknowledgements are missing.
    is_sent: bool,
}

/// Where the reading of what is kept stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Step {
    /// All is handed over.
    #[default]
    Done,
    /// There is more: it is asked for when the session has room.
    Wanted,
    /// A page was asked for; what is kept meanwhile may not be on it.
    Asked { stale: bool },
}

impl Pickup {
    /// Notes that a message is kept, and with it perhaps others of its sender.
    pub(super) fn add(&mut self, from: UserId, id: MessageId) {
        let last = self.senders.entry(from).or_insert(Last { id, handed: None, is_sent: false });
        (last.id, last.is_sent) = (id, false);
        self.step = match self.step {
            Step::Done | Step::Wanted => Step::Wanted,
            Step::Asked { .. } => Step::Asked { stale: true },
        };
    }

    /// Tells whether messages of a sender are still to be handed over: others have to stay behind
    /// them.
    pub(super) fn awaits(&self, from: &UserId) -> bool {
        self.senders.get(from).is_some_and(|last| !last.is_sent)
    }

    /// Notes that a message is handed over; returns the number of its sender's and numbering's
    /// message that was before it, if one was.
    pub(super) fn on_handed(&mut self, from: &UserId, id: MessageId) -> Option<u64> {
        let before = self.senders.get_mut(from)?.handed.replace(id)?;
        (before.epoch == id.epoch && before.seq < id.seq).then_some(before.seq)
    }

    /// Takes in an acknowledgement. Returns whether messages of this sender are kept at all.
    pub(super) fn on_ack(&mut self, from: &UserId, acked: MessageId) -> bool {
        let Some(last) = self.senders.get(from) else { return false };
        if last.id.epoch == acked.epoch && last.id.seq <= acked.seq {
            self.senders.remove(from);
        }
        true
    }

    /// Tells whether the next page should be asked for.
    pub(super) fn is_wanted(&self) -> bool {
        self.step == Step::Wanted
    }

    /// Notes that the next page is asked for; returns the place after which it begins.
    pub(super) fn ask(&mut self) -> u64 {
        self.step = Step::Asked { stale: false };
        self.after
    }

    /// Notes that a page was handed over, up to a place.
    pub(super) fn on_page(&mut self, last: u64, more: bool) {
        self.after = self.after.max(last);
        self.step = match self.step {
            Step::Asked { stale } if !stale && !more => Step::Done,
            Step::Asked { .. } | Step::Wanted => Step::Wanted,
            Step::Done => Step::Done,
        };
        if self.step == Step::Done {
            self.senders.values_mut().for_each(|last| last.is_sent = true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Epoch;

    fn id(seq: u64) -> MessageId {
        MessageId { epoch: Epoch::from_bits(1), seq }
    }

    #[test]
    fn pages_are_asked_for_until_nothing_is_left() {
        let (al, bo) = (UserId::new("al").unwrap(), UserId::new("bo").unwrap());
        let mut pickup = Pickup::default();
        assert!(!pickup.is_wanted() && !pickup.awaits(&al));
        pickup.add(al.clone(), id(3));
        assert!(pickup.is_wanted() && pickup.awaits(&al));
        assert_eq!(pickup.ask(), 0);
        assert!(!pickup.is_wanted());
        pickup.on_page(7, true);
        assert!(pickup.is_wanted());
        assert_eq!(pickup.ask(), 7);
        // Kept while the page is read.
        pickup.add(bo.clone(), id(1));
        pickup.on_page(9, false);
        assert!(pickup.is_wanted() && pickup.awaits(&al) && pickup.awaits(&bo));
        assert_eq!(pickup.ask(), 9);
        pickup.on_page(10, false);
        assert!(!pickup.is_wanted() && !pickup.awaits(&al) && !pickup.awaits(&bo));
        assert!(pickup.on_ack(&al, id(2)), "a part of them");
        assert!(pickup.on_ack(&al, id(3)), "all of them");
        assert!(!pickup.on_ack(&al, id(4)), "nothing of theirs is kept");
    }
}
