//! One module for each subcommand, and one for hosts that have no command line.

mod access;
pub(crate) mod bench;
pub(crate) mod chat;
pub(crate) mod demo;
pub(crate) mod embedded;
pub(crate) mod file;
pub(crate) mod history;
pub(crate) mod id;
mod input;
pub(crate) mod login;
mod output;
mod own_node;
mod put_off;
mod role;
mod run;
mod screen;
pub(crate) mod send;
mod server_process;
mod session;
mod show;
pub(crate) mod up;
pub(crate) mod verify;
pub(crate) mod who;

pub(crate) use access::Access;
