use alloc::vec::Vec;

use crate::id::UserId;
use crate::wire::{Message, append_frame, append_relayed};

/// Bytes of memory that queues have given back and others take next, together: those who talk at a time
/// share it.
const SPARE: usize = 16 * 1024 * 1024;

/// Holds memory that queues have given back.
#[derive(Debug)]
pub(super) struct Spare {
    pieces: Vec<Vec<u8>>,
    bytes: usize,
}

/// Holds frames that wait for their link, as the stream that goes into its records.
#[derive(Debug, Default)]
pub(super) struct SendQueue {
    bytes: Vec<u8>,
    /// Bytes at the front that were sent.
    sent: usize,
}

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

    /// Adds a message from a user that is passed on as it came.
    pub(super) fn push_relayed(&mut self, from: &UserId, item: &[u8]) {
        append_relayed(&mut self.bytes, from, item);
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

    /// Takes memory for its frames, if it has none.
    pub(super) fn take(&mut self, spare: &mut Spare) {
        if self.bytes.capacity() == 0
            && let Some(bytes) = spare.pieces.pop()
        {
            spare.bytes -= bytes.capacity();
            self.bytes = bytes;
        }
    }

    /// Gives its memory back, once nothing is left in it.
    pub(super) fn release(&mut self, spare: &mut Spare) {
        if self.bytes.is_empty() && self.bytes.capacity() > 0 {
            let bytes = core::mem::take(&mut self.bytes);
            if spare.bytes + bytes.capacity() <= SPARE {
                spare.bytes += bytes.capacity();
                spare.pieces.push(bytes);
            }
        }
    }
}

impl Spare {
    pub(super) const fn new() -> Self {
        Self { pieces: Vec::new(), bytes: 0 }
    }

    /// Bytes that it holds.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.bytes
    }
}
