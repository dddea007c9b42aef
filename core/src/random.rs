//! Jitter and ids from a seed of the host's; never secrets.

use crate::time::Span;

/// Draws numbers from a seed (SplitMix64): for the jitter of pauses and for ids that need to be
/// unlike, not secret. The same seed gives the same numbers.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Draws the next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Draws a duration between half of `full` and `full`, so that many hosts do not act at once.
    pub(crate) fn jitter(&mut self, full: Span) -> Span {
        let millis = u64::from(full.as_millis());
        let half = millis / 2;
        Span::from_millis((half + self.next() % (millis - half + 1)) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_in_its_half() {
        let mut random = Random::new(7);
        let full = Span::from_millis(1001);
        for _ in 0..1000 {
            let drawn = random.jitter(full);
            assert!(drawn >= Span::from_millis(500) && drawn <= full, "{drawn:?}");
        }
        assert_eq!(random.jitter(Span::from_millis(0)), Span::from_millis(0));
    }
}
