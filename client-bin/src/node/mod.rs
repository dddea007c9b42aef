//! The node: identity, links and conversations of one user, around the core's client.
//!
//! It takes commands and gives events, the same ones that scripts read and write; every subcommand
//! is a small program on top of it. Each reader of events has a seat at the node's desk: the
//! program that runs the node, and those that come in by its door.

mod asker;
mod attached;
mod backlog;
mod booking;
mod books;
mod client_machine;
mod contacts;
mod core_events;
mod desk;
mod dial;
mod door;
mod event_reader;
mod failure;
mod files;
mod holder;
mod keys;
mod ledger;
mod listeners;
mod lock;
mod moving;
#[allow(clippy::module_inception, reason = "the module is named for its one main type")]
mod node;
mod options;
mod progress;
mod requests;
mod roster;
mod seat;
mod seat_id;
mod seat_queue;
mod telling;
mod waiting;

#[cfg(test)]
mod bench;
#[cfg(test)]
mod flow_tests;
#[cfg(test)]
mod key_tests;
#[cfg(test)]
mod progress_tests;

pub(crate) use attached::Attached;
pub(crate) use books::answer;
pub(crate) use door::Door;
pub(crate) use failure::Failure;
pub(crate) use holder::Holder;
pub(crate) use lock::Lock;
pub(crate) use node::Node;
pub(crate) use options::Options;
pub(crate) use seat::Seat;
pub(crate) use telling::history_entry;
