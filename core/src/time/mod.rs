//! The core's notion of time: a number the host hands in.

mod instant;
mod span;

use core::time::Duration;

pub use instant::Instant;
pub(crate) use span::Span;

/// Returns the whole milliseconds of a duration, in 64 bits: `as_millis` counts in 128, at which small
/// processors are slow.
const fn whole_millis(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1000).saturating_add(duration.subsec_millis() as u64)
}
