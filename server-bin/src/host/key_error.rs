use std::path::PathBuf;

use super::FileError;

/// Says why a program has no secret key, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The secret key could be read by others.
    #[error(
        "the secret key {path} is open to other users, so it was not used; \
         run 'chmod 600 {path}' if nobody can have copied it; {otherwise}",
        path = path.display()
    )]
    Exposed {
        /// The key file.
        path: PathBuf,
        /// What another key would mean.
        otherwise: &'static str,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}; nothing can be kept secret without them")]
    Random(#[from] getrandom::Error),
}
