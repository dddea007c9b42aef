use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::key_file::{self, SecretKey};
use crate::known_servers::KnownServers;
use crate::platform;
use crate::settings::Settings;

/// Holds everything a client keeps on disk:
/// `identity.key`, `settings.toml` and `known_servers`.
#[derive(Debug)]
pub(crate) struct Home {
    path: PathBuf,
}

impl Home {
    /// Opens the home directory, or the platform's usual one, and creates it if it is missing.
    pub(crate) fn open(path: Option<PathBuf>) -> Result<Self, Error> {
        let path = match path.filter(|path| !path.as_os_str().is_empty()) {
            Some(path) => std::path::absolute(&path).unwrap_or(path),
            None => directories::ProjectDirs::from("", "", "breeze")
                .ok_or(Error::NoHome)?
                .data_dir()
                .to_owned(),
        };
        match prepare(&path) {
            Ok(()) => Ok(Self { path }),
            Err(source) => Err(Error::Home { path, source }),
        }
    }

    /// Returns the directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Loads the identity's secret key, or creates it at first use.
    pub(crate) fn identity_key(&self) -> Result<SecretKey, Error> {
        key_file::load_or_create(&self.path.join("identity.key"))
    }

    /// Loads the settings, empty ones at first use.
    pub(crate) fn settings(&self) -> Result<Settings, Error> {
        Settings::load(self.path.join("settings.toml"))
    }

    /// Returns the keys of the servers met before.
    pub(crate) fn known_servers(&self) -> KnownServers {
        KnownServers::new(self.path.join("known_servers"))
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
    // Found out now, with the directory's name, rather than at the first key or setting.
    tempfile::tempfile_in(path).map(drop)
}

#[cfg(test)]
mod tests {
    use std::fs;

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

    #[cfg(unix)]
    #[test]
    fn is_private() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().expect("dir");
        let home = Home::open(Some(dir.path().join("home"))).expect("open");
        let mode = fs::metadata(home.path()).expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn says_what_is_wrong_with_the_directory() {
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("file");
        fs::write(&file, "").expect("write");
        let error = Home::open(Some(file.clone())).expect_err("file").to_string();
        assert!(error.contains("not a directory") && error.contains("--home"), "{error}");
        let error = Home::open(Some(file.join("below"))).expect_err("below a file").to_string();
        assert!(error.contains("below"), "{error}");
    }
}
