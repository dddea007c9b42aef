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
}

impl RelayRefusal {
    /// Returns the failure that this refusal means for the message, unless waiting helps.
    pub const fn failure(self) -> Option<DeliveryFailure> {
        match self {
            Self::Offline => Some(DeliveryFailure::Offline),
            Self::UnknownUser => Some(DeliveryFailure::UnknownUser),
            Self::TooLarge => Some(DeliveryFailure::TooLarge),
            Self::Busy => None,
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
        }
    }
}

impl fmt::Display for DeliveryFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Offline => "the recipient is not online",
            Self::UnknownUser => "no user of this name is registered",
            Self::TooLarge => "the recipient's device cannot hold a message of this size",
        })
    }
}
