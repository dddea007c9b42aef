//! Files: everything that [`breeze_core::files::Transfers`] does, beside a client.

mod arrived;
mod commands;
mod create;
mod entered;
mod hash;
mod offer;
mod output;
mod reasons;
mod source;
mod stored;
mod tree;

pub use arrived::*;
pub use commands::*;
pub use create::*;
pub use hash::*;
pub use offer::*;
pub use output::*;
pub use reasons::*;
pub use source::*;
pub use stored::breeze_transfers;
pub use tree::*;

pub(crate) use entered::EnteredTransfers;
pub(crate) use source::HostSource;
