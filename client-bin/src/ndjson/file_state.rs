use serde::{Deserialize, Serialize};

/// Says what a transfer is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FileState {
    /// Somebody offers it, and nobody here has said what to do about it.
    Offered,
    /// What is to be offered is read for the first time.
    Hashing,
    /// It is offered and not accepted yet, or there is no way to the other side.
    Waiting,
    /// Bytes are on their way.
    Moving,
    /// It is stopped here until something changes; the reason says what.
    Held,
    /// What is on disk already is verified before the rest comes.
    Checking,
    /// The recipient has all of it.
    Done,
    /// It was given up; the reason says why.
    Failed,
}
