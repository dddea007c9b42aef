use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use breeze_core::files::FileDetails;
use rustix::fs::{
    AtFlags, Mode, OFlags, Timespec, Timestamps, UTIME_OMIT, fchmod, fsync, futimens, mkdirat,
    open, openat, renameat, statat, unlinkat,
};
use rustix::io::Errno;

use super::super::about::{About, Kind};

const NANOSECONDS: i64 = 1_000_000_000;
/// Neither links are followed, nor anybody waited for at the other end of a pipe.
const CAREFUL: OFlags = OFlags::CLOEXEC.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK);
const FOLDER: OFlags = OFlags::CLOEXEC.union(OFlags::DIRECTORY);

/// An open folder, whatever becomes of its path.
#[derive(Debug)]
pub(in super::super) struct Dir(OwnedFd);

impl Dir {
    /// Opens a folder by a path that the user chose, links and all.
    pub(in super::super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(open(path, FOLDER, Mode::empty())?))
    }

    /// Opens the same folder again.
    pub(in super::super) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self(self.0.try_clone()?))
    }

    /// Opens a folder in it.
    pub(in super::super) fn folder(&self, name: &str) -> io::Result<Self> {
        Ok(Self(openat(&self.0, name, FOLDER.union(CAREFUL), Mode::empty())?))
    }

    /// Creates a folder, and opens it; a private one is for this user alone.
    pub(in super::super) fn make_folder(&self, name: &str, is_private: bool) -> io::Result<Self> {
        mkdirat(&self.0, name, mode(if is_private { 0o700 } else { 0o777 }))?;
        self.folder(name).inspect_err(|_| {
            // So that whoever tries again does not meet what it did not see being made.
            let _ = unlinkat(&self.0, name, AtFlags::REMOVEDIR);
        })
    }

    /// Opens a file for reading.
    pub(in super::super) fn file(&self, name: &str) -> io::Result<File> {
        Ok(openat(&self.0, name, CAREFUL.union(OFlags::RDONLY), Mode::empty())?.into())
    }

    /// Opens a file for reading and writing.
    pub(in super::super) fn file_to_write(&self, name: &str) -> io::Result<File> {
        Ok(openat(&self.0, name, CAREFUL.union(OFlags::RDWR), Mode::empty())?.into())
    }

    /// Creates a file where there is nothing; a private one is for this user alone.
    pub(in super::super) fn make_file(
        &self,
        name: &str,
        is_private: bool,
        is_executable: bool,
    ) -> io::Result<File> {
        let flags = CAREFUL.union(OFlags::RDWR).union(OFlags::CREATE).union(OFlags::EXCL);
        let bits = if is_private { 0o600 } else { public(is_executable) };
        Ok(openat(&self.0, name, flags, mode(bits))?.into())
    }

    /// Says what a name stands for; nothing if there is no such name.
    pub(in super::super) fn about(&self, name: &str) -> io::Result<Option<About>> {
        let stat = match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let kind = match rustix::fs::FileType::from_raw_mode(stat.st_mode) {
            rustix::fs::FileType::RegularFile => Kind::File,
            rustix::fs::FileType::Directory => Kind::Folder,
            rustix::fs::FileType::Symlink => Kind::Link,
            _ => Kind::Other,
        };
        let nanoseconds = i64::try_from(stat.st_mtime_nsec).unwrap_or(0);
        Ok(Some(About {
            kind,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            details: FileDetails {
                modified: modified(stat.st_mtime, nanoseconds),
                executable: stat.st_mode & 0o100 != 0,
            },
            is_alone: stat.st_nlink <= 1,
        }))
    }

    /// Lists the names in it, in no order.
    pub(in super::super) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name));
            }
        }
        Ok(names)
    }

    /// Removes a file, or a link.
    pub(in super::super) fn remove_file(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Removes whatever has this name, with all that is in it; links are not followed.
    pub(in super::super) fn remove_all(&self, name: &str) -> io::Result<()> {
        let mut folders: Vec<(OwnedFd, OsString, Vec<OsString>)> = Vec::new();
        let mut name = OsString::from(name);
        loop {
            let dir = folders.last().map_or(&self.0, |(dir, ..)| dir);
            match unlinkat(dir, &name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                // The second is what POSIX wants to hear of a folder.
                Err(Errno::ISDIR | Errno::PERM) => {
                    let inner = openat(dir, &name, FOLDER.union(CAREFUL), Mode::empty())?;
                    let inner = Self(inner);
                    let names = inner.names()?;
                    folders.push((inner.0, name, names));
                }
                Err(error) => return Err(error.into()),
            }
            name = loop {
                let Some((_, _, names)) = folders.last_mut() else { return Ok(()) };
                if let Some(next) = names.pop() {
                    break next;
                }
                if let Some((_, empty, _)) = folders.pop() {
                    let dir = folders.last().map_or(&self.0, |(dir, ..)| dir);
                    unlinkat(dir, &empty, AtFlags::REMOVEDIR)?;
                }
            };
        }
    }

    /// Renames into another folder of the same file system, over a file of that name.
    pub(in super::super) fn rename_over(&self, name: &str, to: &Self, new: &str) -> io::Result<()> {
        Ok(renameat(&self.0, name, &to.0, new)?)
    }

    /// Renames into another folder of the same file system, where there is nothing.
    pub(in super::super) fn rename_new(&self, name: &str, to: &Self, new: &str) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        {
            let flags = rustix::fs::RenameFlags::NOREPLACE;
            match rustix::fs::renameat_with(&self.0, name, &to.0, new, flags) {
                // Some file systems do not know how.
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
                result => return Ok(result?),
            }
        }
        if to.about(new)?.is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.rename_over(name, to, new)
    }

    /// Makes the names in it durable.
    pub(in super::super) fn sync(&self) -> io::Result<()> {
        match fsync(&self.0) {
            // There is nothing to be done where the file system has no such thing.
            Err(Errno::INVAL) => Ok(()),
            result => Ok(result?),
        }
    }

    /// Makes everything durable on the file system that it is on, where that goes at once: tells
    /// whether it does.
    pub(in super::super) fn sync_everything(&self) -> io::Result<bool> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            rustix::fs::syncfs(&self.0)?;
            Ok(true)
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        Ok(false)
    }
}

