use std::path::{Path, PathBuf};

/// Says why the history and the outbox cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// Another process has the database open.
    #[error(
        "another breeze uses this home directory ({} is locked); \
         end it, or give another directory with --home DIR",
        path.display()
    )]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// The database was written by a newer version.
    #[error(
        "{} was written by a newer breeze (schema {found}, this one knows {known}) and was \
         left as it is; run that version or a later one",
        path.display()
    )]
    NewerSchema {
        /// The database.
        path: PathBuf,
        /// The version in it.
        found: u64,
        /// The latest version that this one knows.
        known: u64,
    },
    /// The database does not hold what it should.
    #[error(
        "{} is damaged, or of a newer breeze: {reason}; run that version, restore the file \
         from a backup, or move it away to start with an empty history and outbox",
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
        "cannot use {}: {source}; check its permissions and the room on the disk, then try again",
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
            | redb::Error::TableDoesNotExist(_)
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
