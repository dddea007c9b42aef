//! Files that are whole or absent at any moment, and readable by this user only.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::platform;

/// Puts a file in place of the one at `path`, if any: durably, and all or nothing.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut draft = draft(path)?;
    draft.write_all(content)?;
    draft.as_file().sync_all()?;
    draft.persist(path)?;
    platform::sync_dir(parent(path))
}

/// Creates a file, durably; an existing one stays as it is and gives `AlreadyExists`.
pub fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut draft = draft(path)?;
    draft.write_all(content)?;
    publish(draft, path)
}

/// Begins a file that is to be at `path` once it is [published](publish): until then it has another
/// name in the same directory, and none at all if it is dropped.
pub fn draft(path: &Path) -> io::Result<NamedTempFile> {
    // Temporary files are created for this user only.
    NamedTempFile::new_in(parent(path))
}

/// Puts a draft at `path`, durably; an existing file stays as it is and gives `AlreadyExists`.
pub fn publish(draft: NamedTempFile, path: &Path) -> io::Result<()> {
    draft.as_file().sync_all()?;
    draft.persist_noclobber(path)?;
    platform::sync_dir(parent(path))
}

/// Gives a file another name in the same directory, durably.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)?;
    platform::sync_dir(parent(to))
}

/// Opens a file for reading and writing; a missing one is created for this user only.
pub fn open(path: &Path) -> io::Result<File> {
    platform::open_private(path)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn an_existing_file_is_replaced_but_not_created_again() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("file");
        create(&path, b"one").expect("create");
        let error = create(&path, b"two").expect_err("exists");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).expect("read"), b"one");
        replace(&path, b"three").expect("replace");
        open(&path).expect("open");
        assert_eq!(fs::read(&path).expect("read"), b"three");
        assert_eq!(fs::read_dir(dir.path()).expect("list").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn is_for_this_user_only() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().expect("dir");
        let path = |name: &str| dir.path().join(name);
        create(&path("created"), b"").expect("create");
        replace(&path("replaced"), b"").expect("replace");
        open(&path("opened")).expect("open");
        for name in ["created", "replaced", "opened"] {
            let mode = fs::metadata(path(name)).expect("metadata").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }
}
