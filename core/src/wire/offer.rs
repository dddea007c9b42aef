use serde::{Deserialize, Serialize};

use crate::id::{NameError, check_file_name};

/// Describes what a sender would transfer: one stream of bytes, and what its recipient makes of it
/// (PROTOCOL.md, "Offer").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer<'a> {
    /// The name of the file or the folder; checked by [`check`](Self::check).
    pub name: &'a str,
    /// Which of the two it is.
    pub kind: FileKind,
    /// Bytes of the stream.
    pub size: u64,
    /// The BLAKE3 hash of the stream.
    pub root: [u8; 32],
}

/// Says what a stream of bytes holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileKind {
    /// The content of one file.
    File(FileDetails),
    /// A list of what is in a folder, then the contents of its files one after the other.
    Folder {
        /// Files and folders in it, at any depth.
        entries: u32,
        /// Bytes of the list: [`FolderEntry`](super::FolderEntry) after another.
        list: u32,
    },
}

/// Holds what is kept of a file beside its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDetails {
    /// When it was changed last: nanoseconds since 1970, UTC.
    pub modified: i64,
    /// Whether its owner may run it.
    pub executable: bool,
}

impl Offer<'_> {
    /// Checks what the encoding does not.
    ///
    /// # Errors
    /// A [`NameError`] if the name is none for a file.
    pub fn check(&self) -> Result<(), NameError> {
        check_file_name(self.name)
    }
}
