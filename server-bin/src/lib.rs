//! The Breeze server: introduces clients to each other, and relays what cannot go direct.
//!
//! Its program is `breeze-server`. This library is that program without its `main`, for the
//! client's demonstration and benchmarks to start a real server; and [`driver`], which drives a
//! state machine of the core on smol, whichever it is.
#![forbid(unsafe_code)]

mod accounts;
mod cli;
mod clock;
mod data_dir;
pub mod driver;
mod error;
mod key_file;
mod listen;
mod logging;
mod platform;
mod private_file;
mod program;
mod service;

pub use program::main;
