use std::path::{Path, PathBuf};

use crate::host::DatabaseFault;

/// Says why the store cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// Another process has the store open.
    #[error(
        "another breeze-server uses this data directory ({} is locked); \
         stop it, or give another directory with --data DIR",
        path.display()
    )]
    InUse {
        /// What is locked.
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
         file from a backup (without it, every user name would be free again, and the messages \
         that wait for their recipients would be lost)",
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
        "cannot use {}: {source}; check its permissions and the room on the disk",
        path.display()
    )]
    Failed {
        /// The file.
        path: PathBuf,
        /// What the database says.
        source: Box<redb::Error>,
    },
    /// There is a file where a backup was to be written.
    #[error("{} exists already and was left as it is; give another name", path.display())]
    BackupExists {
        /// The file.
        path: PathBuf,
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
