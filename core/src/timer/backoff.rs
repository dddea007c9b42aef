use core::time::Duration;

use crate::random::Random;
use crate::time::Span;

/// Computes pauses between tries: each twice the one before up to a limit, with jitter.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    first: Span,
    last: Span,
    next: Span,
}

impl Backoff {
    pub(crate) const fn new((first, last): (Duration, Duration)) -> Self {
        let (first, last) = (Span::of(first), Span::of(last));
        Self { first, last, next: first }
    }

    /// Returns the pause before the next try: between half and all of the full pause.
    pub(crate) fn pause(&mut self, random: &mut Random) -> Span {
        let full = self.next;
        self.next = full.doubled().min(self.last);
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
        for full in [100, 200, 400, 450, 450].map(Span::from_millis) {
            let pause = backoff.pause(&mut random);
            assert!(
                pause.doubled().as_millis() >= full.as_millis() - 1 && pause <= full,
                "{pause:?} of {full:?}"
            );
        }
        backoff.reset();
        assert!(backoff.pause(&mut random) <= Span::of(first));
    }
}
