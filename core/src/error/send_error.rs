use core::fmt;

/// Says why a message was not accepted for sending; nothing of it was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The window to this recipient or the outbox is full: try again once messages are settled.
    Full,
    /// The text has more bytes than a message may have.
    TooLarge,
    /// The number is not the one that follows the last message to this recipient.
    OutOfOrder,
    /// The recipient is the sender.
    ToSelf,
    /// The peer table is full of peers that are in use.
    TableFull,
    /// The recipient's verified key has changed, and nobody has accepted the new one yet.
    Blocked,
    /// The client is closing.
    Closed,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "too many messages are waiting",
            Self::TooLarge => "the text is longer than 64 KiB, or than this device can hold",
            Self::OutOfOrder => "the message's number does not follow the last one's",
            Self::ToSelf => "a message cannot be sent to oneself",
            Self::TableFull => "the table of peers is full of peers in use",
            Self::Blocked => "the recipient's verified key has changed and is not accepted yet",
            Self::Closed => "the client is closing",
        })
    }
}

impl core::error::Error for SendError {}
