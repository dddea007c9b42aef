use serde::{Deserialize, Serialize};

use super::offer::FileDetails;

/// Folders within each other, at most.
pub const MAX_DEPTH: usize = 64;
/// Files and folders in one folder that is offered, at any depth, at most.
pub const MAX_ENTRIES: u32 = 200_000;
/// Bytes of the list of a folder's entries, at most: what a recipient keeps in memory of it.
pub const MAX_LIST: u32 = 32 * 1024 * 1024;

/// Describes one entry of a folder, in the list at the beginning of its stream (PROTOCOL.md,
/// "Folders").
///
/// A folder's entries follow it. There are no paths, so none leads out of the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderEntry<'a> {
    /// How many folders end before this entry.
    pub up: u8,
    /// Its name, see [`check_file_name`](crate::id::check_file_name).
    pub name: &'a str,
    /// What it is.
    pub what: EntryKind,
}

/// Says what an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryKind {
    /// A folder, whose entries follow.
    Folder,
    /// A file, with its content at its place in the stream.
    File {
        /// Bytes of its content.
        size: u64,
        /// The rest.
        details: FileDetails,
    },
}
