use super::RECORDS_PER_KEY;
use super::secret::Secret;
use super::suite::ChaChaPoly;
#[cfg(all(feature = "ring", not(miri)))]
use super::{cipher_ring, suite::Aes256Gcm};
use crate::limits::TAG;

/// Says which cipher takes the keys that a handshake has made for the records of a link.
///
/// The handshake itself is always that of `ChaChaPoly`. Both parties say in it, authentic, whether they
/// want the other cipher, so that each key is used with one cipher and nobody else has a say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordCipher {
    /// ChaCha20-Poly1305, for any processor: Noise rev 34, section 12.3.
    #[default]
    ChaChaPoly,
    /// AES-256-GCM, for those that have instructions for it: Noise rev 34, section 12.4.
    #[cfg(all(feature = "ring", not(miri)))]
    AesGcm,
}

/// Records after which a key of AES-GCM is replaced: of the longest ones that is 2^30 blocks, far from the
/// 2^34.5 at which a flaw of GCM begins to show (RFC 8446, section 5.5).
#[cfg(all(feature = "ring", not(miri)))]
pub(super) const REKEY_AFTER: u64 = 1 << 20;

impl RecordCipher {
    /// Whether there is AES in this build.
    pub(crate) const HAS_AES: bool = cfg!(all(feature = "ring", not(miri)));

    /// Chooses the cipher of a link by what its two parties want.
    pub(crate) fn agree(one: bool, other: bool) -> Self {
        #[cfg(all(feature = "ring", not(miri)))]
        if one && other {
            return Self::AesGcm;
        }
        let _ = (one, other);
        Self::ChaChaPoly
    }

    /// Encrypts a text in place and returns its tag.
    pub(super) fn seal(self, key: &Secret<32>, counter: u64, text: &mut [u8]) -> [u8; TAG] {
        match self {
            Self::ChaChaPoly => ChaChaPoly::seal(key, counter, text),
            #[cfg(all(feature = "ring", not(miri)))]
            Self::AesGcm => cipher_ring::seal_aes(key, Aes256Gcm::nonce(counter), text),
        }
    }

    /// Decrypts a text in place if its tag is right. Leaves no plaintext in it if not.
    pub(super) fn open(
        self,
        key: &Secret<32>,
        counter: u64,
        text: &mut [u8],
        tag: [u8; TAG],
    ) -> Result<(), ()> {
        match self {
            Self::ChaChaPoly => ChaChaPoly::open(key, counter, text, tag),
            #[cfg(all(feature = "ring", not(miri)))]
            Self::AesGcm => cipher_ring::open_aes(key, Aes256Gcm::nonce(counter), text, tag),
        }
    }

    /// Replaces a key if so many records are as much as it may seal: `REKEY` of Noise rev 34, sections
    /// 4.2 and 11.3. The counter goes on.
    pub(super) fn renew(self, key: &mut Secret<32>, records: u64) {
        let lasts = match self {
            // Longer than any link.
            Self::ChaChaPoly => RECORDS_PER_KEY,
            #[cfg(all(feature = "ring", not(miri)))]
            Self::AesGcm => REKEY_AFTER,
        };
        if records.is_multiple_of(lasts) {
            let mut next = Secret([0; 32]);
            self.seal(key, u64::MAX, &mut next.0);
            *key = next;
        }
    }
}

#[cfg(all(test, feature = "ring", not(miri)))]
mod tests {
    use hex_literal::hex;

    use super::*;

    /// The Galois/Counter Mode of Operation (McGrew and Viega), test cases 13 and 14: their IV is the
    /// nonce of the first record.
    #[test]
    fn aes_matches_the_published_vectors() {
        let cipher = RecordCipher::AesGcm;
        let key = Secret([0; 32]);
        assert_eq!(cipher.seal(&key, 0, &mut []), hex!("530f8afbc74536b9a963b4f1c4cb738b"));
        let mut text = [0; 16];
        let tag = cipher.seal(&key, 0, &mut text);
        assert_eq!(text, hex!("cea7403d4d606b6e074ec5d3baf39d18"));
        assert_eq!(tag, hex!("d0d1c8a799996bf0265b98b5d48ab919"));
        assert_eq!(cipher.open(&key, 1, &mut text, tag), Err(()));
        assert_eq!(Aes256Gcm::nonce(0x0102), hex!("000000000000000000000102"));
        let mut text = hex!("cea7403d4d606b6e074ec5d3baf39d18");
        assert_eq!(cipher.open(&key, 0, &mut text, tag), Ok(()));
        assert_eq!(text, [0; 16]);
    }

    #[test]
    fn a_key_of_aes_is_renewed_and_one_of_chacha_is_not() {
        let old = Secret([7; 32]);
        for (cipher, records, renews) in [
            (RecordCipher::AesGcm, REKEY_AFTER - 1, false),
            (RecordCipher::AesGcm, REKEY_AFTER, true),
            (RecordCipher::AesGcm, 3 * REKEY_AFTER, true),
            (RecordCipher::ChaChaPoly, REKEY_AFTER, false),
        ] {
            let mut key = old.clone();
            cipher.renew(&mut key, records);
            assert_eq!(key.0 != old.0, renews, "{cipher:?} {records}");
        }
        assert_eq!(RecordCipher::agree(true, false), RecordCipher::ChaChaPoly);
    }
}
