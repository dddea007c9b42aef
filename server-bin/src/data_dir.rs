use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::host::key_file::{self, SecretKey};
use crate::host::private_dir;

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
        Ok(Self { path: private_dir::open(path, "breeze-server", "data")? })
    }

    /// Returns the directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Loads the server's secret key, or creates it at first use.
    pub(crate) fn server_key(&self) -> Result<SecretKey, Error> {
        Ok(key_file::load_or_create(&self.path.join("server.key"), OTHERWISE)?)
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
}
