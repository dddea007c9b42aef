use alloc::collections::{BTreeMap, VecDeque};

use crate::id::{MessageId, UserId};

/// Knows what a session's user has still to fetch, or to acknowledge, of the messages that are kept
/// for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Pickup {
    senders: BTreeMap<UserId, Kept>,
    /// The place of the last message that was handed over.
    after: u64,
    step: Step,
}

/// The messages of one sender that are kept.
#[derive(Clone, Debug, Default)]
struct Kept {
    /// Those that were handed over and are not acknowledged.
    open: VecDeque<MessageId>,
    /// The last one that was handed over.
    handed: Option<MessageId>,
    /// There are no others.
    is_all: bool,
    /// They were handed over a second time.
    is_again: bool,
}

/// Where the reading of what is kept stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Step {
    /// All is handed over.
    #[default]
    Done,
    /// There is more: it is asked for when the session has room.
    Wanted,
    /// A page was asked for.
    Asked(Page),
}

/// What is known of a page that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Fresh,
    /// What was kept since may not be on it.
    Stale,
    /// All is to be handed over from the beginning.
    Void,
}

impl Pickup {
    /// Notes that messages of a sender are kept which were not handed over.
    pub(super) fn add(&mut self, from: UserId) {
        self.senders.entry(from).or_default().is_all = false;
        self.step = match self.step {
            Step::Done | Step::Wanted => Step::Wanted,
            Step::Asked(Page::Fresh | Page::Stale) => Step::Asked(Page::Stale),
            Step::Asked(Page::Void) => Step::Asked(Page::Void),
        };
    }

    /// Tells whether messages of a sender are still to be handed over: others have to stay behind
    /// them.
    pub(super) fn awaits(&self, from: &UserId) -> bool {
        self.senders.get(from).is_some_and(|kept| !kept.is_all)
    }

    /// Notes that a message is handed over; returns the number of its sender's and numbering's
    /// message that was before it, if one was.
    pub(super) fn on_handed(&mut self, from: &UserId, id: MessageId) -> Option<u64> {
        let kept = self.senders.entry(from.clone()).or_default();
        kept.open.push_back(id);
        let before = kept.handed.replace(id)?;
        (before.epoch == id.epoch && before.seq < id.seq).then_some(before.seq)
    }

    /// Takes in an acknowledgement. Returns whether it covers messages that are kept.
    pub(super) fn on_ack(&mut self, from: &UserId, acked: MessageId) -> bool {
        let Some(kept) = self.senders.get_mut(from) else { return false };
        let before = kept.open.len();
        let covered = |id: &MessageId| id.epoch == acked.epoch && id.seq <= acked.seq;
        while kept.open.front().is_some_and(covered) {
            kept.open.pop_front();
        }
        if kept.open.iter().any(covered) {
            // Of two numberings, the later one was faster.
            kept.open.retain(|id| !covered(id));
        }
        let is_news = kept.open.len() < before;
        if kept.open.is_empty() && kept.is_all {
            self.senders.remove(from);
        }
        is_news
    }

    /// Takes in that the user could not open messages of a sender's. Returns whether all that is
    /// kept is handed over once more; that happens once for each sender.
    pub(super) fn on_unreadable(&mut self, from: &UserId) -> bool {
        let Some(kept) = self.senders.get_mut(from) else { return false };
        if kept.open.is_empty() || kept.is_again {
            return false;
        }
        kept.is_again = true;
        for kept in self.senders.values_mut() {
            kept.open.clear();
            (kept.handed, kept.is_all) = (None, false);
        }
        self.after = 0;
        self.step = match self.step {
            Step::Done | Step::Wanted => Step::Wanted,
            Step::Asked(_) => Step::Asked(Page::Void),
        };
        true
    }

    /// Tells whether the next page should be asked for.
    pub(super) fn is_wanted(&self) -> bool {
        self.step == Step::Wanted
    }

