//! A Breeze client for a microcontroller with 64 KiB of RAM: the portable part of the firmware.
//!
//! It joins a [`Client`](breeze_core::Client) to the TCP sockets of `smoltcp`, and answers whoever
//! writes to it. Nothing here allocates or knows the board, which implements [`Board`].
//!
//! **It has no randomness of its own.** Keys are made of bytes on its command line, since QEMU's
//! board has no source of any. A product must have one in hardware, and must not copy this.

#![no_std]
#![forbid(unsafe_code)]

mod answer;
mod board;
mod inbox;
mod limits;
mod memory;
mod network;
mod node;
mod options;
mod pipe;
mod random;
mod report;

pub use answer::{Status, answer};
pub use board::Board;
pub use limits::{ANSWER, BLOCKS, LIMITS, LINKS, PEERS, PIPES};
pub use memory::Memory;
pub use node::{Device, Node};
pub use options::{BadOptions, Options};
pub use random::Random;
