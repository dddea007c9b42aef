//! The administration of accounts, for a server that runs and for one that does not.
//!
//! A command makes a [`Request`] of what it is told. If a server runs, its [door](Door), a socket in
//! the data directory, takes the request as one line of JSON and answers with one
//! [`Reply`]; otherwise the command opens the store itself. Either way [`execute`] does it.
//! Codes and passwords stay with the command: it sends their hashes.

mod ask;
mod done;
mod door;
mod execute;
mod line;
mod listed_user;
mod open_store;
mod refusal;
mod reply;
mod request;

pub(crate) use ask::ask;
pub(crate) use done::Done;
pub(crate) use door::Door;
pub(crate) use execute::{Executed, Expelled, execute};
pub(crate) use listed_user::ListedUser;
pub(crate) use open_store::open_store;
pub(crate) use refusal::{Refusal, RefusalCode};
pub(crate) use reply::Reply;
pub(crate) use request::{Limit, Request};

/// The socket, in the data directory.
pub(crate) const NAME: &str = "admin.sock";
