use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::key_file::{self, SecretKey};
use crate::platform;

/// Holds everything a server keeps on disk: `server.key` and `accounts.redb`.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
}

impl DataDir {
    /// Opens the data directory, or the platform's usual one, and creates it if it is missing.
    pub(crate) fn open(path: Option<PathBuf>) -> Result<Self, Error> {
        let path = match path.filter(|path| !path.as_os_str().is_empty()) {
            Some(path) => std::path::absolute(&path).unwrap_or(path),
            None => directories::ProjectDirs::from("", "", "breeze-server")
                .ok_or(Error::NoDataDir)?
                .data_dir()
                .to_owned(),
        };
        match prepare(&path) {
            Ok(()) => Ok(Self { path }),
            Err(source) => Err(Error::DataDir { path, source }),
        }
    }

    /// Returns the directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Loads the server's secret key, or creates it at first use.
    pub(crate) fn server_key(&self) -> Result<SecretKey, Error> {
        key_file::load_or_create(&self.path.join("server.key"))
    }
}

fn prepare(path: &Path) -> io::Result<()> {
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "not a directory"));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            platform::create_private_dir(path)?;
        }
        Err(error) => return Err(error),
    }
    // Found out now, with the directory's name, rather than at the first log-in.
    tempfile::tempfile_in(path).map(drop)
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
    fn says_what_is_wrong_with_the_directory() {
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("file");
        std::fs::write(&file, "").expect("write");
        let error = DataDir::open(Some(file)).expect_err("file").to_string();
        assert!(error.contains("not a directory") && error.contains("--data"), "{error}");
    }
}
