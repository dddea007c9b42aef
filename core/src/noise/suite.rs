//! The primitives of `25519_ChaChaPoly_BLAKE2s`, as `noise-protocol` wants them.

use core::mem;

use blake2::{Blake2s256, Digest};
use noise_protocol::{Cipher, DH, Hash, U8Array};
#[cfg(any(not(feature = "ring"), feature = "fuzzing"))]
use x25519_dalek::X25519_BASEPOINT_BYTES;
#[cfg(not(feature = "fuzzing"))]
use x25519_dalek::x25519;

#[cfg(feature = "fuzzing")]
use super::agreement::x25519;
#[cfg(any(miri, not(feature = "ring")))]
use super::cipher_portable as cipher;
#[cfg(all(feature = "ring", not(miri)))]
use super::cipher_ring as cipher;
use super::secret::Secret;
use crate::id::PublicKey;
use crate::limits::TAG;

/// Puts the two halves of a key pair together: 32 secret bytes, then the 32 of the public key.
///
/// [`X25519`] keeps both, since `noise-protocol` asks for the public key of a static key in each
/// handshake, and computing it anew costs as much as a whole key exchange.
pub(super) fn key_pair(secret: &Secret<32>, public: &PublicKey) -> Secret<64> {
    let mut pair = Secret::<64>::new();
    pair.0[..32].copy_from_slice(&secret.0);
    pair.0[32..].copy_from_slice(public.as_bytes());
    pair
}

/// Computes the public key of a secret one.
pub(super) fn public_key(secret: &Secret<32>) -> PublicKey {
    // By tables, which hosts have room for, it takes a third of the time.
    #[cfg(all(feature = "ring", not(feature = "fuzzing")))]
    let public = curve25519_dalek::MontgomeryPoint::mul_base_clamped(secret.0).to_bytes();
    #[cfg(any(not(feature = "ring"), feature = "fuzzing"))]
    let public = x25519(secret.0, X25519_BASEPOINT_BYTES);
    PublicKey::from_bytes(public)
}

/// The key exchange: Noise rev 34, section 12.1, and RFC 7748.
pub(super) enum X25519 {}

impl DH for X25519 {
    /// See [`key_pair`].
    type Key = Secret<64>;
    type Pubkey = [u8; 32];
    type Output = Secret<32>;

    fn name() -> &'static str {
        "25519"
    }

    /// Is never called: `noise-protocol` draws an ephemeral key only where none was set, and
    /// [`Handshake`](super::Handshake) cannot be made without one. There is no randomness in here
    /// to draw it from and no error to return, and a made-up key would be worse than a panic.
    fn genkey() -> Self::Key {
        unreachable!("the ephemeral key is set from the start")
    }

    fn pubkey(pair: &Self::Key) -> Self::Pubkey {
        Self::Pubkey::from_slice(&pair.0[32..])
    }

    /// Fails if the result is all zero, as RFC 7748, section 6.1, allows: the other's public key is
    /// then of low order and the result a constant, whatever our key is.
    fn dh(pair: &Self::Key, public: &Self::Pubkey) -> Result<Self::Output, ()> {
        let secret = Secret::<32>::from_slice(&pair.0[..32]);
        let shared = Secret(x25519(secret.0, *public));
        if shared.is_zero() { Err(()) } else { Ok(shared) }
    }
}

/// The cipher: Noise rev 34, section 12.3, and RFC 8439.
///
/// The lengths that its methods ask for are those which the callers in this module check.
pub(super) enum ChaChaPoly {}

impl ChaChaPoly {
    /// Four zero bytes, then the counter, little endian.
    pub(super) fn nonce(counter: u64) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&counter.to_le_bytes());
        nonce
    }

    /// Encrypts a text in place and returns its tag.
    pub(super) fn seal(key: &Secret<32>, counter: u64, text: &mut [u8]) -> [u8; TAG] {
        cipher::seal(key, Self::nonce(counter), &[], text)
    }

    /// Decrypts a text in place if its tag is right. Leaves no plaintext in it if not.
    pub(super) fn open(
        key: &Secret<32>,
        counter: u64,
        text: &mut [u8],
        tag: [u8; TAG],
    ) -> Result<(), ()> {
        cipher::open(key, Self::nonce(counter), &[], text, tag)
    }
}

/// The other cipher of records: Noise rev 34, section 12.4, and NIST SP 800-38D.
#[cfg(all(feature = "ring", not(miri)))]
pub(super) enum Aes256Gcm {}

#[cfg(all(feature = "ring", not(miri)))]
impl Aes256Gcm {
    /// Four zero bytes, then the counter, big endian.
    pub(super) fn nonce(counter: u64) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&counter.to_be_bytes());
        nonce
    }
}

impl Cipher for ChaChaPoly {
    type Key = Secret<32>;

