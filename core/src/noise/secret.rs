use core::hint::black_box;

use noise_protocol::U8Array;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Holds bytes that nobody else may learn, and wipes them when dropped.
///
/// It has no `Debug`, and no comparison but [`is_zero`](Self::is_zero).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Secret<const N: usize>(pub(super) [u8; N]);

impl<const N: usize> Secret<N> {
    /// Tells whether every byte is zero, in a time that does not depend on the bytes.
    pub(super) fn is_zero(&self) -> bool {
        black_box(self.0.iter().fold(0, |any, byte| any | byte)) == 0
    }
}

impl<const N: usize> U8Array for Secret<N> {
    fn new() -> Self {
        Self([0; N])
    }

    fn new_with(byte: u8) -> Self {
        Self([byte; N])
    }

    fn from_slice(bytes: &[u8]) -> Self {
        let mut secret = Self([0; N]);
        secret.0.copy_from_slice(bytes);
        secret
    }

    fn len() -> usize {
        N
    }

    fn as_slice(&self) -> &[u8] {
        &self.0
    }

    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_anywhere_is_not_zero() {
        assert!(Secret([0; 32]).is_zero());
        for bit in 0..256 {
            let mut secret = Secret([0; 32]);
            secret.0[bit / 8] = 1 << (bit % 8);
            assert!(!secret.is_zero(), "bit {bit}");
        }
    }

    #[test]
    fn wipes_its_bytes() {
        let mut secret = Secret([7; 64]);
        secret.zeroize();
        assert!(secret.is_zero());
        assert!(core::mem::needs_drop::<Secret<32>>());
    }
}
