use core::fmt;

use serde::{Deserialize, Serialize};

/// Says why the server does not relay a message (PROTOCOL.md, "Refused"). The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RelayRefusal {
    /// The recipient is registered and not online.
    Offline,
    /// No user of this name is registered.
    UnknownUser,
    /// The recipient reads too slowly and its queue is full: the sender tries again later.
    Busy,
    /// The recipient's device cannot hold a message of this size.
    TooLarge,
    /// The server keeps as much for the recipient as it may.
    Quota,
    /// The message is sealed for a key that is not the recipient's any more.
    KeyChanged,
    /// The server kept the message for as long as it may, and the recipient did not come.
    Expired,
    /// The server cannot keep messages now: the sender tries again later.
    Unavailable,
    /// The recipient is not there to open the message, which comes without its envelope: the sender
    /// sends it again with it.
    NoEnvelope,
}

/// Says why a message will not be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryFailure {
    /// The recipient is registered and not online.
    Offline,
    /// No user of this name is registered.
    UnknownUser,
    /// The recipient's device cannot hold a message of this size.
    TooLarge,
    /// The server keeps as much for the recipient as it may.
    Quota,
    /// The recipient has another key than the one for which the message was meant.
    KeyChanged,
    /// The recipient did not come for as long as the server keeps messages.
    Expired,
    /// The server said that it has the message, and has lost it.
    Lost,
}

impl RelayRefusal {
    /// Returns the failure that this refusal means for the message, unless waiting helps.
    pub const fn failure(self) -> Option<DeliveryFailure> {
        match self {
            Self::Offline => Some(DeliveryFailure::Offline),
            Self::UnknownUser => Some(DeliveryFailure::UnknownUser),
            Self::TooLarge => Some(DeliveryFailure::TooLarge),
            Self::Quota => Some(DeliveryFailure::Quota),
            Self::KeyChanged => Some(DeliveryFailure::KeyChanged),
            Self::Expired => Some(DeliveryFailure::Expired),
            Self::Busy | Self::Unavailable | Self::NoEnvelope => None,
        }
    }
}

impl DeliveryFailure {
    /// Returns the name that scripts read.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::UnknownUser => "unknown_user",
            Self::TooLarge => "too_large",
            Self::Quota => "quota",
            Self::KeyChanged => "key_changed",
            Self::Expired => "expired",
            Self::Lost => "lost",
        }
    }
}

impl fmt::Display for DeliveryFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Offline => "the recipient is not online",
            Self::UnknownUser => "no user of this name is registered",
            Self::TooLarge => "the recipient's device cannot hold a message of this size",
            Self::Quota => "the server keeps as much for the recipient as it may",
            Self::KeyChanged => "the recipient's key has changed",
            Self::Expired => "the recipient did not come for too long",
            Self::Lost => "the server has lost the message",
        })
    }
}
