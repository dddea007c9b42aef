use crate::id::UserId;

use super::tree::MAX_LEVELS;

/// Gives the bytes of what a host sends, and their proofs, right as they go out.
///
/// It does not wait: what is not at hand is read by the host meanwhile, which then says
/// [`ready`](super::Transfers::ready).
pub trait Source {
    /// Returns how many bytes of a stream are at hand from `at` on, `len` at most; 0 for none.
    fn at_hand(&mut self, to: &UserId, number: u64, at: u64, len: usize) -> usize;

    /// Fills `buf` with bytes that are at hand.
    fn read(&mut self, to: &UserId, number: u64, at: u64, buf: &mut [u8]);

    /// Fills the front of `hashes` with those of the neighbours that [`proof`](super::proof) names, and
    /// returns their number; none if they are not at hand.
    fn proof(
        &mut self,
        to: &UserId,
        number: u64,
        block: u64,
        hashes: &mut [[u8; 32]; MAX_LEVELS],
    ) -> Option<usize>;
}
