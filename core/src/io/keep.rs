use alloc::vec::Vec;

use crate::id::{LinkId, MessageId, PublicKey, UserId};

/// Asks the host of a server to keep a message for a user that is not there, durably: then
/// [`kept`](crate::Server::kept) is called with it, exactly once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The sender's link.
    pub link: LinkId,
    /// The sender.
    pub from: UserId,
    /// The recipient.
    pub to: UserId,
    /// The message's id.
    pub id: MessageId,
    /// How many messages before it are not settled; below its number.
    pub back: u64,
    /// How many numbers right before it were given up, of those.
    pub gap: u64,
    /// What the recipient needs to open the message: opaque to a server, but for its first bytes,
    /// see [`is_for`](Self::is_for).
    pub envelope: Vec<u8>,
    /// The sealed body.
    pub body: Vec<u8>,
}

impl Keep {
    /// Tells whether the message is sealed for this key.
    pub fn is_for(&self, key: &PublicKey) -> bool {
        self.envelope.starts_with(&key.hint())
    }
}
