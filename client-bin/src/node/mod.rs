//! The node: identity, links and conversations of one user, around the core's client.
//!
//! It takes commands and gives events, the same ones that scripts read and write; every subcommand
//! is a small program on top of it.

mod client_machine;
mod dial;
mod event_queue;
mod failure;
mod listeners;
#[allow(clippy::module_inception, reason = "the module is named for its one main type")]
mod node;
mod options;
mod roster;
mod waiting;

pub(crate) use failure::Failure;
pub(crate) use node::Node;
pub(crate) use options::Options;
