use std::io;
use std::path::{Path, PathBuf};

use breeze_core::files::NameError;

use super::list_error::ListError;
use super::platform;

/// Says why a stream is not made into files.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SinkError {
    /// There is no room: what was taken stays, and the rest may follow once there is.
    #[error("no room for {}: {source}", path.display())]
    Full {
        /// What was to be written.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Reading or writing failed otherwise.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// What was to be read or written.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What lies where the part file should be is something else.
    #[error("{} is not a file or folder that was begun here", path.display())]
    Foreign {
        /// Where it is.
        path: PathBuf,
    },
    /// The sender's name for it is none.
    #[error("the name that was offered is refused: {0}")]
    Name(#[from] NameError),
    /// The list of a folder's entries is refused.
    #[error("the list of the folder's entries is refused: {0}")]
    List(#[from] ListError),
    /// The bytes or the hash are not those that come next.
    #[error("byte {expected} comes next")]
    Order {
        /// What comes next.
        expected: u64,
    },
    /// The stream is not complete and verified.
    #[error("it is not complete")]
    Incomplete,
    /// All is there, but is not what was offered.
    #[error("it is not what was offered")]
    Mismatch,
    /// So many files of this name are there that no name was found.
    #[error("{} and all the names like it are taken", path.display())]
    NamesTaken {
        /// The name.
        path: PathBuf,
    },
    /// Nobody wants it any more.
    #[error("cancelled")]
    Cancelled,
}

impl SinkError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if platform::is_full(&source) {
            Self::Full { path, source }
        } else {
            Self::Io { path, source }
        }
    }
}
