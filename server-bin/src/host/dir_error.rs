use std::io;
use std::path::PathBuf;

/// Says why a program has no directory of its own, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum DirError {
    /// The platform names no directory for a program's data.
    #[error("no {role} directory is known for this account; give --{role} DIR")]
    Unknown {
        /// What the program calls the directory, and the option that names it.
        role: &'static str,
    },
    /// The directory cannot be used.
    #[error(
        "cannot use {} as {role} directory: {source}; give another with --{role} DIR",
        path.display()
    )]
    Unusable {
        /// What the program calls the directory, and the option that names it.
        role: &'static str,
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
}
