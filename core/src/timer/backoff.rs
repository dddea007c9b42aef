use core::time::Duration;

use crate::random::Random;

/// Computes pauses between tries: each twice the one before up to a limit, with jitter.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    first: Duration,
    last: Duration,
    next: Duration,
}

impl Backoff {
    pub(crate) const fn new((first, last): (Duration, Duration)) -> Self {
        Self { first, last, next: first }
    }

    /// Returns the pause before the next try: between half and all of the full pause.
    pub(crate) fn pause(&mut self, random: &mut Random) -> Duration {
        let full = self.next;
        self.next = (full * 2).min(self.last);
        random.jitter(full)
    }

    /// Starts over after a success.
    pub(crate) fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_limit() {
        let mut random = Random::new(1);
        let (first, last) = (Duration::from_millis(100), Duration::from_millis(450));
        let mut backoff = Backoff::new((first, last));
        for full in [100, 200, 400, 450, 450].map(Duration::from_millis) {
            let pause = backoff.pause(&mut random);
            assert!(pause >= full / 2 && pause <= full, "{pause:?} of {full:?}");
        }
        backoff.reset();
        assert!(backoff.pause(&mut random) <= first);
    }
}
