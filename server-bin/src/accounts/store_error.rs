use std::path::{Path, PathBuf};

/// Says why the accounts cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// Another process has the database open.
    #[error(
        "another breeze-server uses this data directory ({} is locked); \
         stop it, or give another directory with --data DIR",
        path.display()
    )]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// The database was written by a newer server.
    #[error(
        "{} was written by a newer breeze-server (schema {found}, this one knows {known}) and was \
         left as it is; run that version or a later one",
        path.display()
    )]
    NewerSchema {
        /// The database.
        path: PathBuf,
        /// The version in it.
        found: u64,
        /// The latest version that this server knows.
        known: u64,
    },
    /// The database does not hold what it should.
    #[error(
        "{} is damaged, or of a newer breeze-server: {reason}; run that version, or restore the \
         file from a backup (without it, every user name would be free again)",
        path.display()
    )]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Reading or writing failed.
    #[error(
        "cannot use {}: {source}; check its permissions and the disk, then start the server again",
        path.display()
    )]
    Failed {
        /// The database.
        path: PathBuf,
        /// What the database says.
        source: Box<redb::Error>,
    },
}

impl StoreError {
    pub(super) fn new(path: &Path, error: impl Into<redb::Error>) -> Self {
        let path = path.to_owned();
        match error.into() {
            redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => {
                Self::InUse { path }
            }
            redb::Error::Corrupted(reason) => Self::Damaged { path, reason },
            error @ (redb::Error::UpgradeRequired(_)
            | redb::Error::TableTypeMismatch { .. }
            | redb::Error::TypeDefinitionChanged { .. }
            | redb::Error::TableIsMultimap(_)) => Self::Damaged { path, reason: error.to_string() },
            // What redb says of a file that is none of its own.
            redb::Error::Io(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof
                ) =>
            {
                Self::Damaged { path, reason: error.to_string() }
            }
            error => Self::Failed { path, source: Box::new(error) },
        }
    }
}
