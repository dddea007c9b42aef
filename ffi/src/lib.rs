//! `libbreeze`: the client of Breeze for hosts in any language, by a C ABI.
//!
//! `include/breeze.h` is made of what stands here, and its first page says how it is used. There are
//! two layers: the sans-IO client of [`breeze_core`], whose sockets, clock, randomness, memory and disk
//! are the host's, and, with the feature `node`, the whole node that the program `breeze` runs.
//!
//! Each function checks its pointers (`arguments`), does its work behind a boundary that no panic
//! passes (`guard`), and writes its outputs on success only. Names are those that C sees.
//!
//! # Features
//!
//! - `node` (default) brings the easy layer, and the other two.
//! - `files` (default) transfers files: it takes no allocator and no operating system either.
//! - `ring` takes the host's cipher, several times faster than the portable one.
//! - `std` is for hosts with an operating system. Without it the library needs neither an allocator nor
//!   anything else of its host than `breeze_host_panic`.
#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![allow(non_camel_case_types, reason = "they are named as C sees them")]

mod abi;
mod arguments;
mod client;
#[cfg(feature = "files")]
mod files;
mod guard;
mod life;
mod log;
#[cfg(feature = "node")]
mod node;
#[cfg(not(any(feature = "std", test)))]
mod panic_handler;
mod result;
mod values;

pub use abi::*;
pub use client::*;
#[cfg(feature = "files")]
pub use files::*;
pub use log::*;
#[cfg(feature = "node")]
pub use node::*;
pub use result::*;
pub use values::*;
