//! Numbering, acknowledgements, resending and the removal of duplicates (PROTOCOL.md,
//! "Delivery").

mod custody;
mod holes;
mod incoming;
mod outbox;
mod outgoing;
mod pace;

pub use custody::{Answer, Custody};
pub(crate) use holes::Holes;
pub(crate) use incoming::{Incoming, Verdict};
pub(crate) use outbox::{Block, Outbox, Queue};
pub(crate) use outgoing::{Next, Outcome, Outgoing};
pub(crate) use pace::Pace;
