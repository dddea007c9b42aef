//! The ciphers of `ring`: assembly, for hosts.
//!
//! A key is set up for each record, so that a [`Transport`](super::Transport) stays as small as its two
//! keys and counters. For ChaChaPoly that copies 32 bytes; for AES-GCM it takes as long as sealing some
//! hundred bytes, where the keys that are ready would take half a kilobyte for each link.

use ring::aead::{AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use super::secret::Secret;
use crate::limits::TAG;

/// Encrypts `buf` in place with ChaChaPoly and returns its tag.
///
/// # Panics
/// If `buf` has 256 GiB or more, against the 64 KiB of the longest Noise message.
pub(super) fn seal(key: &Secret<32>, nonce: [u8; 12], ad: &[u8], buf: &mut [u8]) -> [u8; TAG] {
    seal_with(&CHACHA20_POLY1305, key, nonce, ad, buf)
}

/// Decrypts `buf` in place with ChaChaPoly if its tag is right. Leaves no plaintext in it if not.
pub(super) fn open(
    key: &Secret<32>,
    nonce: [u8; 12],
    ad: &[u8],
    buf: &mut [u8],
    tag: [u8; TAG],
) -> Result<(), ()> {
    open_with(&CHACHA20_POLY1305, key, nonce, ad, buf, tag)
}

/// Encrypts `buf` in place with AES-256-GCM and returns its tag.
///
/// # Panics
/// If `buf` has 64 GiB or more, against the 64 KiB of the longest Noise message.
pub(super) fn seal_aes(key: &Secret<32>, nonce: [u8; 12], buf: &mut [u8]) -> [u8; TAG] {
    seal_with(&AES_256_GCM, key, nonce, &[], buf)
}

/// Decrypts `buf` in place with AES-256-GCM if its tag is right. Leaves no plaintext in it if not.
pub(super) fn open_aes(
    key: &Secret<32>,
    nonce: [u8; 12],
    buf: &mut [u8],
    tag: [u8; TAG],
) -> Result<(), ()> {
    open_with(&AES_256_GCM, key, nonce, &[], buf, tag)
}

fn seal_with(
    algorithm: &'static Algorithm,
    key: &Secret<32>,
    nonce: [u8; 12],
    ad: &[u8],
    buf: &mut [u8],
) -> [u8; TAG] {
    let sealed = cipher(algorithm, key)
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(ad), buf)
        .expect("a Noise message is far shorter than the cipher's limit");
    let mut tag = [0; TAG];
    tag.copy_from_slice(sealed.as_ref());
    tag
}

fn open_with(
    algorithm: &'static Algorithm,
    key: &Secret<32>,
    nonce: [u8; 12],
    ad: &[u8],
    buf: &mut [u8],
    tag: [u8; TAG],
) -> Result<(), ()> {
    let nonce = Nonce::assume_unique_for_key(nonce);
    cipher(algorithm, key)
        .open_in_place_separate_tag(nonce, Aad::from(ad), tag.into(), buf, 0..)
        .map(|_| ())
        .map_err(|_| ())
}

fn cipher(algorithm: &'static Algorithm, key: &Secret<32>) -> LessSafeKey {
    let key = UnboundKey::new(algorithm, &key.0);
    LessSafeKey::new(key.expect("the key has the cipher's 32 bytes"))
}
