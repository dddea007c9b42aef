use breeze_core::id::{Epoch, MessageId, UserId};

use super::Contact;

/// Says what is to be made durable.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// A message of this user's own: it gets a number and enters the outbox and the history.
    Accept {
        /// The recipient.
        to: UserId,
        /// What it says.
        text: String,
        /// This node's clock.
        sent_ms: u64,
    },
    /// A message of somebody else's enters the history, unless it is there already.
    Keep {
        /// The sender.
        from: UserId,
        /// Its number.
        id: MessageId,
        /// The sender's display name.
        name: String,
        /// What it says.
        text: String,
        /// The sender's clock, whatever that is worth.
        sent_ms: u64,
        /// This node's clock.
        arrived_ms: u64,
    },
    /// The server keeps all messages up to a number.
    Stored {
        /// The recipient.
        to: UserId,
        /// The numbering.
        epoch: Epoch,
        /// The last of them.
        upto: u64,
    },
    /// The recipient keeps all messages up to a number: they leave the outbox.
    Delivered {
        /// The recipient.
        to: UserId,
        /// The numbering.
        epoch: Epoch,
        /// The last of them.
        upto: u64,
    },
    /// A person has seen all messages up to a number, which includes that they were delivered.
    Read {
        /// The recipient.
        to: UserId,
        /// The numbering.
        epoch: Epoch,
        /// The last of them.
        upto: u64,
    },
    /// A message is given up and leaves the outbox; one that was delivered stays delivered.
    Failed {
        /// The recipient.
        to: UserId,
        /// Its number.
        id: MessageId,
        /// Why, for people and scripts.
        reason: String,
    },
    /// What is known of a user is replaced.
    Contact {
        /// The user.
        user: UserId,
        /// What is known now.
        contact: Contact,
    },
}
