use core::fmt;

use super::secret::Secret;
use super::{MAX_MESSAGE, OpenError, RecordCipher, SealError};
use crate::limits::TAG;

/// Records that one key may seal, and open: 2^48, far below the 2^64 - 1 at which Noise itself must
/// stop (rev 34, section 5.1). A link that comes near it closes and the next handshake brings new
/// keys; at a million records a second that takes nine years.
pub const RECORDS_PER_KEY: u64 = 1 << 48;

/// Seals and opens the records of one link, after its handshake.
///
/// Two keys and two counters, 88 bytes; the keys are wiped when it is dropped. Records are opened
/// in the order they were sealed in, each once: any other, repeated, changed or left out, is
/// rejected. Source: Noise rev 34, sections 5.1, 12.3 and 12.4.
pub struct Transport {
    cipher: RecordCipher,
    sealing: Direction,
    opening: Direction,
}

/// The key of one direction, and how many records have gone there.
struct Direction {
    key: Secret<32>,
    records: u64,
}

impl Direction {
    fn count(&mut self, cipher: RecordCipher) {
        self.records += 1;
        cipher.renew(&mut self.key, self.records);
    }
}

impl Transport {
    pub(super) fn new(cipher: RecordCipher, sealing: Secret<32>, opening: Secret<32>) -> Self {
        let [sealing, opening] = [sealing, opening].map(|key| Direction { key, records: 0 });
        Self { cipher, sealing, opening }
    }

    /// Encrypts the first `len` bytes of `buf` in place, puts the 16 bytes of their tag after them
    /// and returns the length of the two, `len + 16`.
    ///
    /// # Errors
    /// `BufferTooSmall` if `len + 16` exceeds the buffer or [`MAX_MESSAGE`], `Exhausted` after
    /// [`RECORDS_PER_KEY`] records. Neither changes the buffer, and the first leaves the link
    /// usable.
    pub fn seal_in_place(&mut self, buf: &mut [u8], len: usize) -> Result<usize, SealError> {
        if self.sealing.records >= RECORDS_PER_KEY {
            return Err(SealError::Exhausted);
        }
        match len.checked_add(TAG) {
            Some(sealed) if sealed <= buf.len().min(MAX_MESSAGE) => {
                let (text, rest) = buf.split_at_mut(len);
                let tag = self.cipher.seal(&self.sealing.key, self.sealing.records, text);
                rest[..TAG].copy_from_slice(&tag);
                self.sealing.count(self.cipher);
                Ok(sealed)
            }
            _ => Err(SealError::BufferTooSmall),
        }
    }

    /// Decrypts `buf`, which is one whole record with its tag, in place and returns the length of
    /// the plaintext at its start: 16 less than the record's.
    ///
    /// # Errors
    /// `TooShort` below 16 bytes, `Rejected` if the record is not the peer's next one or longer
    /// than [`MAX_MESSAGE`], `Exhausted` after [`RECORDS_PER_KEY`] records. After each the stream
    /// is lost and the link is to be closed; the buffer then holds no plaintext, and nothing of
    /// use.
    pub fn open_in_place(&mut self, buf: &mut [u8]) -> Result<usize, OpenError> {
        if self.opening.records >= RECORDS_PER_KEY {
            return Err(OpenError::Exhausted);
        }
        let length = buf.len();
        let (text, tag) = buf.split_last_chunk_mut().ok_or(OpenError::TooShort)?;
        if length > MAX_MESSAGE {
            return Err(OpenError::Rejected);
        }
        let opened = self.cipher.open(&self.opening.key, self.opening.records, text, *tag);
        opened.map_err(|()| OpenError::Rejected)?;
        self.opening.count(self.cipher);
        Ok(text.len())
    }

    #[cfg(all(test, feature = "alloc"))]
    pub(crate) fn cipher(&self) -> RecordCipher {
        self.cipher
    }

