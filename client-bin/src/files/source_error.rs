use std::io;
use std::path::PathBuf;

use breeze_core::files::{MAX_DEPTH, MAX_ENTRIES, MAX_LIST, NameError};

/// Says why something cannot be offered, or no longer be sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    /// There is nothing.
    #[error("there is no {}", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The system does not let it be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is neither a file nor a folder.
    #[error("{} is neither a file nor a folder", path.display())]
    Neither {
        /// The path.
        path: PathBuf,
    },
    /// It has no name, or none that is text.
    #[error("{} has no name, or one that is not UTF-8; give it another", path.display())]
    NotText {
        /// The path.
        path: PathBuf,
    },
    /// Its name is not one that every system takes.
    #[error("the name of {} is not one for every system: {why}", path.display())]
    Name {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        why: NameError,
    },
    /// Another name in the same folder differs in upper and lower case alone.
    #[error(
        "{} differs from another one in upper and lower case only, which some systems take for the \
         same",
        path.display()
    )]
    Clash {
        /// The path.
        path: PathBuf,
    },
    /// There are too many folders within each other.
    #[error("{} is more than {MAX_DEPTH} folders deep", path.display())]
    TooDeep {
        /// The path.
        path: PathBuf,
    },
    /// The folder has more in it than can be offered at once.
    #[error(
        "{} has more than {MAX_ENTRIES} files and folders, or names of more than {MAX_LIST} bytes, \
         or more than 2^64 bytes; send a part of it at a time, or an archive",
        path.display()
    )]
    TooMany {
        /// The folder.
        path: PathBuf,
    },
    /// It is not what it was when it was offered.
    #[error("{} has changed since it was offered", path.display())]
    Changed {
        /// The path.
        path: PathBuf,
    },
}

/// Says why a stream was not hashed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HashError {
    /// It cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The hashes cannot be kept, or are not those of the stream.
    #[error("cannot use {}: {source}", path.display())]
    Tree {
        /// The file of hashes.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// Nobody wants it any more.
    #[error("cancelled")]
    Cancelled,
}
