use alloc::vec::Vec;

use crate::id::{MessageId, UserId};

/// Is a message that the host of a server kept, to be handed to its recipient's session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The sender.
    pub from: UserId,
    /// The message's id.
    pub id: MessageId,
    /// How many messages of this sender and epoch before it are kept as well.
    pub back: u64,
    /// As in [`Keep`](super::Keep).
    pub envelope: Vec<u8>,
    /// As in [`Keep`](super::Keep).
    pub body: Vec<u8>,
}

/// Tells what a server's host has for a user that logs in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// The senders of messages that are kept for the user.
    pub kept: Vec<UserId>,
    /// For each recipient that has seen messages of this user's while it was away, the last one.
    pub read: Vec<(UserId, MessageId)>,
}
