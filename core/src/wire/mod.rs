//! Bytes to messages and back: records hold frames, frames hold messages (PROTOCOL.md).

mod bytes;
mod chat;
mod deframer;
mod entries;
mod entries_writer;
#[cfg(feature = "files")]
mod file_item;
#[cfg(feature = "files")]
mod folder_entry;
mod frame;
#[cfg(test)]
mod framing_tests;
#[cfg(all(feature = "alloc", any(test, feature = "fuzzing")))]
mod fuzz;
mod hello;
mod login;
mod message;
#[cfg(feature = "files")]
mod offer;
mod record_writer;
mod sealed;
mod setup;
mod step;
#[cfg(any(test, feature = "fuzzing"))]
mod test_host;
#[cfg(test)]
mod toy_cipher;
mod varint;
mod write_error;

pub use chat::{Ack, Chat, ChatBody, Relay, RelayItem};
pub use deframer::Deframer;
pub use entries::{Entries, Introduction, PeerEntry};
pub use entries_writer::EntriesWriter;
#[cfg(feature = "alloc")]
pub(crate) use entries_writer::encode_entry;
#[cfg(feature = "files")]
pub use file_item::{FileItem, HoldReason, RelayedFile};
#[cfg(feature = "files")]
pub use folder_entry::{
    EntryKind, FolderEntry, MAX_DEPTH, MAX_ENTRIES as MAX_FOLDER_ENTRIES, MAX_LIST,
};
#[cfg(feature = "alloc")]
pub use frame::append_frame;
pub use frame::encoded_len;
#[cfg(feature = "alloc")]
pub(crate) use frame::{append_relayed, relayed_len};
#[cfg(all(feature = "alloc", any(test, feature = "fuzzing")))]
pub(crate) use fuzz::{deframer, message};
pub use hello::Hello;
pub use login::{Login, Welcome};
pub use message::Message;
#[cfg(feature = "files")]
pub use offer::{FileDetails, FileKind, Offer};
pub use record_writer::RecordWriter;
pub use sealed::Sealed;
#[cfg(feature = "files")]
pub(crate) use sealed::file_item;
pub(crate) use sealed::sealed_item;
pub use setup::{Setup, SetupOk};
pub use step::Step;
pub use write_error::WriteError;
