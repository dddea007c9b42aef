use std::net::SocketAddr;

use breeze_server::host::files;

use super::usage::{self, CpuTime, Memory};
use crate::commands::server_process::ServerProcess;
use crate::error::Error;
use crate::server_addr::ServerAddr;

/// Descriptors of a load process beside those of connections.
const OWN_FILES: usize = 64;
/// Sessions that the server has room for beside those of the load: a benchmark is not to measure
/// what it does at its limit.
const SPARE_SESSIONS: usize = 100;
/// The most that a server may be told to have.
const MOST_SESSIONS: usize = 1_000_000;

/// Is where a benchmark takes place: a server, its own or one that is given.
pub(super) struct Venue {
    pub(super) addr: SocketAddr,
    /// What the report calls it.
    pub(super) name: String,
    /// The server's process, if it can be looked at.
    pid: Option<u32>,
    /// Ends with the benchmark, however that ends, and its data after it.
    _own: Option<(ServerProcess, tempfile::TempDir)>,
}

/// Which server a benchmark is run against.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// None for one of its own.
    pub(super) server: Option<ServerAddr>,
    pub(super) pid: Option<u32>,
}

impl Venue {
    /// Gets a server ready for so many sessions, and this process for so many connections.
    pub(super) async fn open(
        choice: &Choice,
        sessions: usize,
        connections: usize,
    ) -> Result<Self, Error> {
        has_room(files::allow_most(), connections)?;
        let Some(server) = &choice.server else {
            return Self::own(sessions);
        };
        let pid = choice.pid;
        if let Some(pid) = pid
            && usage::cpu_time(pid).is_none()
        {
            return Err(Error::BenchUsage(format!(
                "nothing can be found out about process {pid}; leave --server-pid out, or give the \
                 number of a process on this machine"
            )));
        }
        let unreachable = |error| Error::Bench(format!("server {server} is not found: {error}"));
        let addr = server.resolve().await.map_err(unreachable)?[0];
        Ok(Self { addr, name: server.to_string(), pid, _own: None })
    }

    fn own(sessions: usize) -> Result<Self, Error> {
        let dir = tempfile::Builder::new().prefix("breeze-bench-").tempdir()?;
        let most = (sessions + SPARE_SESSIONS).min(MOST_SESSIONS).to_string();
        let process = ServerProcess::start(&dir.path().join("server"), ["--max-sessions", &most])?;
        let (addr, pid) = (process.addr, Some(process.pid()));
        Ok(Self { addr, name: "own".to_owned(), pid, _own: Some((process, dir)) })
    }

    /// Looks at the time that the server has had of the processors.
    pub(super) fn cpu_time(&self) -> Option<CpuTime> {
        usage::cpu_time(self.pid?)
    }

    /// Looks at the server's memory.
    pub(super) fn memory(&self) -> Option<Memory> {
        usage::memory(self.pid?)
    }
}

fn has_room(files: Option<usize>, connections: usize) -> Result<(), Error> {
    let needed = connections + OWN_FILES;
    match files {
        Some(files) if files < needed => Err(Error::Bench(format!(
            "this takes {needed} open files, and this process may have {files}; raise the hard limit \
             ('ulimit -Hn', or LimitNOFILE of a service), or ask for less"
        ))),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lack_of_descriptors_is_told_in_numbers() {
        assert!(has_room(None, 1 << 30).is_ok());
        assert!(has_room(Some(1064), 1000).is_ok());
        let error = has_room(Some(1063), 1000).expect_err("too few").to_string();
        for words in ["1064", "1063", "ulimit"] {
            assert!(error.contains(words), "{error}");
        }
    }
}
