use std::time::{Duration, Instant as StdInstant};

use breeze_core::time::Instant;

/// Translates between the system's monotonic clock and the core's milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: StdInstant,
}

impl Clock {
    /// Starts at zero, now.
    pub fn start() -> Self {
        Self { origin: StdInstant::now() }
    }

    /// Returns the present time.
    pub fn now(&self) -> Instant {
        let elapsed = self.origin.elapsed().as_millis();
        Instant::from_millis(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }

    /// Returns the system's time for one of the core's; none for "never".
    pub(super) fn system(&self, at: Instant) -> Option<StdInstant> {
        if !at.is_set() {
            return None;
        }
        self.origin.checked_add(Duration::from_millis(at.as_millis()))
    }
}
