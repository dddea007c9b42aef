//! Numbering, acknowledgements, resending and the removal of duplicates (PROTOCOL.md,
//! "Delivery").

mod incoming;
mod outbox;
mod outgoing;

pub(crate) use incoming::{Incoming, Verdict};
pub(crate) use outbox::{Block, Outbox, Queue};
pub(crate) use outgoing::{Outcome, Outgoing};
