use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;

use crate::Binaries;

/// What Valgrind is told for a program with a node.
const VALGRIND_MEMORY: [&str; 3] =
    ["--undef-value-errors=no", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"];

/// What watches over a C program while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    /// Nothing.
    None,
    /// The address and undefined-behaviour sanitizers of the compiler.
    Sanitizers,
    /// Valgrind, if there is one.
    Valgrind,
    /// The same for a program that runs a node: without a look at values that were never set, as what the
    /// optimizer makes of safe Rust reads some before it knows whether they count, and without what threads
    /// that still live have.
    ValgrindMemory,
}

/// Is a C program on `libbreeze`, compiled without a warning.
#[derive(Clone)]
pub struct CProgram {
    path: PathBuf,
    checks: Checks,
    _dir: Arc<TempDir>,
}

impl CProgram {
    /// Compiles one of the sources in `ffi/`, such as `examples/c/client.c`.
    #[track_caller]
    pub fn compile(source: &str, checks: Checks) -> Self {
        let ffi = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ffi");
        let dir = TempDir::with_prefix("breeze-").expect("a temporary directory");
        let path = dir.path().join("program");
        let mut compiler = Command::new("cc");
        compiler.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-g", "-I"]);
        compiler.arg(ffi.join("include"));
        if checks == Checks::Sanitizers {
            compiler.args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
        }
        compiler.arg(ffi.join(source)).arg("-o").arg(&path);
        compiler.arg(Binaries::get().libraries.join("libbreeze.a"));
        // What the Rust library needs of the system.
        compiler.args(["-lpthread", "-ldl", "-lm"]);
        let output = compiler.output().expect("a C compiler");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{compiler:?}\n{errors}");
        Self { path, checks, _dir: Arc::new(dir) }
    }

    /// Returns the command that runs it.
    pub fn command(&self) -> Command {
        let more = match self.checks {
            Checks::None | Checks::Sanitizers => return Command::new(&self.path),
            Checks::Valgrind => &[][..],
            Checks::ValgrindMemory => &VALGRIND_MEMORY,
        };
        let mut command = Command::new("valgrind");
        command.args(["--quiet", "--error-exitcode=99", "--leak-check=full"]);
        command.args(more).arg(&self.path);
        command
    }
}
