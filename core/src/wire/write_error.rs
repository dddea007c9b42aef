use core::fmt;

use crate::error::CloseReason;

/// Says why a frame was not written; nothing of it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// The rest of the buffer is too small for the frame: it goes into the next buffer.
    Full,
    /// The frame is longer than the peer announced it would take.
    TooLarge,
    /// The link cannot be written to any more.
    Close(CloseReason),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("the frame does not fit in the rest of the buffer"),
            Self::TooLarge => f.write_str("the frame is longer than the peer can take"),
            Self::Close(reason) => fmt::Display::fmt(reason, f),
        }
    }
}

impl core::error::Error for WriteError {}
