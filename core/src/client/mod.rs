//! The client's whole state machine.
//!
//! `client.rs` is the façade with its capacities; everything else works on [`Engine`], which sees
//! the same tables without their sizes, so that the code exists once whatever the capacities.

#[allow(clippy::module_inception, reason = "the module is named for its one main type")]
mod client;
mod commands;
mod config;
mod dialling;
mod direct;
mod engine;
#[cfg(feature = "files")]
mod file_mail;
#[cfg(feature = "files")]
mod files;
#[cfg(all(feature = "alloc", any(test, feature = "fuzzing")))]
mod fuzz;
mod inputs;
mod keys;
mod link;
mod link_table;
mod mail;
mod network;
mod outputs;
mod presence;
mod relayed;
mod sealed;
mod server_link;
mod state;
mod stored;
mod timeouts;
mod transmit;

pub use client::Client;
pub use config::{Absence, Config, Interest, Mesh};
#[cfg(all(feature = "alloc", any(test, feature = "fuzzing")))]
pub(crate) use fuzz::client;
