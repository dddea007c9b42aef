use std::path::{self, Path, PathBuf};

use breeze_server::host::key_file::{self, SecretKey};
use breeze_server::host::private_dir;
use directories::UserDirs;

use crate::error::Error;
use crate::known_servers::KnownServers;
use crate::settings::Settings;

/// What to do without the old key.
const OTHERWISE: &str = "or remove it to start with a new identity";

/// Holds everything a client keeps on disk:
/// `identity.key`, `settings.toml` and `known_servers`.
#[derive(Debug)]
pub(crate) struct Home {
    path: PathBuf,
}

impl Home {
    /// Opens the home directory, or the platform's usual one, and creates it if it is missing.
    pub(crate) fn open(path: Option<PathBuf>) -> Result<Self, Error> {
        Ok(Self { path: private_dir::open(path, "breeze", "home")? })
    }

    /// Returns the directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Loads the identity's secret key, or creates it at first use.
    pub(crate) fn identity_key(&self) -> Result<SecretKey, Error> {
        Ok(key_file::load_or_create(&self.path.join("identity.key"), OTHERWISE)?)
    }

    /// Loads the settings, empty ones at first use.
    pub(crate) fn settings(&self) -> Result<Settings, Error> {
        Settings::load(self.path.join("settings.toml"))
    }

    /// Returns the file of messages and their numbers.
    pub(crate) fn store(&self) -> PathBuf {
        self.path.join("node.redb")
    }

    /// Returns the folder of the records of transfers.
    pub(crate) fn transfers(&self) -> PathBuf {
        self.path.join("transfers")
    }

    /// Returns the folder of files that are accepted without naming one: the given one, or the
    /// user's own for downloads, or one of this program's in the user's home.
    pub(crate) fn download_dir(&self, given: Option<&Path>) -> PathBuf {
        if let Some(given) = given {
            return path::absolute(given).unwrap_or_else(|_| given.to_owned());
        }
        match UserDirs::new() {
            Some(dirs) => match dirs.download_dir() {
                Some(dir) => dir.to_owned(),
                None => dirs.home_dir().join("breeze"),
            },
            None => self.path.join("files"),
        }
    }

    /// Returns the keys of the servers met before.
    pub(crate) fn known_servers(&self) -> KnownServers {
        KnownServers::new(self.path.join("known_servers"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_created_with_its_parents() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("a/b");
        let home = Home::open(Some(path.clone())).expect("open");
        assert_eq!(home.path(), path);
        let key = home.identity_key().expect("key");
        assert_eq!(Home::open(Some(path)).expect("reopen").identity_key().expect("key"), key);
    }

    #[test]
    fn there_is_always_a_folder_for_downloads() {
        let dir = tempfile::tempdir().expect("dir");
        let home = Home::open(Some(dir.path().to_owned())).expect("open");
        assert_eq!(home.download_dir(Some(Path::new("/a/b"))), Path::new("/a/b"));
        assert!(home.download_dir(Some(Path::new("a"))).ends_with("a"));
        for given in [Some(Path::new("a")), None] {
            assert!(home.download_dir(given).is_absolute());
        }
    }
}
