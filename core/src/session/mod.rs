//! One link's life: preamble, handshake, records (PROTOCOL.md, "Links").

#[cfg(all(feature = "alloc", any(test, feature = "fuzzing")))]
mod fuzz;
#[allow(clippy::module_inception, reason = "the module is named for its one main type")]
mod session;

#[cfg(all(feature = "alloc", any(test, feature = "fuzzing")))]
pub(crate) use fuzz::link;
pub(crate) use session::{Session, What};
