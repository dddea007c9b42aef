use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};

use super::secret::Secret;
use super::suite::ChaChaPoly;

/// Draws secrets, from 32 secret bytes that the host took from a strong random source: each is
/// independent of the others for whoever does not have those. The same seed gives the same secrets.
///
/// It is the ChaCha20 stream of the seed, at another nonce for each; the seed is used for nothing else.
/// Source: RFC 8439, section 2.6, says the same of keys for the authenticator.
pub(crate) struct Secrets {
    seed: Secret<32>,
    drawn: u64,
}

impl Secrets {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self { seed: Secret(seed), drawn: 0 }
    }

    /// Draws 32 secret bytes.
    pub(crate) fn draw(&mut self) -> Secret<32> {
        let mut secret = Secret([0; 32]);
        let nonce = ChaChaPoly::nonce(self.drawn);
        ChaCha20::new((&self.seed.0).into(), &nonce.into()).apply_keystream(&mut secret.0);
        self.drawn += 1;
        secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_is_another_and_the_seed_decides() {
        let draw = |seed| {
            let mut secrets = Secrets::new([seed; 32]);
            [secrets.draw().0, secrets.draw().0, secrets.draw().0]
        };
        let [first, second, third] = draw(1);
        assert!(first != second && second != third && first != third);
        assert_eq!(draw(1), [first, second, third]);
        assert!(draw(2).iter().all(|secret| ![first, second, third].contains(secret)));
    }
}
