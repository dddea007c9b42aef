//! The Breeze protocol as sans-IO state machines.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod client;
mod delivery;
pub mod error;
pub mod id;
pub mod io;
mod keepalive;
pub mod limits;
pub mod noise;
mod peer_table;
#[cfg(feature = "alloc")]
mod presence;
mod random;
mod route;
#[cfg(feature = "alloc")]
mod server;
mod session;
pub mod time;
mod timer;
pub mod wire;

pub use client::{Client, Config, Mesh};
pub use route::Path;
#[cfg(feature = "alloc")]
pub use server::{Server, ServerConfig};
