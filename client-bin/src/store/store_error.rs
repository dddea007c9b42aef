use std::path::{Path, PathBuf};

use breeze_server::host::DatabaseFault;

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
    pub(super) fn new(path: &Path, fault: impl Into<DatabaseFault>) -> Self {
        let path = path.to_owned();
        match fault.into() {
            DatabaseFault::InUse => Self::InUse { path },
            DatabaseFault::Damaged(reason) => Self::Damaged { path, reason },
            DatabaseFault::Failed(source) => Self::Failed { path, source },
        }
    }
}
