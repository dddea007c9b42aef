use core::fmt;

use serde::{Deserialize, Serialize};

/// Says why the server does not relay an item of a file's transfer (PROTOCOL.md, "Relayed files"). The
/// order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileRefusal {
    /// The server relays no files.
    Off,
    /// The stream is longer than the server relays.
    TooLarge {
        /// How many bytes it relays at most.
        max: u64,
    },
    /// The recipient is not online.
    Offline,
    /// The recipient's device takes no files.
    NotTaken,
    /// The recipient's queue is full, or the sender sends faster than it may: the sender pauses.
    Busy,
}

impl fmt::Display for FileRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("the server relays no files"),
            Self::TooLarge { max } => {
                write!(f, "the server relays files of up to {max} bytes only")
            }
            Self::Offline => f.write_str("the recipient is not online"),
            Self::NotTaken => f.write_str("the recipient's device takes no files"),
            Self::Busy => f.write_str("the server cannot keep up"),
        }
    }
}
