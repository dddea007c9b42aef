//! Programs that not every machine has, and what is run by them.

use std::env;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Binaries;

/// Returns the folder of the hosts in other languages.
pub fn ffi_examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ffi/examples")
}

/// Says that a program which a test takes is missing, or fails if `BREEZE_REQUIRE_HOSTS` is 1, as it is
/// where everything must run. Returns whether it is there.
#[track_caller]
pub fn has_program(program: &str, probe: &str) -> bool {
    let is_there = may_have_program(program, probe);
    let required = env::var("BREEZE_REQUIRE_HOSTS").is_ok_and(|value| value == "1");
    assert!(is_there || !required, "BREEZE_REQUIRE_HOSTS is set, but there is no {program}");
    is_there
}

/// Says that a program which a test takes is missing. Returns whether it is there.
pub fn may_have_program(program: &str, probe: &str) -> bool {
    let is_there = Command::new(program).arg(probe).output().is_ok();
    if !is_there {
        // Not `eprintln`, which is shown for failed tests only.
        let _ = writeln!(stderr(), "SKIPPED: there is no {program} on this machine");
    }
    is_there
}

/// Returns the command that runs the chat in Python, without its arguments.
pub fn python_chat() -> Command {
    let mut command = Command::new("python3");
    command.arg(ffi_examples().join("python/chat.py"));
    command.env("BREEZE_LIBRARY", Binaries::get().libraries.join("libbreeze.so"));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
