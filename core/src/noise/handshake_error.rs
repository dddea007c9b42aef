use core::fmt;

/// Says why a handshake failed. It never recovers: the link it ran on is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandshakeError {
    /// It was the other side's turn, the handshake was complete or not yet so, or it had failed
    /// before.
    OutOfTurn,
    /// The message is longer than 65,535 bytes or too short to hold its keys and tags.
    BadLength,
    /// The peer's message is not authentic, or one of its keys is of low order.
    Rejected,
    /// The peer proved a key, and not the expected one.
    WrongKey,
    /// The caller's buffer cannot hold the result.
    BufferTooSmall,
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfTurn => "the handshake is not at this step",
            Self::BadLength => "a handshake message has a wrong length",
            Self::Rejected => "a handshake message is not authentic",
            Self::WrongKey => "the peer has another key than expected",
            Self::BufferTooSmall => "the buffer is too small for the handshake message",
        })
    }
}

impl core::error::Error for HandshakeError {}
