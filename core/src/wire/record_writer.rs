use postcard::ser_flavors::Flavor;

use super::{Hello, Message, WriteError, encoded_len, varint};
use crate::error::CloseReason;
use crate::limits::{MAX_USER_ID, RECORD_HEADER, SEALED_ENVELOPE, TAG};

/// Bytes that a record needs beyond its content.
const OVERHEAD: usize = RECORD_HEADER + TAG;

/// Bytes of a message up to its body, at most, those of a relayed one: two variant numbers, the
/// recipient with its length, four varints of 64 bits, and the envelope with its length. The
/// body's length, then zero, is one more.
const MAX_HEAD: usize = 2 + 1 + MAX_USER_ID + 4 * 10 + 1 + SEALED_ENVELOPE + 1;

/// Bytes of a message up to a body that is filled in, and of the frame's length, at most: two variant
/// numbers, three varints of 64 bits, and the body's length.
#[cfg(feature = "files")]
const FILLED_HEAD: usize = 2 + 3 * 10 + 2 * varint::MAX_LEN;

/// Bytes that BLAKE3 hashes at a time.
#[cfg(feature = "files")]
const HASHED: usize = 1024;

/// Builds sealed records right in the buffer that the host is about to send.
///
/// Frames are written one after the other into the content of the open record, which is sealed in
/// place when it is full, and by [`finish`](Self::finish). `seal` is given a record's content with
/// 16 spare bytes for the tag behind it, and the content's length; it returns the length of both.
#[derive(Debug)]
pub struct RecordWriter<'b, S> {
    buf: &'b mut [u8],
    /// Content of a record at most.
    cap: usize,
    /// Length of a frame at most.
    max_frame: usize,
    seal: S,
    /// Where the open record starts: the end of the sealed ones.
    start: usize,
    /// Content of the open record so far, always less than `cap`.
    filled: usize,
    /// Set by the first error, after which the buffer's content is of no use.
    dead: Option<CloseReason>,
}

