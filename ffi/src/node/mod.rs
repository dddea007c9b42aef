//! The easy layer: a whole node, for hosts with an operating system.

mod calls;
mod options;
mod start;

pub use calls::*;
pub use options::*;
pub use start::*;
