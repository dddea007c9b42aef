use breeze_core::id::{MessageId, UserId};

use super::{HistoryId, Origin};

/// Is one message of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its place in the order of arrival.
    pub(crate) number: HistoryId,
    /// The other user of the conversation.
    pub(crate) with: UserId,
    /// What sender and recipient call the message.
    pub(crate) id: MessageId,
    /// Who wrote it.
    pub(crate) origin: Origin,
    /// The sender's clock when it was sent.
    pub(crate) sent_ms: u64,
    /// This node's clock when it got here; of a message sent, when it was accepted.
    pub(crate) arrived_ms: u64,
    /// What it says.
    pub(crate) text: String,
}
