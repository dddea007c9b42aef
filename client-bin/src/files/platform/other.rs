use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use breeze_core::files::FileDetails;

use super::super::about::{About, Kind};

/// Opens a link itself, not what it leads to: `FILE_FLAG_OPEN_REPARSE_POINT`.
const NOT_THROUGH_LINKS: u32 = 0x0020_0000;

/// A folder, by its path.
#[derive(Debug)]
pub(in super::super) struct Dir(PathBuf);

impl Dir {
    /// Opens a folder by a path that the user chose, links and all.
    pub(in super::super) fn open(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path)?;
        if fs::metadata(&path)?.is_dir() {
            Ok(Self(path))
        } else {
            Err(io::ErrorKind::NotADirectory.into())
        }
    }

    /// Opens the same folder again.
    pub(in super::super) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self(self.0.clone()))
    }

    /// Opens a folder in it.
    pub(in super::super) fn folder(&self, name: &str) -> io::Result<Self> {
        let path = self.0.join(name);
        if fs::symlink_metadata(&path)?.is_dir() {
            Ok(Self(path))
        } else {
            Err(io::ErrorKind::NotADirectory.into())
        }
    }

    /// Creates a folder, and opens it; a user's own folders are private by inheritance.
    pub(in super::super) fn make_folder(&self, name: &str, _is_private: bool) -> io::Result<Self> {
        fs::create_dir(self.0.join(name))?;
        self.folder(name)
    }

    /// Opens a file for reading.
    pub(in super::super) fn file(&self, name: &str) -> io::Result<File> {
        self.open_file(name, OpenOptions::new().read(true))
    }

    /// Opens a file for reading and writing.
    pub(in super::super) fn file_to_write(&self, name: &str) -> io::Result<File> {
        self.open_file(name, OpenOptions::new().read(true).write(true))
    }

    /// Creates a file where there is nothing.
    pub(in super::super) fn make_file(
        &self,
        name: &str,
        _is_private: bool,
        _is_executable: bool,
    ) -> io::Result<File> {
        self.open_file(name, OpenOptions::new().read(true).write(true).create_new(true))
    }

    fn open_file(&self, name: &str, options: &mut OpenOptions) -> io::Result<File> {
        options.custom_flags(NOT_THROUGH_LINKS).open(self.0.join(name))
    }

    /// Says what a name stands for; nothing if there is no such name.
    pub(in super::super) fn about(&self, name: &str) -> io::Result<Option<About>> {
        let metadata = match fs::symlink_metadata(self.0.join(name)) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let kind = match metadata.file_type() {
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Folder,
            kind if kind.is_symlink() => Kind::Link,
            _ => Kind::Other,
        };
        let details = FileDetails { modified: modified_of(&metadata), executable: false };
        Ok(Some(About { kind, size: metadata.len(), details, is_alone: true }))
    }

    /// Lists the names in it, in no order.
    pub(in super::super) fn names(&self) -> io::Result<Vec<OsString>> {
        fs::read_dir(&self.0)?.map(|entry| Ok(entry?.file_name())).collect()
    }

    /// Removes a file, or a link.
    pub(in super::super) fn remove_file(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    /// Removes whatever has this name, with all that is in it; links are not followed.
    pub(in super::super) fn remove_all(&self, name: &str) -> io::Result<()> {
        let path = self.0.join(name);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
            Ok(_) => fs::remove_file(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Renames into another folder of the same file system, over a file of that name.
    pub(in super::super) fn rename_over(&self, name: &str, to: &Self, new: &str) -> io::Result<()> {
        fs::rename(self.0.join(name), to.0.join(new))
    }

    /// Renames into another folder of the same file system, where there is nothing.
    pub(in super::super) fn rename_new(&self, name: &str, to: &Self, new: &str) -> io::Result<()> {
        if to.about(new)?.is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.rename_over(name, to, new)
    }

    /// Does nothing: here folders cannot be synchronised.
    pub(in super::super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// Says that it does not go at once.
    pub(in super::super) fn sync_everything(&self) -> io::Result<bool> {
        Ok(false)
    }
}

/// Reads at a place of a file.
pub(in super::super) fn read_at(file: &File, buf: &mut [u8], at: u64) -> io::Result<usize> {
    file.seek_read(buf, at)
}

/// Writes at a place of a file.
pub(in super::super) fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
    file.seek_write(bytes, at)
}

/// Makes durable what has been written of a file.
pub(in super::super) fn write_out(file: &File, _kept: bool) -> io::Result<()> {
    file.sync_data()
}

/// Returns when an open file was changed last.
pub(in super::super) fn modified_of(metadata: &Metadata) -> i64 {
    let nanoseconds = |time: Duration| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
    match metadata.modified().map(|time| time.duration_since(UNIX_EPOCH)) {
        Ok(Ok(since)) => nanoseconds(since),
        Ok(Err(before)) => -nanoseconds(before.duration()),
        Err(_) => 0,
    }
}

/// Tells whether no other name stands for an open file: not known here.
pub(in super::super) fn is_alone(_metadata: &Metadata) -> bool {
    true
}

/// Sets when a file was changed last.
pub(in super::super) fn set_modified(file: &File, modified: i64) -> io::Result<()> {
    let distance = Duration::from_nanos(modified.unsigned_abs());
    let time = match modified {
        0.. => UNIX_EPOCH.checked_add(distance),
        _ => UNIX_EPOCH.checked_sub(distance),
    };
    file.set_modified(time.unwrap_or_else(SystemTime::now))
}

/// Does nothing: what files are private here follows from their folder.
pub(in super::super) fn make_public(_file: &File, _is_executable: bool) -> io::Result<()> {
    Ok(())
}

/// Tells whether an error means that there is no room, of whatever kind.
pub(in super::super) fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Tells whether a file was not opened because a link has its name: here that is seen later.
pub(in super::super) fn is_link(_error: &io::Error) -> bool {
    false
}
