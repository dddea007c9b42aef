use core::fmt;

use serde::{Deserialize, Serialize};

/// Says how the transfer of a file ended (PROTOCOL.md, "Files"). The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileEnd {
    /// The recipient has all of it.
    Done,
    /// The recipient does not want it.
    Rejected,
    /// One of the two has changed its mind.
    Cancelled,
    /// The other side knows nothing of it.
    Unknown,
    /// The file has changed since it was offered, or is gone.
    Changed,
    /// A block was wrong again and again.
    Corrupt,
    /// What was offered, or the list of a folder, is not well-formed.
    Malformed,
    /// The disk of whoever says so fails.
    Disk,
    /// The recipient has more offers than it keeps.
    TooMany,
}

impl FileEnd {
    /// Returns the name that scripts read.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
            Self::Changed => "changed",
            Self::Corrupt => "corrupt",
            Self::Malformed => "malformed",
            Self::Disk => "disk",
            Self::TooMany => "too_many",
        }
    }
}

impl fmt::Display for FileEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "it is complete",
            Self::Rejected => "the recipient does not want it",
            Self::Cancelled => "it was cancelled",
            Self::Unknown => "the other side knows nothing of it any more",
            Self::Changed => "the file has changed since it was offered, or is gone",
            Self::Corrupt => "a part of it came wrong again and again",
            Self::Malformed => "what was offered is not well-formed",
            Self::Disk => "a disk failed",
            Self::TooMany => "the recipient has too many offers already",
        })
    }
}
