//! The contract with scripts: one JSON object a line, events out and commands in.
//!
//! Field names and their order are fixed; readers ignore fields they do not know.

mod bad_command;
mod command;
mod event;
mod file_entry;
mod file_kind;
mod file_state;
#[cfg(any(test, feature = "fuzzing"))]
mod fuzz;
mod history_entry;
mod line_reader;
mod message_id;
mod message_state;
mod path_kind;
mod question;
mod reference;
mod seconds;
mod server_state;
pub(crate) mod transfer_id;
mod via;
mod who_entry;

pub(crate) use bad_command::BadCommand;
pub(crate) use command::Command;
pub(crate) use event::Event;
pub(crate) use file_entry::FileEntry;
pub(crate) use file_kind::FileKind;
pub(crate) use file_state::FileState;
#[cfg(feature = "fuzzing")]
pub(crate) use fuzz::commands;
pub(crate) use history_entry::HistoryEntry;
pub(crate) use line_reader::{Line, LineReader, MAX_LINE};
pub(crate) use message_state::MessageState;
pub(crate) use path_kind::PathKind;
pub(crate) use question::{PAGE, Question};
pub(crate) use reference::Reference;
pub(crate) use seconds::Seconds;
pub(crate) use server_state::ServerState;
pub(crate) use via::Via;
pub(crate) use who_entry::WhoEntry;
