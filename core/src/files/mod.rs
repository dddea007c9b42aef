//! Files, as streams of bytes that are verified block by block (PROTOCOL.md, "Files").
//!
//! [`Transfers`] runs them beside a [`Client`](crate::Client): both sides say where they stand, again
//! whenever the way between them changes, and neither relies on anything that was under way.

mod arrived;
mod block;
mod incoming;
mod outgoing;
mod pace;
mod sending;
mod sink;
mod source;
// Hashing megabytes takes Miri minutes.
#[cfg(all(test, not(miri)))]
mod tests;
mod transfers;
mod tree;

pub use crate::id::{MAX_FILE_NAME, NameError, check_file_name};
pub use crate::wire::{
    EntryKind, FileDetails, FileKind, FolderEntry, HoldReason, MAX_DEPTH,
    MAX_FOLDER_ENTRIES as MAX_ENTRIES, MAX_LIST, Offer,
};
pub use arrived::Arrived;
pub use block::{BLOCK, BlockHasher, block_len, blocks};
#[cfg(feature = "alloc")]
pub(crate) use pace::Pace;
pub(crate) use sending::{RelayLimits, Way};
pub(crate) use sink::{Sink, Written};
pub use source::Source;
pub use transfers::{FileOutput, Slot, Transfers};
pub use tree::{MAX_LEVELS, Node, merge, proof, verify};
