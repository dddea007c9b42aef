//! The directory in which a program keeps everything.

use std::io;
use std::path::{Path, PathBuf};

use super::{DirError, platform};

/// Opens the directory given, or else the platform's usual one for `program`, and returns its
/// absolute path. A missing one is created, for this user only.
///
/// `role` is what the program calls the directory, and the option that names it.
pub fn open(
    given: Option<PathBuf>,
    program: &str,
    role: &'static str,
) -> Result<PathBuf, DirError> {
    let path = locate(given, program, role)?;
    match prepare(&path) {
        Ok(()) => Ok(path),
        Err(source) => Err(DirError::Unusable { role, path, source }),
    }
}

/// Returns the absolute path of the directory that [`open`] opens, and leaves it as it is.
pub fn locate(
    given: Option<PathBuf>,
    program: &str,
    role: &'static str,
) -> Result<PathBuf, DirError> {
    match given.filter(|path| !path.as_os_str().is_empty()) {
        Some(path) => Ok(std::path::absolute(&path).unwrap_or(path)),
        None => directories::ProjectDirs::from("", "", program)
            .map(|dirs| dirs.data_dir().to_owned())
            .ok_or(DirError::Unknown { role }),
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
    // Found out now, with the directory's name, rather than at the first key or log-in.
    tempfile::tempfile_in(path).map(drop)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn is_created_with_its_parents_and_found_again() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("a/b");
        assert_eq!(open(Some(path.clone()), "breeze", "home").expect("open"), path);
        assert_eq!(open(Some(path.clone()), "breeze", "home").expect("reopen"), path);
    }

    #[cfg(unix)]
    #[test]
    fn is_for_this_user_only() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().expect("dir");
        let path = open(Some(dir.path().join("own")), "breeze", "home").expect("open");
        let mode = fs::metadata(path).expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn says_what_is_wrong_and_which_option_helps() {
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("file");
        fs::write(&file, "").expect("write");
        let error = open(Some(file.clone()), "breeze", "home").expect_err("file").to_string();
        assert!(error.contains("not a directory") && error.contains("--home"), "{error}");
        let below = open(Some(file.join("below")), "breeze-server", "data");
        let error = below.expect_err("below a file").to_string();
        assert!(error.contains("below") && error.contains("--data"), "{error}");
    }
}
