use std::net::SocketAddr;
use std::process::Command;

use crate::{Binaries, Home, Host, TestClient, TestServer};

/// Says how a client is to be started.
#[derive(Clone)]
pub struct ClientOptions {
    pub(crate) user: String,
    pub(crate) home: Home,
    pub(crate) host: Option<Host>,
    server: SocketAddr,
    arguments: Vec<String>,
}

impl ClientOptions {
    /// Names the user, in a home of its own, and the server; the rest is the client's default.
    pub fn new(user: &str, server: &TestServer) -> Self {
        Self {
            user: user.to_owned(),
            home: Home::new(),
            host: None,
            server: server.address(),
            arguments: Vec::new(),
        }
    }

    /// Uses a home that exists, and with it an identity.
    pub fn home(mut self, home: &Home) -> Self {
        self.home = home.clone();
        self
    }

    /// Runs it on a host of its own.
    pub fn on(mut self, host: &Host) -> Self {
        self.host = Some(host.clone());
        self
    }

    /// Dials the server at this address.
    pub fn server(mut self, address: SocketAddr) -> Self {
        self.server = address;
        self
    }

    /// Sets the display name.
    pub fn name(self, name: &str) -> Self {
        self.argument("--name", name)
    }

    /// Sets the mesh policy: eager, on-demand or off.
    pub fn mesh(self, policy: &str) -> Self {
        self.argument("--mesh", policy)
    }

    /// Adds an option and its value.
    pub fn argument(mut self, option: &str, value: &str) -> Self {
        self.arguments.extend([option.to_owned(), value.to_owned()]);
        self
    }

    /// Starts it.
    pub fn start(self) -> TestClient {
        TestClient::with(self)
    }

    /// Returns the command that runs it with a log and for scripts.
    pub(crate) fn command(&self) -> Command {
        let program = &Binaries::get().breeze;
        let mut command = match &self.host {
            Some(host) => host.command(program),
            None => Command::new(program),
        };
        command
            .env_remove("RUST_LOG")
            .arg("--home")
            .arg(self.home.path())
            .args(["--server", &self.server.to_string(), "--user", &self.user])
            .args(["up", "--json", "-v"])
            .args(&self.arguments);
        command
    }
}
