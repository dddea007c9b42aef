//! The sans-IO client: everything that [`breeze_core::Client`] does.

mod capacity;
mod commands;
mod config;
mod create;
mod entered;
mod event;
mod feed;
#[cfg(feature = "files")]
mod files;
mod output;
mod received;
mod state;
mod stored;

pub use capacity::*;
pub use commands::*;
pub use config::*;
pub use create::*;
pub use event::*;
pub use feed::*;
#[cfg(feature = "files")]
pub use files::*;
pub use output::*;
pub use received::*;
pub use state::*;
pub use stored::breeze_client;
