use std::ffi::OsStr;
use std::mem;
use std::process::Command;
use std::time::Duration;

use crate::{Binaries, Home, PATIENCE, Process};

/// Is one run of a program that ends by itself.
pub struct Cli {
    command: Command,
    input: Vec<u8>,
    patience: Duration,
}

/// Is what such a run said, and how it ended.
#[derive(Debug)]
pub struct CliOutput {
    /// The exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// The standard output.
    pub stdout: String,
    /// The standard error.
    pub stderr: String,
}

impl Cli {
    /// Prepares the client.
    pub fn breeze() -> Self {
        Self::program(Command::new(&Binaries::get().breeze))
    }

    /// Prepares the client with a home.
    pub fn breeze_at(home: &Home) -> Self {
        let mut cli = Self::breeze();
        cli.command.arg("--home").arg(home.path());
        cli
    }

    /// Prepares the server.
    pub fn server() -> Self {
        Self::program(Command::new(&Binaries::get().server))
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable of its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets what it reads; nothing otherwise.
    pub fn input(mut self, input: &str) -> Self {
        self.input = input.as_bytes().to_vec();
        self
    }

    /// Sets how long it may take.
    pub fn patience(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// Starts it for a test that talks with it; what [`Self::input`] set is not written.
    pub fn spawn(self) -> Process<String> {
        let name = format!("{:?}", self.command.get_program());
        Process::spawn(&name, self.command, |line| line)
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run(mut self) -> CliOutput {
        let (input, patience) = (mem::take(&mut self.input), self.patience);
        let mut process = self.spawn();
        process.write(input);
        process.close_stdin();
        let (status, _) = process.wait_exit_within(patience);
        let stdout: Vec<String> =
            process.output().entries().into_iter().map(|line| line.item).collect();
        let stderr: Vec<String> =
            process.log().entries().into_iter().map(|line| line.item).collect();
        CliOutput { code: status.code(), stdout: stdout.join("\n"), stderr: stderr.join("\n") }
    }

    fn program(mut command: Command) -> Self {
        command.env_remove("RUST_LOG");
        Self { command, input: Vec::new(), patience: PATIENCE }
    }
}

impl CliOutput {
    /// Checks that it ended with this code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Checks that it ended with an error and told a person what was wrong, in these words among
    /// others.
    #[track_caller]
    pub fn expect_failure(self, words: &[&str]) -> Self {
        assert!(self.code.is_some_and(|code| code != 0), "{self:#?}");
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in {self:#?}");
        }
        self
    }
}
