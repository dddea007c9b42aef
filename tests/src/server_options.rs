use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Binaries, Host, TestServer, free_port};

/// Says how a server is to be started.
#[derive(Clone, Default)]
pub struct ServerOptions {
    pub(crate) listen: Vec<String>,
    pub(crate) host: Option<Host>,
    pub(crate) data: Option<PathBuf>,
    files: Option<u32>,
    arguments: Vec<String>,
    log: Option<String>,
}

impl ServerOptions {
    /// Takes the server's defaults, on a loopback port of its own.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an address to listen on, in place of the default.
    pub fn listen(mut self, address: &str) -> Self {
        self.listen.push(address.to_owned());
        self
    }

    /// Runs it on a host of its own, where it listens on its default address.
    pub fn on(mut self, host: &Host) -> Self {
        self.host = Some(host.clone());
        self
    }

    /// Uses a data directory that stays, in place of one that is deleted with the server.
    pub fn data(mut self, data: &Path) -> Self {
        self.data = Some(data.to_owned());
        self
    }

    /// Sets what is logged, as `RUST_LOG` does; it is `info` otherwise.
    pub fn log(mut self, filter: &str) -> Self {
        self.log = Some(filter.to_owned());
        self
    }

    /// Sets the interval of pings and the limit of silence, in seconds.
    pub fn liveness(self, keepalive: u32, idle: u32) -> Self {
        self.argument("--keepalive", &keepalive.to_string()).argument("--idle", &idle.to_string())
    }

    /// Sets who may register: open, invite or closed.
    pub fn registration(self, policy: &str) -> Self {
        self.argument("--registration", policy)
    }

    /// Adds an option and its value, in place of one that was given before.
    pub fn argument(mut self, option: &str, value: &str) -> Self {
        if let Some(place) = self.arguments.iter().position(|argument| argument == option) {
            self.arguments.drain(place..place + 2);
        }
        self.arguments.extend([option.to_owned(), value.to_owned()]);
        self
    }

    /// Lets it have so many files open, connections among them.
    pub fn files(mut self, most: u32) -> Self {
        self.files = Some(most);
        self
    }

    /// Starts it and waits until it listens.
    #[track_caller]
    pub fn start(mut self) -> TestServer {
        if self.listen.is_empty() && self.host.is_none() {
            self.listen.push(format!("127.0.0.1:{}", free_port()));
        }
        TestServer::with(self)
    }

    /// Returns the command that runs it.
    pub(crate) fn command(&self, data: &Path) -> Command {
        let program = &Binaries::get().server;
        let mut command = match (&self.host, self.files) {
            (Some(host), _) => host.command(program),
            (None, None) => Command::new(program),
            (None, Some(most)) => {
                let mut command = Command::new("sh");
                let limited = format!("ulimit -n {most} && exec \"$0\" \"$@\"");
                command.args(["-c", &limited]).arg(program);
                command
            }
        };
        let log = self.log.as_deref().unwrap_or("info");
        command.env("RUST_LOG", log).args(["run", "--data"]).arg(data).args(&self.arguments);
        for address in &self.listen {
            command.args(["--listen", address]);
        }
        command
    }
}
