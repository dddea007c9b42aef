//! Files that are whole or absent at any moment, and readable by this user only.

use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::platform;

/// Puts a file in place of the one at `path`, if any: durably, and all or nothing.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = parent(path);
    write_beside(dir, content)?.persist(path)?;
    platform::sync_dir(dir)
}

/// Creates a file, durably; an existing one stays as it is and gives `AlreadyExists`.
pub(crate) fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = parent(path);
    write_beside(dir, content)?.persist_noclobber(path)?;
    platform::sync_dir(dir)
}

fn write_beside(dir: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    // Temporary files are created for this user only, and removed again if anything fails.
    let mut file = NamedTempFile::new_in(dir)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
