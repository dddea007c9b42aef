use std::collections::{BTreeMap, VecDeque};

use breeze_core::id::{MessageId, UserId};

/// Holds kept messages that the core's outbox has no room for yet, in order for each recipient.
///
/// What is in the store's outbox and not in the core's is here, so that its quota bounds this too.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    queues: BTreeMap<UserId, VecDeque<Draft>>,
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
        self.queues.entry(to.clone()).or_default().push_back(draft);
    }

    /// Returns the users for whom messages wait.
    pub(super) fn recipients(&self) -> Vec<UserId> {
        self.queues.keys().cloned().collect()
    }

    /// Returns the oldest message for a user.
    pub(super) fn first(&self, to: &UserId) -> Option<&Draft> {
        self.queues.get(to)?.front()
    }

    /// Takes out the oldest message for a user.
    pub(super) fn pop(&mut self, to: &UserId) {
        if let Some(queue) = self.queues.get_mut(to) {
            queue.pop_front();
            if queue.is_empty() {
                self.queues.remove(to);
            }
        }
    }
}
