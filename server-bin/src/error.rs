use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::accounts::StoreError;

/// Says what stopped the server, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The platform names no directory for a program's data.
    #[error("no data directory is known for this account; give --data DIR")]
    NoDataDir,
    /// The data directory cannot be used.
    #[error(
        "cannot use {} as data directory: {source}; give another with --data DIR",
        path.display()
    )]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// A file in the data directory cannot be read or written.
    #[error("cannot {verb} {}: {source}; check its permissions and the disk", path.display())]
    File {
        /// `read` or `write`.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file in the data directory does not hold what it should.
    #[error("{} is damaged: {reason}; {advice}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
        /// What to do.
        advice: &'static str,
    },
    /// The secret key could be read by others.
    #[error(
        "the secret key {path} is open to other users, so it was not used; \
         run 'chmod 600 {path}' if nobody can have copied it",
        path = path.display()
    )]
    KeyExposed {
        /// The key file.
        path: PathBuf,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}; no key can be made without them")]
    Random(getrandom::Error),
    /// The accounts cannot be used.
    #[error(transparent)]
    Accounts(#[from] StoreError),
    /// A port has a listener already.
    #[error(
        "cannot listen on {0}: the port is in use; stop the other program (perhaps another \
         breeze-server), or choose another port with --listen ADDR:PORT"
    )]
    PortInUse(SocketAddr),
    /// A listener could not be opened for another reason.
    #[error("cannot listen on {addr}: {source}; choose another with --listen ADDR:PORT")]
    Listen {
        /// Where it was tried.
        addr: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Standard output failed.
    #[error("cannot use standard output: {0}")]
    Terminal(#[from] io::Error),
}

impl Error {
    /// Returns the exit status that tells scripts what kind of error it was: 2 for wrong usage.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoDataDir => ExitCode::from(2),
            Self::DataDir { .. }
            | Self::File { .. }
            | Self::Damaged { .. }
            | Self::KeyExposed { .. }
            | Self::Random(_)
            | Self::Accounts(_)
            | Self::PortInUse(_)
            | Self::Listen { .. }
            | Self::Terminal(_) => ExitCode::FAILURE,
        }
    }
}
