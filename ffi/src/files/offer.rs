use core::ffi::c_char;
use core::ptr;

use breeze_core::files::{FileDetails, FileKind, Offer};

use super::breeze_hash;
use crate::arguments::{read, text};
use crate::breeze_result;

/// Says what a stream of bytes holds.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_file_kind {
    /// The content of one file.
    File = 0,
    /// A list of what is in a folder, then the contents of its files one after the other, as PROTOCOL.md
    /// says.
    Folder = 1,
}

/// Describes what a sender would transfer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct breeze_offer {
    /// The name of the file or the folder: 1 to 255 bytes of UTF-8, and no path. What comes from a peer
    /// has been checked: there is no `/`, no `\`, no control character and no name such as `..` in it.
    pub name: *const c_char,
    /// Bytes of the name, which has no NUL.
    pub name_len: usize,
    /// A breeze_file_kind.
    pub kind: u32,
    /// Of a file: its owner may run it.
    pub executable: bool,
    /// Of a file: when it was changed last, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// Of a folder: files and folders in it, at any depth.
    pub entries: u32,
    /// Of a folder: bytes of the list, at the front of the stream.
    pub list_len: u32,
    /// Bytes of the stream. A peer's word, like all of this.
    pub size: u64,
    /// The BLAKE3 hash of the stream.
    pub root: breeze_hash,
}

impl breeze_offer {
    pub(super) const NONE: Self = Self {
        name: ptr::null(),
        name_len: 0,
        kind: 0,
        executable: false,
        modified_ns: 0,
        entries: 0,
        list_len: 0,
        size: 0,
        root: breeze_hash::NONE,
    };
}

impl From<Offer<'_>> for breeze_offer {
    fn from(offer: Offer<'_>) -> Self {
        let Offer { name, kind, size, root } = offer;
        let described = Self {
            name: name.as_ptr().cast(),
            name_len: name.len(),
            size,
            root: breeze_hash { bytes: root },
            ..Self::NONE
        };
        match kind {
            FileKind::File(FileDetails { modified, executable }) => Self {
                kind: breeze_file_kind::File as u32,
                modified_ns: modified,
                executable,
                ..described
            },
            FileKind::Folder { entries, list } => {
                Self { kind: breeze_file_kind::Folder as u32, entries, list_len: list, ..described }
            }
        }
    }
}

/// Reads an offer and its name.
pub(super) unsafe fn read_offer<'a>(
    offer: *const breeze_offer,
) -> Result<Offer<'a>, breeze_result> {
    const FILE: u32 = breeze_file_kind::File as u32;
    const FOLDER: u32 = breeze_file_kind::Folder as u32;
    // SAFETY: as the caller says.
    let (given, name) = unsafe {
        let given = read(offer)?;
        (given, text(given.name, given.name_len)?)
    };
    let kind = match given.kind {
        FILE => FileKind::File(FileDetails {
            modified: given.modified_ns,
            executable: given.executable,
        }),
        FOLDER => FileKind::Folder { entries: given.entries, list: given.list_len },
        _ => return Err(breeze_result::BadValue),
    };
    let offer = Offer { name, kind, size: given.size, root: given.root.bytes };
    offer.check().map_err(|_| breeze_result::BadFileName)?;
    Ok(offer)
}
