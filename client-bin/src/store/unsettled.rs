use breeze_core::id::{MessageId, UserId};

use super::DeliveryState;

/// Is a sent message that is neither delivered nor failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unsettled {
    /// The recipient.
    pub(crate) to: UserId,
    /// Its number.
    pub(crate) id: MessageId,
    /// What it says.
    pub(crate) text: String,
    /// This node's clock when it was accepted.
    pub(crate) sent_ms: u64,
    /// `Queued` or `Stored`.
    pub(crate) state: DeliveryState,
}