    #[cfg(test)]
    pub(super) fn set_counters(&mut self, sealing: u64, opening: u64) {
        self.sealing.records = sealing;
        self.opening.records = opening;
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("cipher", &self.cipher)
            .field("sealed", &self.sealing.records)
            .field("opened", &self.opening.records)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::super::tests::{open, seal, transports};
    use super::*;
    use crate::test_cases::all;

    /// Records go on past the renewal of their key, at both ends.
    #[test]
    #[cfg(all(feature = "ring", not(miri)))]
    fn keys_of_aes_are_renewed_along_the_way() {
        use super::super::record_cipher::REKEY_AFTER;

        let [there, back] = [1, 2].map(|byte| Secret([byte; 32]));
        let mut a = Transport::new(RecordCipher::AesGcm, there.clone(), back.clone());
        let mut b = Transport::new(RecordCipher::AesGcm, back, there);
        a.set_counters(REKEY_AFTER - 2, 5);
        b.set_counters(5, REKEY_AFTER - 2);
        for text in [b"one", b"two", b"six", b"ten"] {
            let record = seal(&mut a, text);
            assert_eq!(open(&mut b, &record), Ok(text.to_vec()));
            assert_eq!(open(&mut b, &record), Err(OpenError::Rejected), "a replay");
        }
        let record = seal(&mut b, b"back");
        assert_eq!(open(&mut a, &record), Ok(b"back".to_vec()));
    }

    #[test]
    fn stays_small() {
        assert!(size_of::<Transport>() <= 96, "{}", size_of::<Transport>());
    }

    #[test]
    #[cfg_attr(miri, ignore = "takes minutes")]
    fn records_go_both_ways_at_every_size() {
        let (mut a, mut b) = transports();
        for len in [0, 1, 15, 16, 17, 64, 255, 4096, MAX_MESSAGE - TAG] {
            let text: Vec<u8> = (0..len).map(|i| i as u8).collect();
            for _ in 0..2 {
                let record = seal(&mut a, &text);
                assert_eq!(record.len(), len + TAG);
                assert_eq!(open(&mut b, &record), Ok(text.clone()));
                let record = seal(&mut b, &text);
                assert_eq!(open(&mut a, &record), Ok(text.clone()));
            }
        }
    }

    #[test]
    fn the_rest_of_the_buffer_is_left_alone() {
        let (mut a, _) = transports();
        let mut buf = [0x5a; 40];
        assert_eq!(a.seal_in_place(&mut buf, 3), Ok(19));
        assert_ne!(buf[..3], [0x5a; 3]);
        assert_eq!(buf[19..], [0x5a; 21]);
    }

    #[test]
    fn a_buffer_too_small_is_refused_and_costs_nothing() {
        let (mut a, mut b) = transports();
        let mut buf = std::vec![0x5a; MAX_MESSAGE + 1];
        let wrong_lengths = [
            (15, 0),
            (16, 1),
            (16, 17),
            (0, 0),
            (100, usize::MAX),
            (100, usize::MAX - 15),
            (MAX_MESSAGE + 1, MAX_MESSAGE - TAG + 1),
        ];
        for (size, len) in wrong_lengths {
            let refused = a.seal_in_place(&mut buf[..size], len);
            assert_eq!(refused, Err(SealError::BufferTooSmall), "{len} in {size}");
        }
        assert!(buf.iter().all(|&byte| byte == 0x5a));
        let record = seal(&mut a, b"first");
        assert_eq!(open(&mut b, &record), Ok(b"first".to_vec()));
    }

    #[test]
    #[cfg_attr(miri, ignore = "takes minutes")]
    fn wrong_lengths_are_refused() {
        let (mut a, mut b) = transports();
        let record = seal(&mut a, b"hello");
        for len in 0..TAG {
            assert_eq!(open(&mut b, &record[..len]), Err(OpenError::TooShort));
        }
        for len in TAG..record.len() {
            assert_eq!(open(&mut b, &record[..len]), Err(OpenError::Rejected));
        }
        let longer = [&record[..], &[0]].concat();
        assert_eq!(open(&mut b, &longer), Err(OpenError::Rejected));
        // Authentic but for its length, which no honest peer's record has.
        let mut record = std::vec![0; MAX_MESSAGE + 1];
        let (a, mut b) = transports();
        let (text, tag) = record.split_last_chunk_mut().expect("a tag");
        *tag = RecordCipher::ChaChaPoly.seal(&a.sealing.key, 0, text);
        assert_eq!(open(&mut b, &record), Err(OpenError::Rejected));
    }

    #[test]
    fn a_flip_of_any_bit_is_refused() {
        let (mut a, mut b) = transports();
        let record = seal(&mut a, b"hello");
        for bit in all(0..record.len() * 8) {
            let mut wrong = record.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(b.open_in_place(&mut wrong), Err(OpenError::Rejected), "bit {bit}");
            assert_ne!(&wrong[..5], b"hello");
        }
    }

    #[test]
    fn replay_reorder_omission_and_reflection_are_refused() {
        let (mut a, mut b) = transports();
        let [first, second, third] = [b"one", b"two", b"six"].map(|text| seal(&mut a, text));
        assert_eq!(open(&mut b, &second), Err(OpenError::Rejected));
        assert_eq!(open(&mut b, &first), Ok(b"one".to_vec()));
        assert_eq!(open(&mut b, &first), Err(OpenError::Rejected));
        assert_eq!(open(&mut b, &third), Err(OpenError::Rejected));
        assert_eq!(open(&mut b, &second), Ok(b"two".to_vec()));
        assert_eq!(open(&mut b, &third), Ok(b"six".to_vec()));
        let (mut a, _) = transports();
        let record = seal(&mut a, b"back to you");
        assert_eq!(open(&mut a, &record), Err(OpenError::Rejected));
    }

    #[test]
    fn both_directions_stop_at_the_limit() {
        let (mut a, mut b) = transports();
        a.set_counters(RECORDS_PER_KEY - 1, RECORDS_PER_KEY - 1);
        b.set_counters(RECORDS_PER_KEY - 1, RECORDS_PER_KEY - 1);
        let last = seal(&mut a, b"last");
        assert_eq!(open(&mut b, &last), Ok(b"last".to_vec()));
        let mut buf = *b"no more.................";
        assert_eq!(a.seal_in_place(&mut buf, 7), Err(SealError::Exhausted));
        assert_eq!(&buf, b"no more.................");
        assert_eq!(open(&mut b, &last), Err(OpenError::Exhausted));
        // The other direction has a counter of its own.
        let last = seal(&mut b, b"last");
        assert_eq!(open(&mut a, &last), Ok(b"last".to_vec()));
        assert_eq!(open(&mut a, &last), Err(OpenError::Exhausted));
    }
}
