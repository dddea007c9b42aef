//! Runs what the fuzzer has found worth keeping, the inputs that once broke something among it.

use std::path::{Path, PathBuf};
use std::vec::Vec;
use std::{eprintln, fs};

/// Runs the corpus of a target, and what once broke something; the name of an input that fails is
/// the last one printed.
fn replay(target: &str, body: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let mut files = files(&fuzz.join("corpus").join(target));
    assert!(!files.is_empty(), "the corpus of {target} is missing");
    files.extend(self::files(&fuzz.join("regressions").join(target)));
    for file in files {
        eprintln!("{}", file.display());
        body(&fs::read(&file).expect("an input"));
    }
}

/// Lists a folder's files by their names; none, if there is no folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn deframer() {
    replay("deframer", super::deframer);
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn message() {
    replay("message", super::message);
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn handshake() {
    replay("handshake", super::handshake);
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn server() {
    replay("server", super::server);
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn client() {
    replay("client", super::client);
}
