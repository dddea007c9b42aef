use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::id::UserId;
use crate::wire::{Message, append_frame, append_relayed};

/// Bytes of memory that queues have given back and others take next, together: those who talk at a time
/// share it.
const SPARE: usize = 16 * 1024 * 1024;

/// Holds memory that queues have given back.
#[derive(Debug)]
pub(super) struct Spare {
    #[expect(clippy::vec_box, reason = "it is the boxes that queues have given back")]
    pieces: Vec<Box<Frames>>,
    bytes: usize,
}

/// Holds frames that wait for their link, as the stream that goes into its records; nothing, as long as
/// there are none.
#[derive(Debug, Default)]
pub(super) struct SendQueue(Option<Box<Frames>>);

#[derive(Debug, Default)]
struct Frames {
    bytes: Vec<u8>,
    /// Bytes at the front that were sent.
    sent: usize,
    /// The memory that they take, as it was counted last.
    counted: usize,
}

impl SendQueue {
    pub(super) fn len(&self) -> usize {
        self.pending().len()
    }

    /// Counts the memory that it takes among that of all queues, after it may have grown.
    pub(super) fn count(&mut self, all: &mut usize) {
        if let Some(frames) = &mut self.0 {
            *all = *all - frames.counted + frames.bytes.capacity();
            frames.counted = frames.bytes.capacity();
        }
    }

    pub(super) fn push(&mut self, message: &Message<'_>) {
        append_frame(&mut self.0.get_or_insert_default().bytes, message);
    }

    /// Adds a message from a user that is passed on as it came.
    pub(super) fn push_relayed(&mut self, from: &UserId, item: &[u8]) {
        append_relayed(&mut self.0.get_or_insert_default().bytes, from, item);
    }

    /// The bytes to send next.
    pub(super) fn pending(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |frames| &frames.bytes[frames.sent..])
    }

    /// Drops bytes from the front, now that they are on their way.
    pub(super) fn advance(&mut self, count: usize) {
        let Some(Frames { bytes, sent, .. }) = self.0.as_deref_mut() else { return };
        *sent += count;
        if *sent >= bytes.len() {
            bytes.clear();
            *sent = 0;
        } else if *sent > bytes.len() / 2 {
            bytes.drain(..*sent);
            *sent = 0;
        }
    }

    #[cfg(test)]
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.0.get_or_insert_default().bytes.reserve_exact(bytes);
    }

    /// Takes memory for its frames, if it has none.
    pub(super) fn take(&mut self, spare: &mut Spare) {
        if self.0.is_none()
            && let Some(frames) = spare.pieces.pop()
        {
            spare.bytes -= frames.bytes.capacity();
            self.0 = Some(frames);
        }
    }

    /// Gives its memory back, once nothing is left in it; it is not counted any more.
    pub(super) fn release(&mut self, all: &mut usize, spare: &mut Spare) {
        if let Some(mut frames) = self.0.take_if(|frames| frames.bytes.is_empty()) {
            *all -= core::mem::take(&mut frames.counted);
            if spare.bytes + frames.bytes.capacity() <= SPARE {
                spare.bytes += frames.bytes.capacity();
                spare.pieces.push(frames);
            }
        }
    }

    /// Takes it out of what all queues take.
    pub(super) fn discount(&self, all: &mut usize) {
        *all -= self.0.as_ref().map_or(0, |frames| frames.counted);
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
