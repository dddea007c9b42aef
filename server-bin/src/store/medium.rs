use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use redb::Database;

use crate::host::{DatabaseFault, database};

/// Bytes of the database kept in memory: what is read again and again. The system keeps the rest of it,
/// as far as it has memory that nobody else needs.
pub(super) const CACHE: usize = 1 << 20;
/// Bytes for which there has to be room on the disk before changes are tried again after they
/// failed: what a database of some size may grow by at once.
const PROBE: usize = 1 << 20;

/// Is where the database lies.
pub(super) trait Medium: fmt::Debug + Send + Sync {
    /// Opens the database, which is not open.
    fn open(&self) -> Result<Database, DatabaseFault>;

    /// Finds out whether the disk takes anything, without touching the database.
    fn probe(&self) -> io::Result<()>;
}

/// Is a file.
#[derive(Debug)]
pub(super) struct FileMedium {
    path: PathBuf,
}

impl FileMedium {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }
}

impl Medium for FileMedium {
    fn open(&self) -> Result<Database, DatabaseFault> {
        database::open(&self.path, CACHE)
    }

    fn probe(&self) -> io::Result<()> {
        let dir = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::tempfile_in(dir)?;
        file.write_all(&[0x55; PROBE])?;
        file.sync_all()
    }
}
