use heapless::Vec;

use super::varint;
use crate::error::DecodeError;
use crate::limits::{MAX_FRAME, MAX_RECORD, MIN_MAX_FRAME, MIN_MAX_RECORD, RECORD_HEADER, TAG};

/// Announces what a party can take; the payload of its last handshake message (PROTOCOL.md,
/// "Handshake").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The longest record content, without its tag, in bytes.
    pub max_record: u16,
    /// The longest frame, without its length, in bytes.
    pub max_frame: u32,
    /// Whether it takes [`Message::Watch`](super::Message::Watch): servers do.
    pub takes_watch: bool,
    /// Whether it would have the records of a link encrypted with AES-256-GCM, which is the faster
    /// cipher where the processor has instructions for it. Both sides have to want it.
    pub takes_aes: bool,
    /// Whether it takes files: a client from others, a server to relay them.
    pub takes_files: bool,
}

/// Says, as a bit of the seventh byte, that its sender takes `Watch`.
const TAKES_WATCH: u8 = 0x01;
/// Says, as a bit of the seventh byte, that its sender takes records in AES-256-GCM.
const TAKES_AES: u8 = 0x02;
/// Says, as a bit of the seventh byte, that its sender takes files.
const TAKES_FILES: u8 = 0x04;

impl Hello {
    /// Bytes on the wire, at most.
    pub const MAX_LEN: usize = 7;

    /// What a host with ordinary memory announces.
    pub const HOST: Self = Self {
        max_record: MAX_RECORD as u16,
        max_frame: MAX_FRAME as u32,
        takes_watch: false,
        takes_aes: false,
        takes_files: false,
    };

    /// What a server announces.
    pub const SERVER: Self = Self { takes_watch: true, ..Self::HOST };

    /// Encodes the announcement: `max_record`, then `max_frame`, both big-endian; then what further is
    /// taken, if anything is.
    pub fn encode(&self) -> Vec<u8, { Self::MAX_LEN }> {
        let [r0, r1] = self.max_record.to_be_bytes();
        let [f0, f1, f2, f3] = self.max_frame.to_be_bytes();
        let bits = [
            (self.takes_watch, TAKES_WATCH),
            (self.takes_aes, TAKES_AES),
            (self.takes_files, TAKES_FILES),
        ];
        let further = bits.iter().filter(|(is_taken, _)| *is_taken).map(|(_, bit)| *bit).sum();
        let further: Option<u8> = Some(further).filter(|bits| *bits != 0);
        [r0, r1, f0, f1, f2, f3].into_iter().chain(further).collect()
    }

    /// Decodes an announcement. Bits and bytes beyond the known ones say more than this side knows.
    ///
    /// # Errors
    /// [`DecodeError::TooShort`] without all fields, [`DecodeError::Malformed`] if a limit is too
    /// small to work with.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let Some(&[r0, r1, f0, f1, f2, f3]) = bytes.first_chunk() else {
            return Err(DecodeError::TooShort);
        };
        let max_record = u16::from_be_bytes([r0, r1]);
        let max_frame = u32::from_be_bytes([f0, f1, f2, f3]);
        let workable = usize::from(max_record) >= MIN_MAX_RECORD
            && usize::from(max_record) <= usize::from(u16::MAX) - TAG
            && max_frame as usize >= MIN_MAX_FRAME;
        if !workable {
            return Err(DecodeError::Malformed);
        }
        let takes = |bit: u8| bytes.get(6).is_some_and(|further| further & bit != 0);
        Ok(Self {
            max_record,
            max_frame,
            takes_watch: takes(TAKES_WATCH),
            takes_aes: takes(TAKES_AES),
            takes_files: takes(TAKES_FILES),
        })
    }

    /// Returns the bytes of a receive buffer that is always large enough for the party that
    /// announces this, however its peer cuts frames into records.
    pub const fn receive_buffer(&self) -> usize {
        // All of the largest frame but its last byte, the tag before it, and the longest record.
        let beyond = varint::len(self.max_frame) - 1 + TAG;
        let record = RECORD_HEADER + self.max_record as usize + TAG;
        (self.max_frame as usize).saturating_add(beyond + record)
    }

    /// Returns the bytes of an empty send buffer into which a frame of `frame` bytes, without its
    /// length, fits when it goes to the party that announced this.
    pub const fn send_buffer(&self, frame: usize) -> usize {
        let len = if frame > u32::MAX as usize { u32::MAX } else { frame as u32 };
        let content = frame.saturating_add(varint::len(len));
        let overhead = content.div_ceil(self.record_cap()).saturating_mul(RECORD_HEADER + TAG);
        content.saturating_add(overhead)
    }

    /// Returns how much content the core puts into a record for the party that announced this.
    pub(super) const fn record_cap(&self) -> usize {
        let announced = self.max_record as usize;
        match announced {
            0 => 1,
            1..MAX_RECORD => announced,
            _ => MAX_RECORD,
        }
    }
}

#[cfg(test)]
#[path = "hello_tests.rs"]
mod tests;
