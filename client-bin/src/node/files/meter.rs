use std::time::Duration;

use breeze_core::time::Instant;

/// How often progress is told at most.
pub(super) const TICK: Duration = Duration::from_millis(250);

/// Measures how fast a stream moves.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// When it was read last, and how many bytes had been moved.
    last: Option<(Instant, u64)>,
    /// Bytes a second, of late.
    rate: u64,
}

impl Meter {
    /// Reads it: returns the bytes a second.
    pub(super) fn read(&mut self, now: Instant, bytes: u64) -> u64 {
        match self.last {
            None => self.last = Some((now, bytes)),
            Some((then, before)) => {
                let moved = bytes.saturating_sub(before).saturating_mul(1000);
                if let Some(recent) = moved.checked_div((now - then).as_millis() as u64) {
                    // What was measured before counts as much as the last quarter of a second.
                    self.rate = if self.rate == 0 { recent } else { (self.rate + recent) / 2 };
                    self.last = Some((now, bytes));
                }
            }
        }
        self.rate
    }

    /// Begins anew after a pause.
    pub(super) fn pause(&mut self) {
        *self = Self::default();
    }
}
