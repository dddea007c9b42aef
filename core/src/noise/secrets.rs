use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};

use super::secret::Secret;

/// Draws secrets, from 32 secret bytes that the host took from a strong random source: each is
/// independent of the others for whoever does not have those. The same seed gives the same secrets.
pub(crate) struct Secrets(ChaCha20Rng);

impl Secrets {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// Draws 32 secret bytes.
    pub(crate) fn draw(&mut self) -> Secret<32> {
        let mut secret = Secret([0; 32]);
        self.0.fill_bytes(&mut secret.0);
        secret
    }
}
