//! Files and folders on the disk, as the streams of bytes that a transfer moves (PROTOCOL.md, "Files").
//!
//! Everything here blocks, and knows of no network: a [`Survey`] describes what is offered, [`hash`]
//! makes the [`Tree`] that proves its blocks, a [`Source`] reads the stream, and a [`Sink`] makes files
//! of one. Memory does not grow with files, only with the number of a folder's entries.

mod about;
mod clashes;
mod content;
mod hashing;
mod list_error;
mod listing;
mod part;
mod platform;
mod reader;
mod root;
mod scan;
mod sink;
mod sink_error;
mod source;
mod source_error;
mod sparse;
mod survey;
mod tree;
mod watch;

#[cfg(test)]
mod disk_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod round_trip_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod timing_tests;

pub(crate) use hashing::hash;
pub(crate) use sink::{Resumed, Sink};
pub(crate) use sink_error::SinkError;
pub(crate) use source::Source;
pub(crate) use source_error::{HashError, SourceError};
pub(crate) use survey::Survey;
pub(crate) use tree::Tree;
pub(crate) use watch::Watch;
