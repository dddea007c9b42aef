use core::ops::Add;
use core::time::Duration;

use super::{Instant, whole_millis};

/// Counts the milliseconds of a pause or a limit: what tables hold. Four bytes, where a [`Duration`]
/// takes sixteen, for up to 49 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span(u32);

impl Span {
    /// Takes the whole milliseconds of a duration, or the longest span there is.
    pub(crate) const fn of(duration: Duration) -> Self {
        let millis = whole_millis(duration);
        Self(if millis < u32::MAX as u64 { millis as u32 } else { u32::MAX })
    }

    pub(crate) const fn from_millis(millis: u32) -> Self {
        Self(millis)
    }

    pub(crate) const fn as_millis(self) -> u32 {
        self.0
    }

    /// Returns twice this span, or the longest there is.
    pub(crate) const fn doubled(self) -> Self {
        Self(self.0.saturating_mul(2))
    }
}

impl Add<Span> for Instant {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self::from_millis(self.as_millis().saturating_add(span.0.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_as_long_as_the_duration_that_fits() {
        assert_eq!(Span::of(Duration::from_micros(1_002_999)), Span::from_millis(1002));
        assert_eq!(Span::of(Duration::from_millis(u32::MAX.into())), Span::from_millis(u32::MAX));
        assert_eq!(Span::of(Duration::MAX), Span::from_millis(u32::MAX));
        assert_eq!(Instant::NEVER + Span::from_millis(1), Instant::NEVER);
    }
}