impl<'b, S> RecordWriter<'b, S>
where
    S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>,
{
    /// Makes a writer into `buf` for a peer that announced `limits`.
    pub fn new(buf: &'b mut [u8], limits: Hello, seal: S) -> Self {
        let max_frame = limits.max_frame as usize;
        Self { buf, cap: limits.record_cap(), max_frame, seal, start: 0, filled: 0, dead: None }
    }

    /// Tells whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.start == 0 && self.filled == 0
    }

    /// Returns how many more bytes, of frames and their lengths, the buffer takes.
    pub fn room(&self) -> usize {
        self.content_in(self.buf.len() - self.start).saturating_sub(self.filled)
    }

    /// Returns how much content the records of so many bytes hold.
    fn content_in(&self, len: usize) -> usize {
        let whole = len / (self.cap + OVERHEAD);
        let rest = len % (self.cap + OVERHEAD);
        whole * self.cap + rest.saturating_sub(OVERHEAD)
    }

    /// Writes a message as one frame.
    ///
    /// # Errors
    /// A [`WriteError`], and nothing is written.
    pub fn push(&mut self, message: &Message<'_>) -> Result<(), WriteError> {
        self.begin(encoded_len(message))?;
        // The one error that a flavor can report would hide why sealing failed; `dead` knows.
        let written = postcard::serialize_with_flavor(message, Sink(self));
        self.outcome(written.is_ok())
    }

    /// Writes a message whose body comes in pieces: `message` is the same without its body, which
    /// has to be what comes last in it, and `pieces` hands over one after the other.
    ///
    /// The pieces are `body_len` bytes together. What goes beyond is left out; if there are too
    /// few, the writer is of no use any more, since the frame's length is out already.
    ///
    /// # Errors
    /// A [`WriteError`], and nothing is written.
    pub fn push_with_body(
        &mut self,
        message: &Message<'_>,
        body_len: usize,
        pieces: impl FnOnce(&mut dyn FnMut(&[u8])),
    ) -> Result<(), WriteError> {
        let mut head = [0; MAX_HEAD];
        // The body comes last, so the message without one ends with its length, a single zero.
        let Some((_, head)) =
            postcard::to_slice(message, &mut head).ok().and_then(|encoded| encoded.split_last())
        else {
            return Err(WriteError::TooLarge);
        };
        let body_varint = u32::try_from(body_len).map_err(|_| WriteError::TooLarge)?;
        let fixed = head.len() + varint::len(body_varint);
        self.begin(body_len.checked_add(fixed).ok_or(WriteError::TooLarge)?)?;
        self.put(head);
        self.put(varint::encode(body_varint, &mut [0; varint::MAX_LEN]));
        let mut missing = body_len;
        pieces(&mut |piece| {
            let piece = &piece[..piece.len().min(missing)];
            self.put(piece);
            missing -= piece.len();
        });
        self.outcome(missing == 0)
    }

    /// Returns how many bytes, of frames and their lengths, the buffer takes when it is empty.
    #[cfg(feature = "files")]
    pub(crate) fn whole_room(&self) -> usize {
        self.content_in(self.buf.len())
    }

    /// Returns how many bytes [`push_filled`](Self::push_filled) takes at most, if nothing stands before them.
    #[cfg(feature = "files")]
    pub(crate) fn chunk(&self) -> usize {
        // A small device's buffer may be shorter than the other side's records.
        let room = self.buf.len().saturating_sub(OVERHEAD);
        let most = self.cap.min(self.max_frame).min(room).saturating_sub(FILLED_HEAD);
        // Whole pieces of what hashes are made of, if it is one, take less time to hash.
        if most > HASHED { most - most % HASHED } else { most }
    }

    /// Writes a message whose body is `fill`ed in where it goes, in one piece: `message` is the same without
    /// its body, which has to be what comes last in it. It begins a record of its own if the open one is
    /// too short for it.
    ///
    /// # Errors
    /// A [`WriteError`], and nothing is written.
    #[cfg(feature = "files")]
    pub(crate) fn push_filled(
        &mut self,
        message: &Message<'_>,
        body_len: usize,
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<(), WriteError> {
        let mut head = [0; FILLED_HEAD];
        let Some((_, head)) =
            postcard::to_slice(message, &mut head).ok().and_then(|encoded| encoded.split_last())
        else {
            return Err(WriteError::TooLarge);
        };
        let body_varint = u32::try_from(body_len).map_err(|_| WriteError::TooLarge)?;
        let frame = body_len.saturating_add(head.len() + varint::len(body_varint));
        if frame > self.max_frame || frame.saturating_add(varint::MAX_LEN) > self.cap {
            return Err(WriteError::TooLarge);
        }
        if self.filled + frame + varint::MAX_LEN > self.cap {
            if self.buf.len() - self.start < self.filled + 2 * OVERHEAD + frame + varint::MAX_LEN {
                return Err(WriteError::Full);
            }
            self.seal_record();
        }
        self.begin(frame)?;
        self.put(head);
        self.put(varint::encode(body_varint, &mut [0; varint::MAX_LEN]));
        let at = self.start + RECORD_HEADER + self.filled;
        let Some(place) = self.buf.get_mut(at..at + body_len) else {
            self.dead = Some(CloseReason::TooLarge);
            return self.outcome(false);
        };
        fill(place);
        self.filled += body_len;
        if self.filled == self.cap {
            self.seal_record();
        }
        self.outcome(true)
    }

    /// Writes as much as fits of a stream of frames with their lengths, such as
    /// [`append_frame`](super::append_frame) makes, and returns how many bytes that was.
    ///
    /// It may stop within a frame. Then the rest of the stream comes next on this link, before
    /// any other frame.
    pub fn write_stream(&mut self, bytes: &[u8]) -> usize {
        let taken = bytes.len().min(self.room());
        self.put(&bytes[..taken]);
        taken
    }

    /// Seals what is not sealed yet and returns how many bytes at the front of the buffer are to
    /// be sent.
    ///
    /// # Errors
    /// The error that sealing a record met with; the link is of no use any more.
    pub fn finish(mut self) -> Result<usize, CloseReason> {
        if self.filled > 0 {
            self.seal_record();
        }
        match self.dead {
            None => Ok(self.start),
            Some(reason) => Err(reason),
        }
    }

    /// Writes the length of a frame if all of it fits.
    fn begin(&mut self, len: usize) -> Result<(), WriteError> {
        self.outcome(true)?;
        if len > self.max_frame {
            return Err(WriteError::TooLarge);
        }
        let len_varint = u32::try_from(len).map_err(|_| WriteError::TooLarge)?;
        if self.room().saturating_sub(varint::len(len_varint)) < len {
            return Err(WriteError::Full);
        }
        self.put(varint::encode(len_varint, &mut [0; varint::MAX_LEN]));
        Ok(())
    }

    /// Appends bytes that fit, sealing each record that they fill.
    fn put(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.dead.is_none() {
            let at = self.start + RECORD_HEADER + self.filled;
            let (now, later) = bytes.split_at(bytes.len().min(self.cap - self.filled));
            let Some(place) = self.buf.get_mut(at..at + now.len()) else {
                self.dead = Some(CloseReason::TooLarge);
                return;
            };
            place.copy_from_slice(now);
            self.filled += now.len();
            if self.filled == self.cap {
                self.seal_record();
            }
            bytes = later;
        }
    }

    /// Seals the open record and opens the next.
    fn seal_record(&mut self) {
        if self.dead.is_some() {
            return;
        }
        let sealed = self.filled + TAG;
        let content = self.start + RECORD_HEADER;
        let end = content + sealed;
        // Both hold by construction: `room` keeps the tag's place, and `cap` is below 64 KiB.
        let (Some(place), Ok(length)) = (self.buf.get_mut(content..end), u16::try_from(sealed))
        else {
            self.dead = Some(CloseReason::TooLarge);
            return;
        };
        match (self.seal)(place, self.filled) {
            Ok(len) if len == sealed => {
                self.buf[self.start..content].copy_from_slice(&length.to_be_bytes());
                self.start = end;
                self.filled = 0;
            }
            Ok(_) => self.dead = Some(CloseReason::BadRecord),
            Err(reason) => self.dead = Some(reason),
        }
    }

    /// Reports what went wrong since the writer was made; `complete` says that the frame is.
    fn outcome(&mut self, complete: bool) -> Result<(), WriteError> {
        if !complete && self.dead.is_none() {
            self.dead = Some(CloseReason::Malformed);
        }
        self.dead.map_or(Ok(()), |reason| Err(WriteError::Close(reason)))
    }
}

/// Lets postcard write straight into the records.
struct Sink<'w, 'b, S>(&'w mut RecordWriter<'b, S>);

impl<S> Flavor for Sink<'_, '_, S>
where
    S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>,
{
    type Output = ();

    fn try_extend(&mut self, data: &[u8]) -> postcard::Result<()> {
        self.0.put(data);
        Ok(())
    }

    fn try_push(&mut self, data: u8) -> postcard::Result<()> {
        self.0.put(&[data]);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[path = "record_writer_tests.rs"]
mod tests;
