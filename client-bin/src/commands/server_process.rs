use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::error::Error;

/// Runs the server as a process of its own, from this very program.
pub(super) struct ServerProcess {
    child: Child,
    pub(super) addr: SocketAddr,
    pub(super) fingerprint: String,
}

impl ServerProcess {
    /// Starts a server on a free port of this machine, with options beside that and its data.
    pub(super) fn start<S: AsRef<OsStr>>(
        data: &Path,
        options: impl IntoIterator<Item = S>,
    ) -> Result<Self, Error> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["server", "run", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or(io::Error::from(io::ErrorKind::BrokenPipe))?;
        let mut lines = BufReader::new(stdout).lines();
        let mut next = |prefix: &str| {
            let line = lines.next().and_then(Result::ok).unwrap_or_default();
            match line.strip_prefix(prefix) {
                Some(rest) => Ok(rest.to_owned()),
                None => Err(Error::OwnServer(format!("it said '{line}'"))),
            }
        };
        let addr = next("listening on ")?;
        let fingerprint = next("key fingerprint ")?;
        let addr = addr.parse().map_err(|_| Error::OwnServer(format!("'{addr}' is no address")))?;
        Ok(Self { child, addr, fingerprint })
    }

    /// Returns the number by which the system knows the process.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends the server without warning.
    pub(super) fn kill(&mut self) -> Result<(), Error> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may be gone already; either way nothing is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
