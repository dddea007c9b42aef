//! The subcommands about files.

mod accept;
mod bars;
mod end;
mod item;
mod lines;
mod list;
mod outcome;
mod paths;
mod send;
mod standing;
mod view;
mod watch;
pub(super) mod words;

pub(crate) use accept::accept;
pub(crate) use end::{Ending, end};
pub(crate) use list::list;
pub(crate) use send::send;
