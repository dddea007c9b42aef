use breeze_core::id::{Epoch, MessageId, PublicKey, UserId};
use breeze_core::io::Keep;

use super::{Registration, Secret};

/// Says what is to be made durable, or is asked in order with that.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// A key wants to log in under a name, which it registers if it is new and that is allowed.
    Claim {
        /// The name.
        user: UserId,
        /// The key that was proved.
        key: PublicKey,
        /// Bytes of a frame that the client takes; 0 if that is not known.
        max_frame: u32,
        /// Who may become a user.
        registration: Registration,
    },
    /// A key wants to become that of a user who has shown a secret, and to log in.
    Enrol {
        /// The name.
        user: UserId,
        /// The key that was proved.
        key: PublicKey,
        /// Bytes of a frame that the client takes; 0 if that is not known.
        max_frame: u32,
        /// What was found right. If the user has another by now, the key is not enrolled.
        secret: Secret,
        /// Who may become a user.
        registration: Registration,
    },
    /// A message is to be kept for a recipient that is not there.
    Keep {
        /// The message.
        keep: Keep,
    },
    /// A recipient has acknowledged messages: they are kept no longer.
    Acked {
        /// The sender.
        from: UserId,
        /// The recipient.
        to: UserId,
        /// The last of them.
        id: MessageId,
    },
    /// A person has seen messages, of which the sender is told when it comes.
    Read {
        /// The sender.
        from: UserId,
        /// The recipient.
        to: UserId,
        /// The last of them.
        id: MessageId,
    },
    /// A sender asks what became of its messages.
    Ask {
        /// The sender.
        from: UserId,
        /// The recipient.
        to: UserId,
        /// The numbering.
        epoch: Epoch,
    },
    /// A sender was told what persons have seen of its messages.
    ReadTold {
        /// The sender.
        user: UserId,
        /// For each recipient, the last message: what was seen since then remains to be told.
        read: Vec<(UserId, MessageId)>,
    },
    /// What has been kept for too long is given up: at most some thousand messages at a time, the
    /// oldest first, so that it takes repetition until none is given up.
    Purge,
}
