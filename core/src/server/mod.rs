//! The server's whole state machine.

mod config;
#[cfg(feature = "files")]
mod files;
#[cfg(any(test, feature = "fuzzing"))]
mod fuzz;
mod inputs;
mod keeping;
mod link;
mod links;
mod login;
mod outputs;
mod pickup;
mod presence;
mod relay;
mod seat;
mod send_queue;
#[allow(clippy::module_inception, reason = "the module is named for its one main type")]
mod server;
mod strangers;
mod timers;
mod tries;

pub use config::ServerConfig;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use fuzz::server;
pub use server::Server;
