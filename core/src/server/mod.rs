//! The server's whole state machine.

mod config;
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
mod tries;

pub use config::ServerConfig;
pub use server::Server;
