//! The node within another program: what `breeze up --json` is to a script, this is to a host that
//! links the library.

mod mailbox;
mod no_event;
mod node_handle;
mod node_options;
mod refused;

pub use no_event::NoEvent;
pub use node_handle::NodeHandle;
pub use node_options::NodeOptions;
pub use refused::Refused;
