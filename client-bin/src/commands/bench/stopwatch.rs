use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Is the clock that all load threads share, and says what is being measured.
#[derive(Debug)]
pub(super) struct Stopwatch {
    origin: Instant,
    /// Since when a phase is measured, in nanoseconds, and which: one word, so that no thread sees
    /// one without the other.
    current: AtomicU64,
}

/// Names what is measured; each phase has figures of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// What there is to compare with.
    Before,
    /// What the benchmark is about.
    Main,
}

const PHASE_BITS: u32 = 2;

impl Phase {
    /// How many there are.
    pub(super) const COUNT: usize = 2;
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { origin: Instant::now(), current: AtomicU64::new(0) }
    }

    /// Returns the time, in nanoseconds.
    pub(super) fn nanos(&self) -> u64 {
        nanos(self.origin.elapsed())
    }

    /// Returns the instant of a time.
    pub(super) fn instant(&self, nanos: u64) -> Instant {
        self.origin + Duration::from_nanos(nanos)
    }

    /// Measures from now on.
    pub(super) fn begin(&self, phase: Phase) {
        let code = match phase {
            Phase::Before => 1,
            Phase::Main => 2,
        };
        self.current.store(self.nanos() << PHASE_BITS | code, Ordering::Relaxed);
    }

    /// Measures nothing more.
    pub(super) fn end(&self) {
        self.current.store(0, Ordering::Relaxed);
    }

    /// Returns what is measured, and since when.
    pub(super) fn current(&self) -> Option<(Phase, u64)> {
        let current = self.current.load(Ordering::Relaxed);
        let since = current >> PHASE_BITS;
        match current & ((1 << PHASE_BITS) - 1) {
            1 => Some((Phase::Before, since)),
            2 => Some((Phase::Main, since)),
            _ => None,
        }
    }
}

/// Counts the nanoseconds of a duration.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_between_begin_and_end() {
        let stopwatch = Stopwatch::start();
        assert_eq!(stopwatch.current(), None);
        for phase in [Phase::Before, Phase::Main] {
            let before = stopwatch.nanos();
            stopwatch.begin(phase);
            let (current, since) = stopwatch.current().expect("a phase");
            assert_eq!(current, phase);
            assert!((before..=stopwatch.nanos()).contains(&since));
            stopwatch.end();
            assert_eq!(stopwatch.current(), None);
        }
    }
}
