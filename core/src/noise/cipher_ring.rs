//! ChaChaPoly of `ring`: assembly, for hosts.
//!
//! Setting up a key copies its 32 bytes and no more, so there is one per record and a
//! [`Transport`](super::Transport) stays as small as its two keys and counters.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use super::secret::Secret;
use crate::limits::TAG;

/// Encrypts `buf` in place and returns its tag.
///
/// # Panics
/// If `buf` has 256 GiB or more, against the 64 KiB of the longest Noise message.
pub(super) fn seal(key: &Secret<32>, nonce: [u8; 12], ad: &[u8], buf: &mut [u8]) -> [u8; TAG] {
    let sealed = cipher(key)
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(ad), buf)
        .expect("a Noise message is far shorter than the cipher's limit");
    let mut tag = [0; TAG];
    tag.copy_from_slice(sealed.as_ref());
    tag
}

/// Decrypts `buf` in place if its tag is right. Leaves no plaintext in it if not.
pub(super) fn open(
    key: &Secret<32>,
    nonce: [u8; 12],
    ad: &[u8],
    buf: &mut [u8],
    tag: [u8; TAG],
) -> Result<(), ()> {
    let nonce = Nonce::assume_unique_for_key(nonce);
    cipher(key)
        .open_in_place_separate_tag(nonce, Aad::from(ad), tag.into(), buf, 0..)
        .map(|_| ())
        .map_err(|_| ())
}

fn cipher(key: &Secret<32>) -> LessSafeKey {
    let key = UnboundKey::new(&CHACHA20_POLY1305, &key.0);
    LessSafeKey::new(key.expect("the key has the cipher's 32 bytes"))
}
