use std::collections::{BTreeMap, VecDeque};

use breeze_core::id::{MessageId, UserId};

/// Holds kept messages that the core's outbox has no room for yet, in order for each recipient.
///
/// What is in the store's outbox, and neither at the server nor in the core's, is here, so that its
/// quota bounds this too.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    queues: BTreeMap<UserId, Queue>,
}

/// What waits for one recipient.
#[derive(Debug, Default)]
struct Queue {
    /// Where the numbering goes on, if the server keeps messages of an earlier run.
    resumption: Option<Resumption>,
    drafts: VecDeque<Draft>,
    /// Recalls whose messages are being read from the store: nothing goes out before.
    recalls: usize,
}

/// Says what the server has of the messages to a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Resumption {
    /// The first message that is not settled.
    pub(super) first: MessageId,
    /// The number of the last one that the server keeps.
    pub(super) stored: u64,
}

/// A message that was not handed to the core yet.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) id: MessageId,
    pub(super) text: String,
    pub(super) sent_ms: u64,
}

impl Waiting {
    /// Takes a message.
    pub(super) fn push(&mut self, to: &UserId, draft: Draft) {
        self.queue(to).drafts.push_back(draft);
    }

    /// Takes in that the server keeps a message of an earlier run; they come in order.
    pub(super) fn on_stored(&mut self, to: &UserId, id: MessageId) {
        let resumption = &mut self.queue(to).resumption;
        let resumption = resumption.get_or_insert(Resumption { first: id, stored: id.seq });
        resumption.stored = id.seq;
    }

    /// Returns the users for whom something is to be done.
    pub(super) fn recipients(&self) -> Vec<UserId> {
        let ready = self.queues.iter().filter(|(_, queue)| queue.recalls == 0);
        ready.map(|(user, _)| user.clone()).collect()
    }

    /// Returns where a numbering goes on, before any message is handed over.
    pub(super) fn resumption(&self, to: &UserId) -> Option<Resumption> {
        self.queues.get(to)?.resumption
    }

    /// Notes that a numbering goes on.
    pub(super) fn resumed(&mut self, to: &UserId) {
        self.queue(to).resumption = None;
        self.tidy(to);
    }

    /// Returns the oldest message for a user.
    pub(super) fn first(&self, to: &UserId) -> Option<&Draft> {
        self.queues.get(to)?.drafts.front()
    }

    /// Takes out the oldest message for a user.
    pub(super) fn pop(&mut self, to: &UserId) {
        self.queue(to).drafts.pop_front();
        self.tidy(to);
    }

    /// Takes out all messages for a user.
    pub(super) fn take(&mut self, to: &UserId) -> VecDeque<Draft> {
        let drafts = std::mem::take(&mut self.queue(to).drafts);
        self.tidy(to);
        drafts
    }

    /// Holds all messages for a user back until those that are recalled have been read: they have
    /// the lower numbers, and these are among them.
    pub(super) fn recall(&mut self, to: &UserId) {
        let queue = self.queue(to);
        queue.recalls += 1;
        queue.resumption = None;
        queue.drafts.clear();
    }

    /// Takes the recalled messages, in place of what was here; not if another recall followed, whose
    /// messages are more.
    pub(super) fn on_recalled(&mut self, to: &UserId, drafts: impl IntoIterator<Item = Draft>) {
        let queue = self.queue(to);
        queue.recalls = queue.recalls.saturating_sub(1);
        if queue.recalls == 0 {
            queue.drafts = drafts.into_iter().collect();
        }
        self.tidy(to);
    }

    fn queue(&mut self, to: &UserId) -> &mut Queue {
        self.queues.entry(to.clone()).or_default()
    }

    fn tidy(&mut self, to: &UserId) {
        if self.queues.get(to).is_some_and(Queue::is_done) {
            self.queues.remove(to);
        }
    }
}

impl Queue {
    fn is_done(&self) -> bool {
        self.resumption.is_none() && self.drafts.is_empty() && self.recalls == 0
    }
}

#[cfg(test)]
mod tests {
    use breeze_core::id::Epoch;

    use super::*;

    fn bob() -> UserId {
        UserId::new("bob").expect("user")
    }

    fn id(seq: u64) -> MessageId {
        MessageId { epoch: Epoch::from_bits(1), seq }
    }

    fn draft(seq: u64) -> Draft {
        Draft { id: id(seq), text: String::new(), sent_ms: 0 }
    }

    fn drain(waiting: &mut Waiting) -> Vec<u64> {
        let mut numbers = Vec::new();
        while let Some(first) = waiting.first(&bob()) {
            numbers.push(first.id.seq);
            waiting.pop(&bob());
        }
        numbers
    }

    #[test]
    fn a_numbering_goes_on_before_anything_is_handed_over() {
        let mut waiting = Waiting::default();
        for seq in [2, 3, 7] {
            waiting.on_stored(&bob(), id(seq));
        }
        assert_eq!(waiting.recipients(), [bob()]);
        assert_eq!(waiting.resumption(&bob()), Some(Resumption { first: id(2), stored: 7 }));
        waiting.push(&bob(), draft(8));
        waiting.resumed(&bob());
        assert_eq!(waiting.resumption(&bob()), None);
        assert_eq!(drain(&mut waiting), [8]);
        assert!(waiting.queues.is_empty());
    }

    #[test]
    fn what_is_recalled_comes_before_all_that_follows() {
        let mut waiting = Waiting::default();
        waiting.push(&bob(), draft(5));
        waiting.recall(&bob());
        // Accepted before the store was asked, and so among its answer.
        waiting.push(&bob(), draft(6));
        assert!(waiting.recipients().is_empty());
        waiting.on_recalled(&bob(), (3..=6).map(draft));
        waiting.push(&bob(), draft(7));
        assert_eq!(waiting.recipients(), [bob()]);
        assert_eq!(drain(&mut waiting), [3, 4, 5, 6, 7]);
        assert!(waiting.queues.is_empty());
    }

    #[test]
    fn of_two_recalls_the_later_one_counts() {
        let mut waiting = Waiting::default();
        waiting.recall(&bob());
        waiting.recall(&bob());
        waiting.on_recalled(&bob(), [draft(5)]);
        assert!(waiting.recipients().is_empty());
        assert!(waiting.first(&bob()).is_none());
        waiting.on_recalled(&bob(), [draft(4), draft(5)]);
        assert_eq!(drain(&mut waiting), [4, 5]);
        // One that brings nothing leaves nothing behind.
        waiting.recall(&bob());
        waiting.on_recalled(&bob(), []);
        assert!(waiting.queues.is_empty());
    }

    #[test]
    fn all_can_be_taken_away() {
        let mut waiting = Waiting::default();
        waiting.push(&bob(), draft(1));
        waiting.push(&bob(), draft(2));
        assert_eq!(waiting.take(&bob()).len(), 2);
        assert!(waiting.queues.is_empty());
        assert!(waiting.take(&bob()).is_empty());
        assert!(waiting.queues.is_empty());
    }
}
