use core::fmt;

/// Says why a new link could not be taken in; the host closes the pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptError {
    /// Every link slot is in use.
    Full,
    /// The state machine is stopping, or takes no links in this state.
    Closed,
}

impl fmt::Display for AcceptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "every link slot is in use",
            Self::Closed => "no links are accepted now",
        })
    }
}

impl core::error::Error for AcceptError {}
