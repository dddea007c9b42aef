//! What goes into the state machines and what comes out of them.

mod event;
#[cfg(feature = "alloc")]
mod keep;
#[cfg(feature = "alloc")]
mod kept;
mod output;
mod received;
#[cfg(feature = "files")]
mod received_file;
#[cfg(feature = "alloc")]
mod server_output;

pub use event::Event;
#[cfg(feature = "alloc")]
pub use keep::Keep;
#[cfg(feature = "alloc")]
pub use kept::{Backlog, Kept};
pub use output::{Output, Target};
pub use received::{Received, ReceivedMessage};
#[cfg(feature = "files")]
pub use received_file::{FileNews, ReceivedFile};
#[cfg(feature = "alloc")]
pub use server_output::{ServerEvent, ServerOutput};
