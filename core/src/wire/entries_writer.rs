use super::{Entries, PeerEntry};
#[cfg(feature = "alloc")]
use crate::limits::MIN_MAX_FRAME;
use crate::limits::{MAX_ENTRIES, MAX_ENTRIES_BYTES};

/// Encodes [`PeerEntry`]s into a fixed buffer, as many as one page or delta may hold.
#[derive(Debug)]
pub struct EntriesWriter<'b> {
    buf: &'b mut [u8],
    used: usize,
    count: usize,
}

impl<'b> EntriesWriter<'b> {
    /// Makes a writer into `buf`. A shorter buffer than [`MAX_ENTRIES_BYTES`] makes shorter pages.
    pub fn new(buf: &'b mut [u8]) -> Self {
        let usable = buf.len().min(MAX_ENTRIES_BYTES);
        Self { buf: &mut buf[..usable], used: 0, count: 0 }
    }

    /// Appends an entry and returns true, or changes nothing and returns false if the page is
    /// full.
    pub fn push(&mut self, entry: &PeerEntry) -> bool {
        if self.count == MAX_ENTRIES {
            return false;
        }
        let Ok(written) = postcard::to_slice(entry, &mut self.buf[self.used..]) else {
            return false;
        };
        self.used += written.len();
        self.count += 1;
        true
    }

    /// Appends an entry that is [encoded](encode_entry) already, as [`push`](Self::push) does.
    #[cfg(feature = "alloc")]
    pub(crate) fn push_encoded(&mut self, entry: &[u8]) -> bool {
        let Some(place) = self.buf.get_mut(self.used..self.used + entry.len()) else {
            return false;
        };
        if self.count == MAX_ENTRIES {
            return false;
        }
        place.copy_from_slice(entry);
        self.used += entry.len();
        self.count += 1;
        true
    }

    /// Tells whether nothing has been appended.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the entries, to be sent.
    pub fn finish(self) -> Entries<'b> {
        Entries::new(&self.buf[..self.used])
    }
}

/// Encodes an entry, to be pushed as often as it is needed.
#[cfg(feature = "alloc")]
pub(crate) fn encode_entry(entry: &PeerEntry) -> alloc::boxed::Box<[u8]> {
    // A single one fits in the smallest frame.
    let mut buf = [0; MIN_MAX_FRAME];
    postcard::to_slice(entry, &mut buf).map(|entry| (*entry).into()).unwrap_or_default()
}

#[cfg(test)]
#[path = "entries_writer_tests.rs"]
mod tests;
