//! The file of the secret key: 64 hexadecimal digits and a line end, for this user only.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::{FileError, KeyError, platform, private_file};

/// Holds a secret key and wipes it from memory when done.
pub type SecretKey = Zeroizing<[u8; 32]>;

/// More than the file ever has, so that a wrong file is noticed without reading all of it.
const MAX_FILE: usize = 80;

/// Loads the key at `path`, or draws a new one and stores it there.
///
/// `otherwise` ends the advice about a key that cannot be used: it says what another key would mean.
pub fn load_or_create(path: &Path, otherwise: &'static str) -> Result<SecretKey, KeyError> {
    if let Some(key) = load(path, otherwise)? {
        return Ok(key);
    }
    let mut key = SecretKey::default();
    getrandom::fill(key.as_mut_slice())?;
    let mut line = Zeroizing::new([b'\n'; 65]);
    // The buffer has exactly the room that encoding 32 bytes takes.
    let _ = base16ct::lower::encode(key.as_slice(), &mut line[..64]);
    match private_file::create(path, line.as_slice()) {
        Ok(()) => Ok(key),
        // Another process was faster: its key is the one.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            load(path, otherwise)?.ok_or_else(|| FileError::read(path, error).into())
        }
        Err(error) => Err(FileError::write(path, error).into()),
    }
}

fn load(path: &Path, otherwise: &'static str) -> Result<Option<SecretKey>, KeyError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(FileError::read(path, error).into()),
    };
    let metadata = file.metadata().map_err(|error| FileError::read(path, error))?;
    if platform::is_exposed(&metadata) {
        return Err(KeyError::Exposed { path: path.to_owned(), otherwise });
    }
    // Sized before reading: growth would leave copies of the key behind.
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_FILE));
    file.take(MAX_FILE as u64)
        .read_to_end(&mut text)
        .map_err(|error| FileError::read(path, error))?;
    let mut key = SecretKey::default();
    match base16ct::mixed::decode(text.trim_ascii(), key.as_mut_slice()) {
        Ok(decoded) if decoded.len() == 32 => Ok(Some(key)),
        Ok(_) | Err(_) => {
            let path = path.to_owned();
            let reason = "it does not hold 64 hexadecimal digits".into();
            let advice = format!("restore it from a backup; {otherwise}");
            Err(FileError::Damaged { path, reason, advice }.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;

    const OTHERWISE: &str = "another key is another day";

    fn key_path() -> (TempDir, PathBuf) {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("some.key");
        (dir, path)
    }

    #[test]
    fn creates_once_and_loads_the_same_key() {
        let (dir, path) = key_path();
        let key = load_or_create(&path, OTHERWISE).expect("create");
        assert_ne!(*key, [0; 32]);
        assert_eq!(load_or_create(&path, OTHERWISE).expect("load"), key);
        assert_eq!(fs::read(&path).expect("read").len(), 65);
        assert_eq!(fs::read_dir(dir.path()).expect("list").count(), 1);
    }

    #[test]
    fn processes_that_start_at_once_agree_on_one_key() {
        let (_dir, path) = key_path();
        let keys = std::thread::scope(|scope| {
            let start = || load_or_create(&path, OTHERWISE).expect("key");
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|t| t.join().expect("thread")).collect::<Vec<_>>()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[cfg(unix)]
    #[test]
    fn is_private_and_refuses_a_file_that_is_not() {
        use std::os::unix::fs::PermissionsExt;

        let (_dir, path) = key_path();
        load_or_create(&path, OTHERWISE).expect("create");
        assert_eq!(fs::metadata(&path).expect("metadata").permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("chmod");
            let error = load_or_create(&path, OTHERWISE).expect_err("exposed").to_string();
            assert!(error.contains("chmod 600") && error.contains(OTHERWISE), "{error}");
        }
    }

    #[test]
    fn refuses_a_damaged_file_and_leaves_it() {
        let (_dir, path) = key_path();
        for text in [String::new(), "00".repeat(31), "zz".repeat(32), "00".repeat(1000)] {
            private_file::replace(&path, text.as_bytes()).expect("write");
            let error = load_or_create(&path, OTHERWISE).expect_err("damaged").to_string();
            assert!(error.contains("64 hexadecimal digits"), "{error}");
            assert!(error.contains(OTHERWISE), "{error}");
            assert_eq!(fs::read(&path).expect("read"), text.as_bytes());
        }
    }
}
