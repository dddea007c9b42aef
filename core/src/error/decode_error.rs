use core::fmt;

/// Says what was wrong with bytes from a peer. It ends the link they came on, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// A frame or record is longer than this party announced it would take.
    TooLarge,
    /// A length, tag or text in a message is not what the protocol allows.
    Malformed,
    /// A frame holds more bytes than its message.
    TrailingBytes,
    /// A record is shorter than its authentication tag, or a frame is empty.
    TooShort,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "a frame or record is too large",
            Self::Malformed => "a message is malformed",
            Self::TrailingBytes => "a frame holds more than its message",
            Self::TooShort => "a frame or record is too short",
        })
    }
}

impl core::error::Error for DecodeError {}
