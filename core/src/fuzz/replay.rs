//! Runs what the fuzzer has found worth keeping, the inputs that once broke something among it.

use std::path::Path;
use std::vec::Vec;
use std::{eprintln, fs};

/// Runs the corpus of a target; the name of an input that fails is the last one printed.
fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).expect("a corpus");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    assert!(!files.is_empty(), "the corpus of {target} is empty");
    files.sort();
    for file in files {
        eprintln!("{}", file.display());
        body(&fs::read(&file).expect("an input"));
    }
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
