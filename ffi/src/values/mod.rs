//! Small values, as C sees them.

mod address;
mod key;
mod message_id;
mod name;
mod path;
mod reasons;
mod text_out;
mod user;

pub use address::*;
pub use key::*;
pub use message_id::*;
pub use name::*;
pub use path::*;
pub use reasons::*;
pub use user::*;

pub(crate) use text_out::{put_text, write_text};