    fn name() -> &'static str {
        "ChaChaPoly"
    }

    fn encrypt(key: &Self::Key, nonce: u64, ad: &[u8], plaintext: &[u8], out: &mut [u8]) {
        out[..plaintext.len()].copy_from_slice(plaintext);
        Self::encrypt_in_place(key, nonce, ad, out, plaintext.len());
    }

    fn encrypt_in_place(
        key: &Self::Key,
        nonce: u64,
        ad: &[u8],
        in_out: &mut [u8],
        plaintext_len: usize,
    ) -> usize {
        let (text, rest) = in_out.split_at_mut(plaintext_len);
        rest[..TAG].copy_from_slice(&cipher::seal(key, Self::nonce(nonce), ad, text));
        plaintext_len + TAG
    }

    fn decrypt(
        key: &Self::Key,
        nonce: u64,
        ad: &[u8],
        ciphertext: &[u8],
        out: &mut [u8],
    ) -> Result<(), ()> {
        let (text, tag) = ciphertext.split_last_chunk().ok_or(())?;
        out.copy_from_slice(text);
        cipher::open(key, Self::nonce(nonce), ad, out, *tag)
    }

    fn decrypt_in_place(
        key: &Self::Key,
        nonce: u64,
        ad: &[u8],
        in_out: &mut [u8],
        ciphertext_len: usize,
    ) -> Result<usize, ()> {
        let (text, tag) = in_out[..ciphertext_len].split_last_chunk_mut().ok_or(())?;
        cipher::open(key, Self::nonce(nonce), ad, text, *tag)?;
        Ok(text.len())
    }
}

/// The hash: Noise rev 34, section 12.7, and RFC 7693.
#[derive(Default)]
pub(super) struct Blake2s(Blake2s256);

impl Hash for Blake2s {
    /// Holds a key in HMAC, so it is wiped as well.
    type Block = Secret<64>;
    type Output = Secret<32>;

    fn name() -> &'static str {
        "BLAKE2s"
    }

    fn input(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn result(&mut self) -> Self::Output {
        Secret(mem::take(&mut self.0).finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::super::cipher_portable;
    use super::*;
    use crate::test_cases::cases;

    /// RFC 7748, section 6.1.
    #[test]
    fn x25519_matches_the_rfc() {
        let alice =
            Secret(hex!("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
        let bob = Secret(hex!("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
        let alice = key_pair(&alice, &public_key(&alice));
        let bob = key_pair(&bob, &public_key(&bob));
        assert_eq!(
            X25519::pubkey(&alice),
            hex!("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
        );
        assert_eq!(
            X25519::pubkey(&bob),
            hex!("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
        );
        let shared = hex!("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        for (own, other) in [(&alice, &bob), (&bob, &alice)] {
            assert_eq!(X25519::dh(own, &X25519::pubkey(other)).map(|s| s.0), Ok(shared));
        }
    }

    /// RFC 7693, appendix B.
    #[test]
    fn blake2s_matches_the_rfc() {
        let hash = hex!("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
        assert_eq!(Blake2s::hash(b"abc").0, hash);
        let mut again = Blake2s::default();
        again.input(b"something else");
        again.reset();
        again.input(b"abc");
        assert_eq!(again.result().0, hash);
    }

    /// RFC 8439, appendix A.5: its nonce has the form that Noise's have.
    #[test]
    fn chachapoly_matches_the_rfc() {
        let key = Secret(hex!("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0"));
        let nonce = 0x0807_0605_0403_0201;
        let ad = hex!("f33388860000000000004e91");
        let sealed = hex!(
            "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2"
            "4c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf"
            "332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855"
            "9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4"
            "b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523e"
            "af4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a"
            "0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10"
            "49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29"
            "a6ad5cb4022b02709b"
            "eead9d67890cbb22392336fea1851f38"
        );
        let text = "Internet-Drafts are draft documents valid for a maximum of six months and may \
                    be updated, replaced, or obsoleted by other documents at any time. It is \
                    inappropriate to use Internet-Drafts as reference material or to cite them \
                    other than as /“work in progress./”"
            .as_bytes();

        let mut out = std::vec![0xaa; text.len() + TAG];
        ChaChaPoly::encrypt(&key, nonce, &ad, text, &mut out);
        assert_eq!(out, sealed);
        let mut opened = std::vec![0xaa; text.len()];
        assert_eq!(ChaChaPoly::decrypt(&key, nonce, &ad, &sealed, &mut opened), Ok(()));
        assert_eq!(opened, text);
        let mut portable = text.to_vec();
        let tag = cipher_portable::seal(&key, ChaChaPoly::nonce(nonce), &ad, &mut portable);
        assert_eq!([&portable[..], &tag[..]].concat(), sealed);
        let length = out.len();
        let opened = ChaChaPoly::decrypt_in_place(&key, nonce, &ad, &mut out, length);
        assert_eq!(opened, Ok(text.len()));
        assert_eq!(&out[..text.len()], text);
        assert_eq!(ChaChaPoly::decrypt(&key, nonce, &ad, &sealed[..TAG - 1], &mut []), Err(()));
    }

    proptest! {
        #![proptest_config(cases(256))]

        /// With `ring` off this compares the portable cipher with itself, in place and not.
        #[test]
        fn both_ciphers_agree(
            key: [u8; 32],
            nonce: u64,
            ad: Vec<u8>,
            text: Vec<u8>,
            wrong in any::<prop::sample::Index>(),
        ) {
            let (key, nonce_bytes) = (Secret(key), ChaChaPoly::nonce(nonce));
            let mut sealed = std::vec![0; text.len() + TAG];
            ChaChaPoly::encrypt(&key, nonce, &ad, &text, &mut sealed);
            let mut own = text.clone();
            let tag = cipher_portable::seal(&key, nonce_bytes, &ad, &mut own);
            prop_assert_eq!([&own[..], &tag[..]].concat(), sealed.clone());
            prop_assert_eq!(cipher_portable::open(&key, nonce_bytes, &ad, &mut own, tag), Ok(()));
            prop_assert_eq!(&own, &text);

            sealed[wrong.index(text.len() + TAG)] ^= 1;
            let length = sealed.len();
            let opened = ChaChaPoly::decrypt_in_place(&key, nonce, &ad, &mut sealed, length);
            prop_assert_eq!(opened, Err(()));
        }
    }
}