    /// Notes that the next page is asked for; returns the place after which it begins.
    pub(super) fn ask(&mut self) -> u64 {
        self.step = Step::Asked(Page::Fresh);
        self.after
    }

    /// Notes that a page was handed over, up to a place.
    pub(super) fn on_page(&mut self, last: u64, more: bool) {
        if self.step != Step::Asked(Page::Void) {
            self.after = self.after.max(last);
        }
        self.step = match self.step {
            Step::Asked(Page::Fresh) if !more => Step::Done,
            Step::Asked(_) | Step::Wanted => Step::Wanted,
            Step::Done => Step::Done,
        };
        if self.step == Step::Done {
            self.senders.values_mut().for_each(|kept| kept.is_all = true);
            self.senders.retain(|_, kept| !kept.open.is_empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Epoch;

    fn id(epoch: u64, seq: u64) -> MessageId {
        MessageId { epoch: Epoch::from_bits(epoch), seq }
    }

    #[test]
    fn pages_are_asked_for_until_nothing_is_left() {
        let (al, bo) = (UserId::new("al").unwrap(), UserId::new("bo").unwrap());
        let mut pickup = Pickup::default();
        assert!(!pickup.is_wanted() && !pickup.awaits(&al));
        pickup.add(al.clone());
        assert!(pickup.is_wanted() && pickup.awaits(&al));
        assert_eq!(pickup.ask(), 0);
        assert!(!pickup.is_wanted());
        assert_eq!(pickup.on_handed(&al, id(1, 2)), None);
        assert_eq!(pickup.on_handed(&al, id(1, 5)), Some(2));
        pickup.on_page(7, true);
        assert!(pickup.is_wanted());
        assert_eq!(pickup.ask(), 7);
        // Kept while the page is read.
        pickup.add(bo.clone());
        assert_eq!(pickup.on_handed(&al, id(2, 1)), None, "another numbering");
        pickup.on_page(9, false);
        assert!(pickup.is_wanted() && pickup.awaits(&al) && pickup.awaits(&bo));
        assert_eq!(pickup.ask(), 9);
        pickup.on_handed(&bo, id(3, 1));
        pickup.on_page(10, false);
        assert!(!pickup.is_wanted() && !pickup.awaits(&al) && !pickup.awaits(&bo));
        assert!(pickup.on_ack(&al, id(2, 1)), "the later numbering");
        assert!(pickup.on_ack(&al, id(1, 4)), "a part of the earlier one");
        assert!(!pickup.on_ack(&al, id(1, 4)), "that is known");
        assert!(pickup.on_ack(&al, id(1, 5)), "the rest of it");
        assert!(!pickup.on_ack(&al, id(1, 6)), "nothing of theirs is kept");
        assert!(pickup.on_ack(&bo, id(3, 9)));
    }

    #[test]
    fn what_cannot_be_opened_is_handed_over_once_more() {
        let al = UserId::new("al").unwrap();
        let mut pickup = Pickup::default();
        assert!(!pickup.on_unreadable(&al), "nothing of theirs is kept");
        pickup.add(al.clone());
        assert_eq!(pickup.ask(), 0);
        pickup.on_handed(&al, id(1, 1));
        pickup.on_page(5, true);
        assert_eq!(pickup.ask(), 5);
        assert!(pickup.on_unreadable(&al));
        // The page that was on its way ends nothing.
        pickup.on_handed(&al, id(1, 2));
        pickup.on_page(8, false);
        assert!(pickup.is_wanted() && pickup.awaits(&al));
        assert_eq!(pickup.ask(), 0);
        pickup.on_handed(&al, id(1, 1));
        pickup.on_handed(&al, id(1, 2));
        pickup.on_page(8, false);
        assert!(!pickup.is_wanted());
        assert!(!pickup.on_unreadable(&al), "once");
        assert!(pickup.on_ack(&al, id(1, 2)));
    }
}
