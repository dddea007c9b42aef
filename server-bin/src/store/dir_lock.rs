use std::fs::{File, TryLockError};
use std::path::Path;

use super::StoreError;
use crate::host::private_file;

const FILE: &str = "server.lock";

/// Is the right to use the store of a data directory, held by at most one process at a time.
///
/// The database has a lock of its own, but is closed for a moment when it has to be opened anew.
/// The system takes the right back from a process that dies, however it dies. The file itself
/// stays: to remove it would let two processes hold locks on two files of the same name.
#[derive(Debug)]
pub(super) struct DirLock {
    _file: File,
}

impl DirLock {
    pub(super) fn take(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        let file = private_file::open(&path).map_err(|error| StoreError::new(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path }),
            Err(TryLockError::Error(error)) => Err(StoreError::new(&path, error)),
        }
    }
}
