use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::host::DirError;
use crate::host::key_file::{self, SecretKey};
use crate::host::private_dir;

/// The file of the server's secret key.
pub(crate) const KEY_FILE: &str = "server.key";

/// For whom the platform's usual directory is.
const PROGRAM: &str = "breeze-server";

/// What the directory is called, and the option that names it.
const ROLE: &str = "data";

/// What a key that is not the old one means.
const OTHERWISE: &str = "with a new key, every client would refuse this server";

/// Holds everything a server keeps on disk: `server.key`, `server.redb` and `server.lock`.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
}

impl DataDir {
    /// Opens the data directory, or the platform's usual one, and creates it if it is missing.
    pub(crate) fn open(path: Option<PathBuf>) -> Result<Self, Error> {
        Ok(Self { path: private_dir::open(path, PROGRAM, ROLE)? })
    }

    /// Opens the data directory like [`open`](Self::open), and says so if it creates it: a server
    /// that has another would never hear of what is done in this one.
    pub(crate) fn open_or_note(path: Option<PathBuf>) -> Result<Self, Error> {
        let is_new = !private_dir::locate(path.clone(), PROGRAM, ROLE)?.exists();
        let data = Self::open(path)?;
        if is_new {
            eprintln!(
                "breeze-server: note: data directory {} is new; if the server has another, give \
                 that with --data DIR",
                data.path.display()
            );
        }
        Ok(data)
    }

    /// Opens the data directory, which must exist.
    pub(crate) fn find(path: Option<PathBuf>) -> Result<Self, Error> {
        let dir = private_dir::locate(path, PROGRAM, ROLE)?;
        if !dir.exists() {
            let source = io::Error::new(io::ErrorKind::NotFound, "it does not exist");
            return Err(DirError::Unusable { role: ROLE, path: dir, source }.into());
        }
        Self::open(Some(dir))
    }

    /// Returns the directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Loads the server's secret key, or creates it at first use.
    pub(crate) fn server_key(&self) -> Result<SecretKey, Error> {
        Ok(key_file::load_or_create(&self.path.join(KEY_FILE), OTHERWISE)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_created_and_keeps_the_key() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("a/b");
        let key = DataDir::open(Some(path.clone())).expect("open").server_key().expect("key");
        let data = DataDir::open(Some(path.clone())).expect("reopen");
        assert_eq!(data.server_key().expect("key"), key);
        assert_eq!(data.path(), path);
    }

    #[test]
    fn is_found_only_if_it_is_there() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("data");
        let error = DataDir::find(Some(path.clone())).expect_err("missing").to_string();
        assert!(error.contains("does not exist") && error.contains("--data DIR"), "{error}");
        assert!(!path.exists());
        DataDir::open_or_note(Some(path.clone())).expect("create");
        assert_eq!(DataDir::find(Some(path.clone())).expect("find").path(), path);
    }
}
