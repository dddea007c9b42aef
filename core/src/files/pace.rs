use core::num::NonZeroU64;

use crate::time::Instant;

/// What may pass at once after a pause, in microseconds of the rate.
const BURST: u64 = 100_000;

/// The same for whoever only checks that others keep to the rate: what they sent in time may come late.
#[cfg(feature = "alloc")]
const LENIENT_BURST: u64 = 3_000_000;

/// Lets a number of bytes pass a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    rate: NonZeroU64,
    burst: u64,
    /// When what has passed is paid for, in microseconds.
    paid: u64,
}

impl Pace {
    pub(crate) const fn new(rate: NonZeroU64) -> Self {
        Self { rate, burst: BURST, paid: 0 }
    }

    /// Makes one for whoever checks that others keep to the rate.
    #[cfg(feature = "alloc")]
    pub(crate) const fn lenient(rate: NonZeroU64) -> Self {
        Self { rate, burst: LENIENT_BURST, paid: 0 }
    }

    pub(crate) const fn rate(&self) -> NonZeroU64 {
        self.rate
    }

    /// Returns when something may pass again; none if it may now.
    pub(crate) fn wait(&self, now: Instant) -> Option<Instant> {
        let free = Instant::from_millis(self.paid.div_ceil(1000));
        (free > now).then_some(free)
    }

    /// Notes that bytes have passed.
    pub(crate) fn pass(&mut self, now: Instant, len: usize) {
        let micros = now.as_millis().saturating_mul(1000);
        let cost = (len as u64).saturating_mul(1_000_000) / self.rate;
        self.paid = self.paid.max(micros.saturating_sub(self.burst)).saturating_add(cost);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_passes_than_the_rate_and_a_burst_and_no_less() {
        let mut pace = Pace::new(NonZeroU64::new(1_000_000).expect("it is not zero"));
        let (mut passed, mut now) = (0, Instant::from_millis(5_000));
        let end = Instant::from_millis(15_000);
        while now < end {
            match pace.wait(now) {
                Some(until) => now = until,
                None => {
                    pace.pass(now, 16_000);
                    passed += 16_000;
                }
            }
        }
        assert!((10_000_000..=10_000_000 + 100_000 + 32_000).contains(&passed), "{passed}");
    }
}
