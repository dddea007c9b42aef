use alloc::vec::Vec;

use crate::wire::{Message, append_frame};

/// Holds frames that wait for their link, as the stream that goes into its records.
#[derive(Debug, Default)]
pub(super) struct SendQueue {
    bytes: Vec<u8>,
    /// Bytes at the front that were sent.
    sent: usize,
}

/// Memory that an empty queue keeps for its next frames.
const KEPT: usize = 4 * 1024;

impl SendQueue {
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    pub(super) fn push(&mut self, message: &Message<'_>) {
        append_frame(&mut self.bytes, message);
    }

    /// The bytes to send next.
    pub(super) fn pending(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    /// Drops bytes from the front, now that they are on their way.
    pub(super) fn advance(&mut self, count: usize) {
        self.sent += count;
        if self.sent >= self.bytes.len() {
            self.bytes.clear();
            self.bytes.shrink_to(KEPT);
            self.sent = 0;
        } else if self.sent > self.bytes.len() / 2 {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }

    #[cfg(test)]
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve_exact(bytes);
    }

    /// Gives its memory back, once nothing is left in it.
    pub(super) fn release(&mut self) {
        if self.bytes.is_empty() {
            self.bytes = Vec::new();
        }
    }
}
