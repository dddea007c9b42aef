//! Messages in pieces, sealed by RustCrypto's ciphers: for any device.

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use poly1305::Poly1305;
use poly1305::universal_hash::{KeyInit, UniversalHash};
use zeroize::Zeroizing;

use super::secret::Secret;
use super::suite::ChaChaPoly;
use crate::limits::TAG;

/// Bytes that are sealed at a time: a block of the cipher.
const PIECE: usize = 64;

/// Seals a text that comes in pieces, one after the other: that takes no room for all of it.
pub(super) fn seal<'p>(
    key: &Secret<32>,
    counter: u64,
    _len: usize,
    pieces: impl Iterator<Item = &'p [u8]>,
    put: &mut dyn FnMut(&[u8]),
) {
    let mut sealer = Sealer::new(key, counter);
    for chunk in pieces.flat_map(|piece| piece.chunks(PIECE)) {
        let mut piece = [0; PIECE];
        let piece = &mut piece[..chunk.len()];
        piece.copy_from_slice(chunk);
        sealer.encrypt(piece);
        put(piece);
    }
    put(&sealer.finish());
}

/// Bytes that the authenticator takes at a time.
const BLOCK: usize = 16;

/// Encrypts one message in pieces, as they lie in the outbox, and authenticates them together:
/// ChaCha20-Poly1305 with empty associated data, as the ciphers of this module do it for a message
/// that lies in one place. Source: RFC 8439, section 2.8.
pub(super) struct Sealer {
    cipher: ChaCha20,
    mac: Poly1305,
    /// Ciphertext that does not fill a block yet.
    rest: [u8; BLOCK],
    filled: usize,
    len: u64,
}

impl Sealer {
    pub(super) fn new(key: &Secret<32>, counter: u64) -> Self {
        let mut cipher = ChaCha20::new((&key.0).into(), &ChaChaPoly::nonce(counter).into());
        // The first block of the stream is the authenticator's key and nothing else.
        let mut block = Zeroizing::new([0; 64]);
        cipher.apply_keystream(block.as_mut_slice());
        let mut mac_key = Zeroizing::new([0; 32]);
        mac_key.copy_from_slice(&block[..32]);
        let mac = Poly1305::new((&*mac_key).into());
        Self { cipher, mac, rest: [0; BLOCK], filled: 0, len: 0 }
    }

    /// Encrypts the next piece in place.
    pub(super) fn encrypt(&mut self, piece: &mut [u8]) {
        self.cipher.apply_keystream(piece);
        self.len += piece.len() as u64;
        let mut piece: &[u8] = piece;
        if self.filled > 0 {
            let (now, later) = piece.split_at(piece.len().min(BLOCK - self.filled));
            self.rest[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled += now.len();
            piece = later;
            if self.filled < BLOCK {
                return;
            }
            self.mac.update(&[self.rest.into()]);
        }
        let (whole, rest) = piece.split_at(piece.len() - piece.len() % BLOCK);
        // It pads nothing, being whole blocks.
        self.mac.update_padded(whole);
        self.rest[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
    }

    /// Returns the tag that follows the last piece.
    pub(super) fn finish(mut self) -> [u8; TAG] {
        self.mac.update_padded(&self.rest[..self.filled]);
        let mut lengths = [0; BLOCK];
        lengths[8..].copy_from_slice(&self.len.to_le_bytes());
        self.mac.update(&[lengths.into()]);
        self.mac.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::super::cipher_portable;
    use super::*;
    use crate::test_cases::cases;

    proptest! {
        #![proptest_config(cases(256))]

        /// The cipher of whole messages is tested with the RFC's own vectors.
        #[test]
        fn pieces_come_to_the_same_as_the_whole(
            key: [u8; 32],
            counter: u64,
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..70), 0..9),
        ) {
            let key = Secret(key);
            let mut whole: Vec<u8> = pieces.concat();
            let (len, text) = (whole.len(), pieces.clone());
            let tag = cipher_portable::seal(&key, ChaChaPoly::nonce(counter), &[], &mut whole);
            let mut sealer = Sealer::new(&key, counter);
            let mut sealed = Vec::new();
            for mut piece in pieces {
                sealer.encrypt(&mut piece);
                sealed.extend(piece);
            }
            prop_assert_eq!(&sealed, &whole);
            prop_assert_eq!(sealer.finish(), tag);
            let mut out = Vec::new();
            let parts = text.iter().map(|piece| &piece[..]);
            seal(&key, counter, len, parts, &mut |piece| out.extend_from_slice(piece));
            prop_assert_eq!(&out[..len], &whole[..]);
            prop_assert_eq!(&out[len..], &tag);
        }
    }
}
