//! One link's life: preamble, handshake, records (PROTOCOL.md, "Links").

#[allow(clippy::module_inception, reason = "the module is named for its one main type")]
mod session;

pub(crate) use session::{Session, What};
