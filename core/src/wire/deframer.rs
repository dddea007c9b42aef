use core::ops::Range;

use super::{Hello, Step, varint};
use crate::error::CloseReason;
use crate::limits::{RECORD_HEADER, TAG};

/// Finds the frames in the records of one direction of a link, in the host's own receive buffer.
///
/// It holds no bytes. The host keeps whatever is not consumed at the front of its buffer, appends
/// what arrives, and passes all of it. Between calls the buffer looks like this:
///
/// ```text
/// | plaintext of opened records | gap | records as they arrived ... |
/// ```
///
/// The gap is the tag of the last record that was opened. A frame is a borrow of the plaintext.
/// If a frame goes on in the next record, that record is opened where it is and the plaintext
/// before it, which is less than one frame, moves up to it.
///
/// [`Hello::receive_buffer`] tells which buffer is always large enough.
#[derive(Clone, Debug)]
pub struct Deframer {
    limits: Hello,
    /// Bytes of opened plaintext at the front of the buffer: less than one whole frame once
    /// `next` has returned none.
    open: u32,
    /// Bytes of the gap. Zero if nothing is open.
    gap: u16,
    /// Set by the first error; there is no way to find the next frame after it.
    dead: Option<CloseReason>,
}

impl Deframer {
    /// Makes a deframer for a link on which this party announced `limits`.
    pub const fn new(limits: Hello) -> Self {
        Self { limits, open: 0, gap: 0, dead: None }
    }

    /// Takes frames of another length from now on.
    pub(crate) fn limit_frames(&mut self, max_frame: u32) {
        self.limits.max_frame = max_frame;
    }

    /// Finds the next frame in `bytes`, which is everything that the host has not dropped yet.
    ///
    /// `open` decrypts one record in place: it is given the whole ciphertext with its tag and
    /// returns the length of the plaintext, which it leaves at the front. It is called for as many
    /// records as the next frame needs.
    ///
    /// The host calls again, with what is left after dropping [`Step::consumed`] bytes, until
    /// there is no frame. A host that passes fewer bytes than it was left with, which is a mistake
    /// of its own, gets no frame and a [`Step::need`] that says how many there should be; nothing
    /// changes.
    ///
    /// # Errors
    /// The error of `open`; [`CloseReason::TooLarge`] if a record or frame is longer than
    /// announced, as soon as its length is there; [`CloseReason::Malformed`] if a record or frame
    /// is empty or the length of a frame is no minimal varint of 32 bits. After the first error
    /// every call returns the same.
    pub fn next<'b>(
        &mut self,
        bytes: &'b mut [u8],
        open: impl FnMut(&mut [u8]) -> Result<usize, CloseReason>,
    ) -> Result<Step<'b>, CloseReason> {
        if let Some(reason) = self.dead {
            return Err(reason);
        }
        let step = self.advance(bytes, open);
        self.dead = step.as_ref().err().copied();
        step
    }

    fn advance<'b>(
        &mut self,
        bytes: &'b mut [u8],
        mut open: impl FnMut(&mut [u8]) -> Result<usize, CloseReason>,
    ) -> Result<Step<'b>, CloseReason> {
        // Bytes of the buffer that are used up, of plaintext, and of the gap after it.
        let (mut consumed, mut plain, mut gap) = (0, self.open as usize, usize::from(self.gap));
        if bytes.len() < plain + gap {
            return Ok(Step { consumed, frame: None, need: plain + gap });
        }
        let need = loop {
            if let Some(frame) = self.find_frame(&bytes[consumed..consumed + plain])? {
                let frame = consumed + frame.start..consumed + frame.end;
                plain -= frame.end - consumed;
                consumed = frame.end;
                if plain == 0 {
                    consumed += core::mem::take(&mut gap);
                }
                self.keep(plain, gap)?;
                return Ok(Step { consumed, frame: Some(&mut bytes[frame]), need: 0 });
            }
            let header = consumed + plain + gap;
            let Some(length) = bytes.get(header..header + RECORD_HEADER) else {
                // No record is shorter than its length, one byte and its tag.
                break plain + gap + RECORD_HEADER + 1 + TAG;
            };
            let sealed = self.sealed_len([length[0], length[1]])?;
            let content = header + RECORD_HEADER;
            let Some(record) = bytes.get_mut(content..content + sealed) else {
                break plain + gap + RECORD_HEADER + sealed;
            };
            let opened = open(record)?;
            if opened == 0 || opened > sealed {
                return Err(CloseReason::Malformed);
            }
            let joined = content - plain;
            bytes.copy_within(consumed..consumed + plain, joined);
            consumed = joined;
            plain += opened;
            gap = sealed - opened;
        };
        self.keep(plain, gap)?;
        Ok(Step { consumed, frame: None, need })
    }

    /// Returns where the first frame lies in the plaintext, if all of it is there.
    fn find_frame(&self, plain: &[u8]) -> Result<Option<Range<usize>>, CloseReason> {
        let Some((len, start)) = varint::decode(plain)? else {
            return Ok(None);
        };
        if len == 0 {
            return Err(CloseReason::Malformed);
        }
        if len > self.limits.max_frame {
            return Err(CloseReason::TooLarge);
        }
        let end = start.saturating_add(len as usize);
        Ok((end <= plain.len()).then_some(start..end))
    }

    /// Checks the length of a record. Empty ones are refused: they would cost their receiver work
    /// and carry nothing.
    fn sealed_len(&self, header: [u8; RECORD_HEADER]) -> Result<usize, CloseReason> {
        let sealed = usize::from(u16::from_be_bytes(header));
        if sealed <= TAG {
            return Err(CloseReason::Malformed);
        }
        let fits = sealed - TAG <= usize::from(self.limits.max_record);
        if fits { Ok(sealed) } else { Err(CloseReason::TooLarge) }
    }

    fn keep(&mut self, plain: usize, gap: usize) -> Result<(), CloseReason> {
        self.open = u32::try_from(plain).map_err(|_| CloseReason::TooLarge)?;
        self.gap = u16::try_from(gap).map_err(|_| CloseReason::TooLarge)?;
        Ok(())
    }
}

#[cfg(test)]
#[path = "deframer_tests.rs"]
mod tests;
