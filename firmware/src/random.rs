use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};

/// Draws secrets and numbers from 32 secret bytes: as many as are needed, each independent of the
/// others for whoever does not have those.
///
/// The same bytes give the same secrets, so they must be fresh at each start. A product takes them
/// from a hardware source; QEMU's board has none.
pub struct Random(ChaCha20Rng);

impl Random {
    /// Starts from 32 fresh secret bytes.
    pub fn new(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// Draws 32 secret bytes.
    pub fn secret(&mut self) -> [u8; 32] {
        let mut secret = [0; 32];
        self.0.fill_bytes(&mut secret);
        secret
    }

    /// Draws a number.
    pub fn number(&mut self) -> u64 {
        self.0.next_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_its_own_secrets_and_no_two_alike() {
        let mut one = Random::new([1; 32]);
        let (first, second) = (one.secret(), one.secret());
        assert_ne!(first, second);
        assert_eq!(Random::new([1; 32]).secret(), first);
        assert_ne!(Random::new([2; 32]).secret(), first);
    }
}
