use core::ffi::c_char;

use breeze_core::id::PublicKey;
use breeze_core::noise::Identity;

use super::write_text;
use crate::arguments::{Place, key_bytes, read};
use crate::breeze_result;
use crate::guard::guard;

/// Identifies a client or a server: the public half of its X25519 key.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct breeze_key {
    /// The 32 bytes of the key.
    pub bytes: [u8; 32],
}

impl breeze_key {
    pub(crate) const NONE: Self = Self { bytes: [0; 32] };
}

impl From<PublicKey> for breeze_key {
    fn from(key: PublicKey) -> Self {
        Self { bytes: *key.as_bytes() }
    }
}

impl From<breeze_key> for PublicKey {
    fn from(key: breeze_key) -> Self {
        Self::from_bytes(key.bytes)
    }
}

/// Bytes of a fingerprint with its NUL.
pub const BREEZE_FINGERPRINT_SIZE: usize = 40;

/// Shows a key to people, who compare it: eight groups of four hexadecimal digits.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct breeze_fingerprint {
    /// The text, which ends with a NUL.
    pub text: [c_char; BREEZE_FINGERPRINT_SIZE],
}

/// Computes the public key that goes with an identity, which is 32 secret bytes.
///
/// # Safety
/// `identity` leads to 32 bytes, `key` to a place for a key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_identity_key(
    identity: *const u8,
    key: *mut breeze_key,
) -> breeze_result {
    guard(|| {
        let key = Place::at(key)?;
        // SAFETY: as the caller says.
        unsafe {
            let identity = Identity::from_secret(key_bytes(identity)?);
            key.write(identity.public().into());
        }
        Ok(())
    })
}

/// Computes the fingerprint of a key.
///
/// # Safety
/// `key` leads to a key, `fingerprint` to a place for its fingerprint.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_key_fingerprint(
    key: *const breeze_key,
    fingerprint: *mut breeze_fingerprint,
) -> breeze_result {
    guard(|| {
        let place = Place::at(fingerprint)?;
        // SAFETY: as the caller says.
        unsafe {
            let shown = PublicKey::from(read(key)?).fingerprint();
            let mut text = [0; BREEZE_FINGERPRINT_SIZE];
            write_text(&mut text, &shown);
            place.write(breeze_fingerprint { text });
        }
        Ok(())
    })
}
