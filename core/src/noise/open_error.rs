use core::fmt;

/// Says why a record was not opened. The link it came on is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The record has less than the 16 bytes of its tag.
    TooShort,
    /// The record is not authentic, not the next one, or longer than 65,535 bytes.
    Rejected,
    /// The key has opened all the records it may.
    Exhausted,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "a record is shorter than its tag",
            Self::Rejected => "a record is not authentic",
            Self::Exhausted => "the link's key has opened all the records it may",
        })
    }
}

impl core::error::Error for OpenError {}
