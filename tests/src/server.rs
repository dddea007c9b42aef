use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::{Cli, Entry, PATIENCE, Process, ServerOptions};

/// What the server says before an address it listens on.
const LISTENING: &str = "listening on ";
/// What the server says before the fingerprint of its key.
const FINGERPRINT: &str = "fingerprint";

/// Is a running `breeze-server run`.
pub struct TestServer {
    options: ServerOptions,
    data: PathBuf,
    /// Deletes the data directory, unless it was given.
    own_data: Option<TempDir>,
    process: Process<String>,
    addresses: Vec<SocketAddr>,
    fingerprint: String,
}

impl TestServer {
    /// Starts one with default options on loopback.
    #[track_caller]
    pub fn start() -> Self {
        ServerOptions::new().start()
    }

    #[track_caller]
    pub(crate) fn with(options: ServerOptions) -> Self {
        let (data, own_data) = match &options.data {
            Some(data) => (data.clone(), None),
            None => {
                let dir = temp_dir();
                (dir.path().to_owned(), Some(dir))
            }
        };
        let process = spawn(&options, &data);
        let (addresses, fingerprint) = announced(&process, options.listen.len().max(1));
        Self { options, data, own_data, process, addresses, fingerprint }
    }

    /// Returns the address for clients to dial.
    pub fn address(&self) -> SocketAddr {
        let address = self.addresses[0];
        if !address.ip().is_unspecified() {
            return address;
        }
        let ip = match &self.options.host {
            Some(host) => host.ip(),
            None => IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        SocketAddr::new(ip, address.port())
    }

    /// Returns all the addresses that it said it listens on.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Returns the fingerprint of its key.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Returns its data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Prepares a command of an administrator on its data, whether it runs or not.
    pub fn admin(&self, line: &str) -> Cli {
        let data = ["--data".as_ref(), self.data().as_os_str()];
        Cli::server().args(line.split_whitespace()).args(data)
    }

    /// Runs a command that gives out a code, `user add NAME` or `user reset-key NAME`, and returns
    /// the code.
    #[track_caller]
    pub fn code(&self, line: &str) -> String {
        let said = self.admin(line).run().expect(0).stdout;
        let code = said.split_whitespace().last().unwrap_or_default();
        assert_eq!(code.len(), 29, "no code: {said}");
        code.to_owned()
    }

    /// Returns its process.
    pub fn process(&self) -> &Process<String> {
        &self.process
    }

    /// Freezes it: connections to it open, and it says nothing.
    pub fn freeze(&self) {
        self.process.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.process.signal(Signal::CONT);
    }

    /// Kills it with SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to stop and returns its exit status and how long that took.
    #[track_caller]
    pub fn stop(&mut self, signal: Signal) -> (ExitStatus, Duration) {
        self.process.signal(signal);
        self.process.wait_exit()
    }

    /// Starts it again on the same address with the same data.
    #[track_caller]
    pub fn restart(&mut self) {
        self.process.kill();
        // Port 0 was good for the first start only.
        self.options.listen = self.addresses.iter().map(ToString::to_string).collect();
        self.process = spawn(&self.options, &self.data);
        (self.addresses, self.fingerprint) = announced(&self.process, self.addresses.len());
    }

    /// Starts it again on the same address with the same data and other options.
    #[track_caller]
    pub fn restart_with(&mut self, change: impl FnOnce(ServerOptions) -> ServerOptions) {
        self.options = change(self.options.clone());
        self.restart();
    }

    /// Starts it again, and returns a copy of the data that it has before.
    #[track_caller]
    pub fn back_up(&mut self) -> TempDir {
        self.process.kill();
        let copy = TempDir::with_prefix("breeze-backup-").expect("a temporary directory");
        copy_files(&self.data, copy.path());
        self.restart();
        copy
    }

    /// Starts it again with the data of a copy: whoever registered since is unknown to it.
    #[track_caller]
    pub fn restore(&mut self, copy: &TempDir) {
        self.process.kill();
        self.begin_data();
        copy_files(copy.path(), &self.data);
        self.restart();
    }

    /// Starts it again on the same address with a new data directory, and so with another key.
    #[track_caller]
    pub fn restart_as_another(&mut self) {
        self.process.kill();
        self.begin_data();
        self.restart();
    }

    /// Takes a new data directory, which is empty.
    fn begin_data(&mut self) {
        let dir = temp_dir();
        self.data = dir.path().to_owned();
        self.own_data = Some(dir);
    }
}

fn copy_files(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a kind").is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
}

fn temp_dir() -> TempDir {
    TempDir::with_prefix("breeze-server-").expect("a temporary directory")
}

fn spawn(options: &ServerOptions, data: &Path) -> Process<String> {
    Process::spawn("server", options.command(data), |line| line)
}

/// Waits until the server has said where it listens and what its key is.
#[track_caller]
fn announced(process: &Process<String>, count: usize) -> (Vec<SocketAddr>, String) {
    let found = process.output().wait_until(PATIENCE, |lines| {
        let addresses: Vec<SocketAddr> =
            lines.iter().filter_map(|line| word_after(line, LISTENING)?.parse().ok()).collect();
        let fingerprint = lines.iter().find_map(|line| word_after(line, FINGERPRINT))?;
        (addresses.len() >= count).then(|| (addresses, fingerprint.to_owned()))
    });
    found.unwrap_or_else(|| process.fail("it did not say where it listens and what its key is"))
}

fn word_after<'a>(line: &'a Entry<String>, phrase: &str) -> Option<&'a str> {
    let (_, rest) = line.item.split_once(phrase)?;
    rest.trim_start_matches([':', ' ']).split_whitespace().next()
}
