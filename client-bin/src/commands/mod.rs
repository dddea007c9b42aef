//! One module for each subcommand.

pub(crate) mod chat;
pub(crate) mod demo;
pub(crate) mod id;
mod input;
mod session;
pub(crate) mod send;
mod show;
pub(crate) mod up;
pub(crate) mod who;
