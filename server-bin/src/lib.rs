//! The Breeze server: introduces clients to each other, and relays what cannot go direct.
//!
//! Its program is `breeze-server`. This library is that program without its `main`, for the
//! client's demonstration and benchmarks to start a real server. The client's program shares two
//! pieces of it: [`driver`], which drives a state machine of the core on smol, whichever it is, and
//! [`host`], what both programs need of the operating system. With the feature `test-disk`, its tests
//! share a third, the disk that both stores are tried on.
#![forbid(unsafe_code)]

mod admin;
mod cli;
mod commands;
mod data_dir;
pub mod driver;
mod error;
pub mod host;
mod listen;
mod program;
mod room;
mod secret;
mod service;
mod store;
#[cfg(any(test, feature = "test-disk"))]
pub mod test_disk;

pub use program::main;
