use breeze_core::id::MessageId;

/// Tells what a [`Change`](super::Change) did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// The message is kept under this number.
    Accepted(MessageId),
    /// The outbox has no room for the message, and nothing of it is kept.
    Full,
    /// The message is in the history.
    Kept {
        /// It was not there before.
        new: bool,
    },
    /// These messages got further, in order of their numbers.
    Advanced(Vec<MessageId>),
    /// The message has failed now; false if it is unknown or its outcome was settled before.
    Failed(bool),
    /// The contact is as it was given.
    Contact,
}
