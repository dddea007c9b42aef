use core::fmt;

/// Says why a record was not sealed. The buffer is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// The key has sealed all the records it may.
    Exhausted,
    /// The plaintext and its tag do not fit in the buffer, or not in 65,535 bytes.
    BufferTooSmall,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exhausted => "the link's key has sealed all the records it may",
            Self::BufferTooSmall => "the buffer is too small for the sealed record",
        })
    }
}

impl core::error::Error for SealError {}
