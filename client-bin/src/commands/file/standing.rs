use crate::ndjson::{FileState, PathKind, Via};

/// Says how far one transfer has got, as far as this command was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The node has not answered yet.
    Asked,
    /// It is under way.
    Going {
        state: FileState,
        bytes: u64,
        /// Bytes a second, lately.
        rate: u64,
        via: Option<PathKind>,
        reason: Option<String>,
    },
    /// The recipient has all of it.
    Done { path: String, bytes: u64, ms: u64, via: Via },
    /// It was given up.
    Failed { reason: String, message: String },
    /// The node does not do what was asked, and says why.
    Refused(String),
}
