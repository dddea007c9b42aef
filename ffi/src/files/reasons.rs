use breeze_core::error::{FileEnd, FileRefusal};
use breeze_core::files::HoldReason;

use crate::breeze_result;

/// Says how the transfer of a file ended.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_file_end {
    /// The recipient has all of it.
    Done = 0,
    /// The recipient does not want it.
    Rejected = 1,
    /// One of the two has changed its mind.
    Cancelled = 2,
    /// The other side knows nothing of it.
    Unknown = 3,
    /// The file has changed since it was offered, or is gone.
    Changed = 4,
    /// A block was wrong again and again.
    Corrupt = 5,
    /// What was offered, or the list of a folder, is not well-formed.
    Malformed = 6,
    /// The disk of whoever says so fails.
    Disk = 7,
    /// The recipient has more offers than it keeps.
    TooMany = 8,
}

impl From<FileEnd> for breeze_file_end {
    fn from(end: FileEnd) -> Self {
        match end {
            FileEnd::Done => Self::Done,
            FileEnd::Rejected => Self::Rejected,
            FileEnd::Cancelled => Self::Cancelled,
            FileEnd::Unknown => Self::Unknown,
            FileEnd::Changed => Self::Changed,
            FileEnd::Corrupt => Self::Corrupt,
            FileEnd::Malformed => Self::Malformed,
            FileEnd::Disk => Self::Disk,
            FileEnd::TooMany => Self::TooMany,
        }
    }
}

/// Reads a breeze_file_end.
pub(super) fn file_end(number: u32) -> Result<FileEnd, breeze_result> {
    let all = [
        FileEnd::Done,
        FileEnd::Rejected,
        FileEnd::Cancelled,
        FileEnd::Unknown,
        FileEnd::Changed,
        FileEnd::Corrupt,
        FileEnd::Malformed,
        FileEnd::Disk,
        FileEnd::TooMany,
    ];
    let known = all.into_iter().find(|end| breeze_file_end::from(*end) as u32 == number);
    known.ok_or(breeze_result::BadValue)
}

/// Says why the server does not relay something of a transfer.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_file_refusal {
    /// The server relays no files.
    Off = 0,
    /// The stream is longer than the server relays.
    TooLarge = 1,
    /// The recipient is not online.
    Offline = 2,
    /// The recipient's device takes no files, or none in pieces of this length.
    NotTaken = 3,
    /// The server cannot keep up: the transfer pauses, and goes on by itself.
    Busy = 4,
}

impl From<FileRefusal> for breeze_file_refusal {
    fn from(reason: FileRefusal) -> Self {
        match reason {
            FileRefusal::Off => Self::Off,
            FileRefusal::TooLarge { .. } => Self::TooLarge,
            FileRefusal::Offline => Self::Offline,
            FileRefusal::NotTaken => Self::NotTaken,
            FileRefusal::Busy => Self::Busy,
        }
    }
}

/// Says why a recipient cannot go on.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_hold_reason {
    /// Its disk is full.
    DiskFull = 0,
    /// Its user has stopped it for now.
    Paused = 1,
}

impl From<HoldReason> for breeze_hold_reason {
    fn from(reason: HoldReason) -> Self {
        match reason {
            HoldReason::DiskFull => Self::DiskFull,
            HoldReason::Paused => Self::Paused,
        }
    }
}

/// Reads a breeze_hold_reason.
pub(super) fn hold_reason(number: u32) -> Result<HoldReason, breeze_result> {
    let all = [HoldReason::DiskFull, HoldReason::Paused];
    let known = all.into_iter().find(|reason| breeze_hold_reason::from(*reason) as u32 == number);
    known.ok_or(breeze_result::BadValue)
}
