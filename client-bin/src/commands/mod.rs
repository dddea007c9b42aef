//! One module for each subcommand.

pub(crate) mod chat;
pub(crate) mod demo;
pub(crate) mod id;
mod input;
pub(crate) mod send;
mod session;
mod show;
pub(crate) mod up;
pub(crate) mod who;
