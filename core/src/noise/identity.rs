use core::fmt;

use noise_protocol::DH;

use super::secret::Secret;
use super::suite::{self, X25519};
use crate::id::PublicKey;

/// Holds the static X25519 key pair that makes a client or a server who it is.
///
/// 64 bytes, the secret half wiped when dropped. `Debug` shows the fingerprint only.
/// Source: Noise rev 34, sections 4.1 and 12.1.
#[derive(Clone)]
pub struct Identity {
    secret: Secret<32>,
    public: PublicKey,
}

impl Identity {
    /// Makes an identity of 32 secret bytes: fresh from a strong random source, or read back from
    /// where [`secret_bytes`](Self::secret_bytes) were saved.
    ///
    /// Any 32 bytes will do: X25519 fixes the bits that matter when it uses them. It computes the
    /// public key, which costs as much as one key exchange. The caller wipes its own copy.
    pub fn from_secret(secret: [u8; 32]) -> Self {
        let secret = Secret(secret);
        let public = suite::public_key(&secret);
        Self { secret, public }
    }

    /// Returns the public key, by which others know this identity.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// Returns the 32 secret bytes, to be saved in the key file and shown nowhere.
    ///
    /// They are those that the identity was made of. Whoever has them is this party to all others.
    pub fn secret_bytes(&self) -> &[u8; 32] {
        &self.secret.0
    }

    pub(super) fn key_pair(&self) -> <X25519 as DH>::Key {
        suite::key_pair(&self.secret, &self.public)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.public.fingerprint(), f)
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;
    use std::format;
    use std::string::ToString;

    use super::*;

    /// RFC 7748, section 6.1.
    const SECRET: [u8; 32] =
        hex!("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    const PUBLIC: [u8; 32] =
        hex!("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");

    #[test]
    fn keeps_the_secret_and_knows_the_public_key() {
        let identity = Identity::from_secret(SECRET);
        assert_eq!(identity.public(), PublicKey::from_bytes(PUBLIC));
        assert_eq!(identity.secret_bytes(), &SECRET);
        let again = Identity::from_secret(*identity.clone().secret_bytes());
        assert_eq!(again.public(), identity.public());
    }

    #[test]
    fn shows_only_the_fingerprint() {
        let identity = Identity::from_secret(SECRET);
        assert_eq!(format!("{identity:?}"), identity.public().fingerprint().to_string());
    }
}
