//! The contract with scripts: one JSON object a line, events out and commands in.
//!
//! Field names and their order are fixed; readers ignore fields they do not know.

mod command;
mod event;
mod line_reader;
mod reference;

pub(crate) use command::{BadCommand, Command, PAGE, Question};
pub(crate) use event::{Event, HistoryEntry, MessageState, PathKind, ServerState, WhoEntry};
pub(crate) use line_reader::{Line, LineReader, MAX_LINE};
pub(crate) use reference::Reference;
