use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;

use crate::error::Error;
use crate::ndjson::Event;

/// A line that one of the clients printed, and what it says.
pub(super) struct Said {
    pub(super) who: &'static str,
    pub(super) line: String,
    pub(super) event: Event<'static>,
}

/// Runs one client as a process, and listens to it.
pub(super) struct Actor {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Actor {
    /// Starts a client whose peers reach it at `advertised`.
    pub(super) fn start(
        who: &'static str,
        name: &str,
        home: &Path,
        server: SocketAddr,
        advertised: SocketAddr,
        said: Sender<Said>,
    ) -> Result<Self, Error> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--home")
            .arg(home)
            .args(["--server", &server.to_string(), "--user", who, "--name", name])
            .args(["up", "--json", "--advertise", &advertised.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().ok_or(io::Error::from(io::ErrorKind::BrokenPipe))?;
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let Ok(event) = serde_json::from_str(&line) else { break };
                if said.send(Said { who, line, event }).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, stdin })
    }

    /// Gives the client a command.
    pub(super) fn command(&mut self, line: &str) -> Result<(), Error> {
        let stdin = self.stdin.as_mut().ok_or(io::Error::from(io::ErrorKind::BrokenPipe))?;
        writeln!(stdin, "{line}")?;
        stdin.flush()?;
        Ok(())
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        // It may be gone already; either way nothing is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
