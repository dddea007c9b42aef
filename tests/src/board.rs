use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Entry, PATIENCE, Process};

/// Is an emulated board that runs the firmware, which is a client.
pub struct Board {
    pub(crate) process: Process<String>,
    /// The port of this machine's loopback that leads to it.
    pub(crate) port: u16,
    /// The socket by which QEMU takes commands.
    pub(crate) monitor: PathBuf,
    pub(crate) _dir: TempDir,
}

impl Board {
    /// Returns the address of this machine's loopback that leads to where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Returns the address at which a board finds a port of this machine's loopback.
    pub fn address_of_host(port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 2, 2], port))
    }

    /// Returns the number of lines so far, to wait only for later ones.
    pub fn mark(&self) -> usize {
        self.process.output().len()
    }

    /// Waits until `look`, which sees all lines of its console so far, finds what it wants.
    #[track_caller]
    pub fn wait_until<R>(&self, what: &str, look: impl FnMut(&[Entry<String>]) -> Option<R>) -> R {
        let found = self.process.output().wait_until(PATIENCE, look);
        found.unwrap_or_else(|| self.process.fail(&format!("waited in vain for: {what}")))
    }

    /// Waits for a line of its console among those from `mark` on that starts so, and returns it.
    #[track_caller]
    pub fn wait_after(&self, mark: usize, start: &str) -> String {
        self.wait_until(&format!("a line that starts with {start:?}"), |lines| {
            let mut later = lines.iter().skip(mark).map(|line| &line.item);
            later.find(|line| line.starts_with(start)).cloned()
        })
    }

    /// Waits for a line of its console that starts so, and returns it.
    #[track_caller]
    pub fn wait(&self, start: &str) -> String {
        self.wait_after(0, start)
    }

    /// Waits until it has ended by itself and returns its exit code.
    #[track_caller]
    pub fn wait_exit(&mut self) -> Option<i32> {
        self.process.wait_exit().0.code()
    }

    /// Pulls its cable: nothing comes or goes any more, and nobody is told.
    #[track_caller]
    pub fn pull_cable(&self) {
        self.set_link(false);
    }

    /// Puts its cable back.
    #[track_caller]
    pub fn put_cable_back(&self) {
        self.set_link(true);
    }

    #[track_caller]
    fn set_link(&self, up: bool) {
        let stream = UnixStream::connect(&self.monitor).expect("QEMU's monitor");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        let mut answers = BufReader::new(&stream).lines();
        let capabilities = json!({"execute": "qmp_capabilities"});
        let link = json!({"execute": "set_link", "arguments": {"name": "lan", "up": up}});
        for command in [capabilities, link] {
            (&stream).write_all(format!("{command}\n").as_bytes()).expect("QEMU reads");
            // A greeting and news may come before the answer.
            let answer = answers.by_ref().find_map(|line| {
                let line: Value = serde_json::from_str(&line.expect("QEMU answers")).ok()?;
                (line.get("return").is_some() || line.get("error").is_some()).then_some(line)
            });
            let done = answer.as_ref().is_some_and(|answer| answer.get("return").is_some());
            assert!(done, "QEMU says {answer:?} to {command}");
        }
    }
}
