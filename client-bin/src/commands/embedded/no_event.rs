use std::fmt;

/// Says why there is no event for a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoEvent {
    /// None came in time.
    TimedOut,
    /// The node has ended, and all its events were given out.
    Ended,
    /// The next event has this many bytes, for which there is no room; it stays the next one.
    TooLong(usize),
}

impl fmt::Display for NoEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("no event came in time"),
            Self::Ended => f.write_str("the node has ended"),
            Self::TooLong(len) => write!(f, "the next event has {len} bytes"),
        }
    }
}

impl std::error::Error for NoEvent {}
