//! Files to move, and other programs that move them, for the comparison `files`.

mod bare_tcp;
mod breeze;
mod sample;
mod ssh;

pub use bare_tcp::bare_tcp;
pub use breeze::{Breeze, Took};
pub use sample::{big_file, small_files};
pub use ssh::Ssh;
