use std::fs::{File, TryLockError};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use breeze_server::host::{FileError, private_file};

use super::holder::{Holder, NAME};
use crate::error::Error;

/// Is the right to run the node of a home directory, held by at most one process at a time.
///
/// The system takes it back from a process that dies, however it dies. The file itself stays: to
/// remove it would let two processes hold locks on two files of the same name.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock of a home directory, unless another process has it.
    pub(crate) fn try_take(home: &Path) -> Result<Option<Self>, Error> {
        let path = home.join(NAME);
        let file = private_file::open(&path).map_err(|error| FileError::write(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file, path })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(Error::Lock { path, source }),
        }
    }

    /// Writes down who has the lock, for those who do not get it.
    pub(crate) fn name(&mut self, holder: &Holder) -> Result<(), Error> {
        self.write(&holder.to_string()).map_err(|error| FileError::write(&self.path, error).into())
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_held_once_and_free_again_afterwards() {
        let dir = tempfile::tempdir().expect("dir");
        let first = Lock::try_take(dir.path()).expect("lock").expect("free");
        assert!(Lock::try_take(dir.path()).expect("lock").is_none());
        drop(first);
        assert!(Lock::try_take(dir.path()).expect("lock").is_some());
    }

    #[test]
    fn tells_who_has_it_now() {
        let dir = tempfile::tempdir().expect("dir");
        let mut lock = Lock::try_take(dir.path()).expect("lock").expect("free");
        for user in ["a-rather-long-name", "al"] {
            let holder = Holder::this_process(user.into(), "host:1".into());
            lock.name(&holder).expect("write");
            // Elsewhere nobody else can read a locked file.
            #[cfg(unix)]
            assert_eq!(Holder::of(dir.path()), holder);
        }
    }
}
