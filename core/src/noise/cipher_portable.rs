//! ChaChaPoly of RustCrypto: plain Rust, for any device.

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};

use super::secret::Secret;
use crate::limits::TAG;

/// Encrypts `buf` in place and returns its tag.
///
/// # Panics
/// If `buf` has 256 GiB or more, against the 64 KiB of the longest Noise message.
pub(super) fn seal(key: &Secret<32>, nonce: [u8; 12], ad: &[u8], buf: &mut [u8]) -> [u8; TAG] {
    ChaCha20Poly1305::new((&key.0).into())
        .encrypt_inout_detached(&nonce.into(), ad, buf.into())
        .expect("a Noise message is far shorter than the cipher's limit")
        .into()
}

/// Decrypts `buf` in place if its tag is right. Leaves no plaintext in it if not.
pub(super) fn open(
    key: &Secret<32>,
    nonce: [u8; 12],
    ad: &[u8],
    buf: &mut [u8],
    tag: [u8; TAG],
) -> Result<(), ()> {
    ChaCha20Poly1305::new((&key.0).into())
        .decrypt_inout_detached(&nonce.into(), ad, buf.into(), &tag.into())
        .map_err(|_| ())
}
