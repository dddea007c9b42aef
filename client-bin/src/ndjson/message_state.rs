use serde::{Deserialize, Serialize};

/// Says how far a message got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MessageState {
    /// Accepted, on its way.
    Queued,
    /// Kept at the server for a recipient that is away.
    Stored,
    /// The recipient's client has it.
    Delivered,
    /// A person has seen it.
    Read,
    /// It was given up; the event has the reason.
    Failed,
}
