//! What both programs need of the operating system: a directory of their own, private files, the
//! file of the secret key, databases, sockets, the limit of open files, the time of day, sizes as
//! people write them, the log, and an end at any panic.

pub mod database;
mod database_fault;
mod dir_error;
mod file_error;
pub mod files;
mod key_error;
pub mod key_file;
pub mod local_socket;
pub mod logging;
pub mod panics;
mod platform;
pub mod private_dir;
pub mod private_file;
pub mod processor;
pub mod size;
pub mod socket;
pub mod wall_clock;

pub use database_fault::DatabaseFault;
pub use dir_error::DirError;
pub use file_error::FileError;
pub use key_error::KeyError;