fn mode(bits: u32) -> Mode {
    Mode::from_bits_truncate(bits as rustix::fs::RawMode)
}

fn public(is_executable: bool) -> u32 {
    if is_executable { 0o755 } else { 0o644 }
}

fn modified(seconds: i64, nanoseconds: i64) -> i64 {
    seconds.saturating_mul(NANOSECONDS).saturating_add(nanoseconds)
}

/// Reads at a place of a file.
pub(in super::super) fn read_at(file: &File, buf: &mut [u8], at: u64) -> io::Result<usize> {
    file.read_at(buf, at)
}

/// Writes at a place of a file.
pub(in super::super) fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
    file.write_at(bytes, at)
}

/// Makes durable what has been written of a file; unless it is `kept`, the system need not have it in
/// memory any longer.
pub(in super::super) fn write_out(file: &File, kept: bool) -> io::Result<()> {
    file.sync_data()?;
    #[cfg(target_os = "linux")]
    if !kept {
        // A wish, which need not be granted.
        let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = kept;
    Ok(())
}

/// Returns when an open file was changed last.
pub(in super::super) fn modified_of(metadata: &Metadata) -> i64 {
    modified(metadata.mtime(), metadata.mtime_nsec())
}

/// Tells whether no other name stands for an open file.
pub(in super::super) fn is_alone(metadata: &Metadata) -> bool {
    metadata.nlink() <= 1
}

/// Sets when a file was changed last.
pub(in super::super) fn set_modified(file: &File, modified: i64) -> io::Result<()> {
    let last_modification = Timespec {
        tv_sec: modified.div_euclid(NANOSECONDS),
        tv_nsec: modified.rem_euclid(NANOSECONDS) as _,
    };
    let last_access = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT as _ };
    Ok(futimens(file, &Timestamps { last_access, last_modification })?)
}

/// Lets others have a file that was private, as far as this process lets them have new files.
pub(in super::super) fn make_public(file: &File, is_executable: bool) -> io::Result<()> {
    Ok(fchmod(file, mode(public(is_executable) & !umask()))?)
}

/// Tells whether an error means that there is no room, of whatever kind.
pub(in super::super) fn is_full(error: &io::Error) -> bool {
    let full = [Errno::NOSPC, Errno::DQUOT, Errno::FBIG];
    Errno::from_io_error(error).is_some_and(|errno| full.contains(&errno))
}

/// Tells whether a file was not opened because a link has its name.
pub(in super::super) fn is_link(error: &io::Error) -> bool {
    // The second is what FreeBSD says.
    Errno::from_io_error(error).is_some_and(|errno| [Errno::LOOP, Errno::MLINK].contains(&errno))
}

/// Returns the bits that this process denies to new files.
#[allow(clippy::useless_conversion, reason = "modes are smaller on some systems")]
fn umask() -> u32 {
    let said = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let line = status.lines().find_map(|line| line.strip_prefix("Umask:"))?;
        u32::from_str_radix(line.trim(), 8).ok()
    });
    said.unwrap_or_else(|| {
        // It can only be learnt by setting it: to the strictest, for the moment that it takes.
        let umask = rustix::process::umask(mode(0o077));
        rustix::process::umask(umask);
        u32::from(umask.bits())
    })
}
