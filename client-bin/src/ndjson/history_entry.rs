use std::borrow::Cow;

use breeze_core::id::UserId;
use serde::{Deserialize, Serialize};

use super::MessageState;

/// Is one message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HistoryEntry<'a> {
    /// Its place in this node's history, in the order of arrival.
    pub(crate) entry: u64,
    pub(crate) id: Cow<'a, str>,
    pub(crate) from: UserId,
    pub(crate) to: UserId,
    pub(crate) text: Cow<'a, str>,
    /// By the sender's clock.
    pub(crate) sent_ms: u64,
    /// By this node's clock.
    pub(crate) arrived_ms: u64,
    /// How far a message of one's own has got.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<MessageState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<Cow<'a, str>>,
}
