//! The core's notion of time: a number the host hands in.

mod instant;
mod span;

pub use instant::Instant;
pub(crate) use span::Span;
