use core::fmt;

use blake2::{Blake2s256, Digest};

use super::PublicKey;

/// Shows a public key to people: the first 16 bytes of its BLAKE2s hash, as eight groups of four
/// hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// Keeps fingerprints apart from every other use of the hash.
    const CONTEXT: &[u8] = b"Breeze fingerprint 1";

    pub(super) fn of(key: &PublicKey) -> Self {
        let hash = Blake2s256::new().chain_update(Self::CONTEXT).chain_update(key.as_bytes());
        let mut short = [0; 16];
        short.copy_from_slice(&hash.finalize()[..16]);
        Self(short)
    }

    pub(super) fn hint(&self) -> [u8; 8] {
        let mut hint = [0; 8];
        hint.copy_from_slice(&self.0[..8]);
        hint
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (group, bytes) in self.0.chunks_exact(2).enumerate() {
            let dash = if group == 0 { "" } else { "-" };
            write!(f, "{dash}{:02x}{:02x}", bytes[0], bytes[1])?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
