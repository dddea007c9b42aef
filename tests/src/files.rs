use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::TestClient;

/// Is a folder of files to be sent, or of such as were received; deleted with it.
pub struct Files {
    dir: TempDir,
}

impl Files {
    /// Makes an empty one.
    pub fn new() -> Self {
        Self { dir: TempDir::with_prefix("breeze-files-").expect("a temporary directory") }
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Returns where it is, as an argument.
    pub fn text(&self) -> String {
        text(self.path())
    }

    /// Makes a file of so many bytes, which are others for each name.
    #[track_caller]
    pub fn file(&self, name: &str, size: usize) -> PathBuf {
        let path = self.path().join(name);
        let folder = path.parent().expect("a folder");
        fs::create_dir_all(folder).expect("a folder");
        fs::write(&path, content(name, size)).expect("room for a file");
        path
    }

    /// Returns the names of what is in it, hidden or not.
    #[track_caller]
    pub fn names(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.path()).expect("a folder");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        entries.map(|entry| name(entry.expect("an entry"))).collect()
    }
}

impl Default for Files {
    fn default() -> Self {
        Self::new()
    }
}

/// What scripts do with files.
impl TestClient {
    /// Offers a file or folder, at most `limit` bytes a second of it.
    pub fn offer(&self, to: &str, path: &Path, limit: Option<u64>, reference: &str) {
        let path = text(path);
        let command =
            json!({"cmd": "file", "to": to, "path": path, "limit": limit, "ref": reference});
        self.line(&command.to_string());
    }

    /// Accepts what is offered, into a folder.
    pub fn accept(&self, transfer: &str, dir: &Path) {
        let command = json!({"cmd": "accept", "transfer": transfer, "dir": text(dir)});
        self.line(&command.to_string());
    }

    /// Waits until somebody offers something of this name, and returns the event.
    #[track_caller]
    pub fn wait_offer(&self, from: &str, name: &str) -> Value {
        self.wait_for(&format!("an offer of {name} by {from}"), 0, |event| {
            event["event"] == "file_offer" && event["from"] == from && event["name"] == name
        })
    }

    /// Waits until a transfer, by its id or reference, is done, and returns the event.
    #[track_caller]
    pub fn wait_file_done(&self, transfer: &str) -> Value {
        self.wait_for(&format!("the end of {transfer}"), 0, |event| {
            event["event"] == "file_done" && is_about(event, transfer)
        })
    }

    /// Waits until a transfer, by its id or reference, has failed, and returns the event.
    #[track_caller]
    pub fn wait_file_failed(&self, transfer: &str) -> Value {
        self.wait_for(&format!("the failure of {transfer}"), 0, |event| {
            event["event"] == "file_failed" && is_about(event, transfer)
        })
    }

    /// Waits for progress of a transfer, by its id or reference, among the events from `mark` on.
    #[track_caller]
    pub fn wait_file(
        &self,
        transfer: &str,
        what: &str,
        mark: usize,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        self.wait_for(&format!("{transfer} {what}"), mark, |event| {
            event["event"] == "file_progress" && is_about(event, transfer) && wanted(event)
        })
    }

    /// Asks for all transfers and returns them.
    #[track_caller]
    pub fn files(&self) -> Vec<Value> {
        let mark = self.mark();
        self.line(r#"{"cmd":"files"}"#);
        let answer = self.wait_for("the answer", mark, |event| event["event"] == "files");
        answer["transfers"].as_array().cloned().unwrap_or_default()
    }
}

/// Returns the bytes of a file, which are others for each name, and repeat nowhere.
pub fn content(name: &str, size: usize) -> Vec<u8> {
    let mut state = name.bytes().fold(0x9e37_79b9_7f4a_7c15, |state: u64, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    }) | 1;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// Checks that a file holds what was made under this name.
#[track_caller]
pub fn expect_content(path: &Path, name: &str, size: usize) {
    let found = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    // Not by `assert_eq`, which would print them.
    assert!(found == content(name, size), "{} is not what was sent", path.display());
}

fn is_about(event: &Value, transfer: &str) -> bool {
    event["transfer"] == transfer || event["ref"] == transfer
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path that is text").to_owned()
}
