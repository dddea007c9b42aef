//! A host as the tests of framing need it.

use std::vec;
use std::vec::Vec;

use super::{Deframer, Hello};
use crate::error::CloseReason;
use crate::limits::{MIN_MAX_FRAME, MIN_MAX_RECORD, TAG};

/// What the smallest device announces.
pub(super) const SMALL: Hello = Hello {
    max_record: MIN_MAX_RECORD as u16,
    max_frame: MIN_MAX_FRAME as u32,
    takes_watch: false,
    takes_aes: false,
    takes_files: false,
};

/// Does what a host does with its receive buffer of a fixed size.
pub(super) struct Host {
    pub(super) buf: Vec<u8>,
    pub(super) used: usize,
    deframer: Deframer,
    pub(super) frames: Vec<Vec<u8>>,
    /// The largest need that the deframer told.
    pub(super) most: usize,
}

impl Host {
    pub(super) fn new(limits: Hello, size: usize) -> Self {
        let deframer = Deframer::new(limits);
        // Dirty: nothing may be read beyond what has arrived.
        Self { buf: vec![0xaa; size], used: 0, deframer, frames: Vec::new(), most: 0 }
    }

    /// Takes in some of `bytes`, as much as fits, and returns how much that was.
    pub(super) fn receive(
        &mut self,
        bytes: &[u8],
        mut open: impl FnMut(&mut [u8]) -> Result<usize, CloseReason>,
    ) -> Result<usize, CloseReason> {
        let taken = bytes.len().min(self.buf.len() - self.used);
        self.buf[self.used..self.used + taken].copy_from_slice(&bytes[..taken]);
        self.used += taken;
        loop {
            let step = self.deframer.next(&mut self.buf[..self.used], &mut open)?;
            let (consumed, need) = (step.consumed, step.need);
            let frame = step.frame.map(|frame| frame.to_vec());
            assert!(consumed <= self.used);
            self.buf.copy_within(consumed..self.used, 0);
            self.used -= consumed;
            self.buf[self.used..].fill(0xaa);
            match frame {
                Some(frame) => {
                    assert_eq!(need, 0);
                    self.frames.push(frame);
                }
                None => {
                    assert!(need > self.used, "more bytes are needed than there are");
                    self.most = self.most.max(need);
                    return Ok(taken);
                }
            }
        }
    }
}

/// Frames as a stream, each after its length.
#[cfg(test)]
pub(super) fn stream(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut stream = Vec::new();
    for frame in frames {
        let mut out = [0; super::varint::MAX_LEN];
        stream.extend_from_slice(super::varint::encode(frame.len() as u32, &mut out));
        stream.extend_from_slice(frame);
    }
    stream
}

/// A record whose content is not encrypted.
pub(super) fn record(content: &[u8]) -> Vec<u8> {
    let mut record = ((content.len() + TAG) as u16).to_be_bytes().to_vec();
    record.extend_from_slice(content);
    record.extend_from_slice(&[0xcc; TAG]);
    record
}
