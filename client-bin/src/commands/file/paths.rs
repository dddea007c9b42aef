//! Paths on the command line, made fit for the node, which may have another working directory.

use std::ffi::OsStr;
use std::path::{self, Path, PathBuf};
use std::{env, fs, io};

use crate::error::Error;

/// Returns the whole path of what is to be sent, and what to call it.
pub(super) fn to_send(given: &Path) -> Result<(PathBuf, String), Error> {
    let refuse = |reason: &dyn std::fmt::Display| {
        Error::Files(format!("{} cannot be sent: {reason}", given.display()))
    };
    let whole = || -> io::Result<PathBuf> {
        fs::metadata(given)?;
        let whole = path::absolute(given)?;
        // What ends with '..' has a name all the same.
        if whole.file_name().is_none() { whole.canonicalize() } else { Ok(whole) }
    };
    let whole = whole().map_err(|error| refuse(&error))?;
    let Some(name) = whole.file_name().map(OsStr::to_string_lossy) else {
        return Err(refuse(&"it has no name; name what is in it instead"));
    };
    let name = name.into_owned();
    match whole.to_str() {
        Some(_) => Ok((whole, name)),
        None => Err(refuse(&"its path is not valid UTF-8; rename it")),
    }
}

/// Returns the whole path of the folder to receive into.
pub(super) fn to_fill(given: Option<&Path>) -> Result<PathBuf, Error> {
    let shown = given.unwrap_or(Path::new(".")).display();
    let refuse = |reason: &dyn std::fmt::Display| {
        Error::Files(format!("{shown} cannot be received into: {reason}"))
    };
    let whole = match given {
        Some(given) => path::absolute(given),
        None => env::current_dir(),
    };
    let whole = whole.map_err(|error| refuse(&error))?;
    match fs::metadata(&whole) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Err(refuse(&"it is no folder")),
        Err(error) => return Err(refuse(&error)),
    }
    match whole.to_str() {
        Some(_) => Ok(whole),
        None => Err(refuse(&"its path is not valid UTF-8")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_whole_and_have_a_name() {
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("a b");
        fs::write(&file, "x").expect("file");
        fs::create_dir(dir.path().join("d")).expect("folder");
        assert_eq!(to_send(&file).expect("file"), (file.clone(), "a b".to_owned()));
        let (whole, name) = to_send(&dir.path().join("d/..")).expect("folder");
        assert_eq!(whole, dir.path().canonicalize().expect("dir"));
        assert_eq!(whole.file_name(), Some(OsStr::new(&name)));
        assert!(to_send(Path::new("src")).expect("src").0.is_absolute());
        assert_eq!(to_fill(Some(dir.path())).expect("folder"), dir.path());
        assert!(to_fill(None).expect("current").is_absolute());
    }

    #[test]
    fn says_what_cannot_be_had() {
        let dir = tempfile::tempdir().expect("dir");
        let missing = dir.path().join("missing");
        let text = to_send(&missing).expect_err("missing").to_string();
        assert!(text.contains("missing cannot be sent: ") && text.contains("No such"), "{text}");
        assert!(to_send(Path::new("/")).expect_err("root").to_string().contains("no name"));
        let file = dir.path().join("f");
        fs::write(&file, "x").expect("file");
        assert!(to_fill(Some(&file)).expect_err("file").to_string().contains("no folder"));
        assert!(to_fill(Some(&missing)).is_err());
    }
}
