use serde::{Deserialize, Serialize};

use super::Sealed;
use crate::error::DecodeError;
use crate::id::{Epoch, MessageId, UserId};

/// Carries one numbered message from its sender to its recipient (PROTOCOL.md, "Chat").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat<'a> {
    /// The numbering that the sender chose for this recipient.
    pub epoch: Epoch,
    /// The message's number in it, from 1.
    pub seq: u64,
    /// How many messages before this one are not settled yet. Below `seq`, which decoding does
    /// not check: a relayed message with impossible numbers is not the fault of this link.
    pub back: u64,
    /// How many numbers right before this one were given up though earlier ones are open; at most
    /// `back`.
    pub gap: u64,
    /// An encoded [`ChatBody`]; opaque to the server.
    #[serde(borrow, serialize_with = "super::bytes::serialize")]
    pub body: &'a [u8],
}

/// Holds what a person wrote, and who (PROTOCOL.md, "Chat").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatBody<'a> {
    /// The sender's display name, up to 64 bytes.
    pub name: &'a str,
    /// When it was sent by the sender's clock, in milliseconds since 1970.
    pub sent_ms: u64,
    /// The text, up to 64 KiB.
    pub text: &'a str,
}

/// Acknowledges every message of an epoch up to a number (PROTOCOL.md, "Ack").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The sender's numbering.
    pub epoch: Epoch,
    /// The last number that the recipient has kept; 0 for none.
    pub upto: u64,
}

/// Sends something through the server (PROTOCOL.md, "Relay").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay<'a> {
    /// To the server: the recipient. From the server: the authenticated sender.
    pub peer: UserId,
    /// What is relayed.
    #[serde(borrow)]
    pub item: RelayItem<'a>,
}

/// Lists what can be relayed. The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RelayItem<'a> {
    /// A message, sealed for its recipient.
    #[serde(borrow)]
    Sealed(Sealed<'a>),
    /// Acknowledges messages.
    Ack(Ack),
    /// Tells that a person has seen messages.
    Read(Ack),
    /// Tells a sender that its messages cannot be opened: the recipient has no key for them.
    Unreadable {
        /// The sender's numbering.
        epoch: Epoch,
    },
    /// A step of a file's transfer, sealed for its recipient; only to and from whom has announced that it
    /// takes files.
    #[cfg(feature = "files")]
    #[serde(borrow)]
    File(super::RelayedFile<'a>),
}

impl Chat<'_> {
    /// Returns the message's id.
    pub const fn id(&self) -> MessageId {
        MessageId { epoch: self.epoch, seq: self.seq }
    }
}

impl<'a> ChatBody<'a> {
    /// Decodes a body.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not exactly one body, or its name or text is too long.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let (body, rest) =
            postcard::take_from_bytes::<Self>(bytes).map_err(|_| DecodeError::Malformed)?;
        if !rest.is_empty() {
            return Err(DecodeError::TrailingBytes);
        }
        let fits = body.name.len() <= crate::limits::MAX_DISPLAY_NAME
            && body.text.len() <= crate::limits::MAX_TEXT;
        if fits { Ok(body) } else { Err(DecodeError::TooLarge) }
    }
}

#[cfg(test)]
#[path = "chat_tests.rs"]
mod tests;
