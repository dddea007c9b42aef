//! The Breeze client.
//!
//! Its program is `breeze`. This library is that program without its `main`, for hosts that run its node
//! within themselves ([`NodeHandle`]), and for the fuzzer to get at what the program reads.
#![forbid(unsafe_code)]

mod cli;
mod commands;
mod connect;
mod error;
mod files;
mod home;
mod interfaces;
mod known_servers;
mod listen;
mod ndjson;
mod node;
mod program;
mod server_addr;
mod settings;
mod store;
mod text;

pub use commands::embedded::{NoEvent, NodeHandle, NodeOptions, Refused};
pub use program::main;

/// Reads lines as the commands of scripts, and as events: what `fuzz/` does with its bytes.
#[cfg(feature = "fuzzing")]
pub fn fuzz_commands(data: &[u8]) {
    ndjson::commands(data);
}
