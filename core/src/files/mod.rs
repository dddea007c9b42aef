//! Files, as streams of bytes that are verified block by block (PROTOCOL.md, "Files").

mod block;
mod file_name;
mod folder_entry;
mod offer;
mod tree;

pub use block::{BLOCK, BlockHasher, block_len, blocks};
pub use file_name::{MAX_FILE_NAME, NameError, check_file_name};
pub use folder_entry::{EntryKind, FolderEntry, MAX_DEPTH, MAX_ENTRIES, MAX_LIST};
pub use offer::{FileDetails, FileKind, Offer};
pub use tree::{MAX_LEVELS, Node, merge, proof, verify};
