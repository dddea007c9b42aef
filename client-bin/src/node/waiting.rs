use std::collections::{BTreeMap, VecDeque};

use breeze_core::id::UserId;

use crate::ndjson::Reference;

/// Messages that may wait in all, and their bytes; more are refused.
const MAX_MESSAGES: usize = 10_000;
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Holds messages that the core's outbox has no room for yet, in order for each recipient.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    queues: BTreeMap<UserId, VecDeque<Draft>>,
    messages: usize,
    bytes: usize,
}

/// A message before it has a number.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) reference: Option<Reference>,
}

impl Waiting {
    /// Takes a message, or gives it back if too many wait.
    pub(super) fn push(&mut self, to: &UserId, draft: Draft) -> Result<(), Draft> {
        if self.messages >= MAX_MESSAGES || self.bytes + draft.text.len() > MAX_BYTES {
            return Err(draft);
        }
        self.messages += 1;
        self.bytes += draft.text.len();
        self.queues.entry(to.clone()).or_default().push_back(draft);
        Ok(())
    }

    pub(super) fn has(&self, to: &UserId) -> bool {
        self.queues.contains_key(to)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages == 0
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
    pub(super) fn pop(&mut self, to: &UserId) -> Option<Draft> {
        let queue = self.queues.get_mut(to)?;
        let draft = queue.pop_front()?;
        self.messages -= 1;
        self.bytes -= draft.text.len();
        if queue.is_empty() {
            self.queues.remove(to);
        }
        Some(draft)
    }
}
