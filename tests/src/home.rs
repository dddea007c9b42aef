use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

/// Is a client's home directory: who it is and what it knows; deleted with its last clone
/// unless it was given.
#[derive(Clone)]
pub struct Home {
    path: PathBuf,
    /// Deletes it, unless it was given.
    _parent: Option<Arc<TempDir>>,
}

impl Home {
    /// Names a directory that does not exist yet.
    pub fn new() -> Self {
        let parent = TempDir::with_prefix("breeze-").expect("a temporary directory");
        Self { path: parent.path().join("home"), _parent: Some(Arc::new(parent)) }
    }

    /// Names a directory that stays.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), _parent: None }
    }

    /// Returns its path.
    pub fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// Returns the path of the socket on which its node listens.
    pub fn socket(&self) -> PathBuf {
        self.path().join("node.sock")
    }

    /// Copies all its files into another home, as a person would who takes the identity along.
    pub fn duplicate(&self) -> Self {
        let copy = Self::new();
        copy_files(&self.path, &copy.path);
        copy
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new directory");
    fs::set_permissions(to, fs::metadata(from).expect("a directory").permissions())
        .expect("the same permissions");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let kind = entry.file_type().expect("a kind");
        let target = to.join(entry.file_name());
        if kind.is_dir() {
            copy_files(&entry.path(), &target);
        } else if kind.is_file() {
            // Sockets stay behind.
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
