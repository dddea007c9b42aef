//! What goes into the state machines and what comes out of them.

mod event;
mod output;
mod received;
#[cfg(feature = "alloc")]
mod server_output;

pub use event::Event;
pub use output::{Output, Target};
pub use received::{Received, ReceivedMessage};
#[cfg(feature = "alloc")]
pub use server_output::{ServerEvent, ServerOutput};
