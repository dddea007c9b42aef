use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::host::{DirError, KeyError};
use crate::secret::{HashError, PasswordError};
use crate::store::StoreError;

/// Says what stopped the server, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no data directory.
    #[error(transparent)]
    DataDir(#[from] DirError),
    /// There is no secret key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such password as was asked for.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A code or a password cannot be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// There is no code.
    #[error("the system gives no random numbers: {0}; no code can be drawn without them")]
    Random(#[from] getrandom::Error),
    /// What was asked for was not done.
    #[error("{0}")]
    Refused(String),
    /// There is a server that cannot be asked.
    #[error(
        "cannot reach the server by {}: {source}; run this as the user that runs the server",
        path.display()
    )]
    AdminSocket {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The server has the store and no socket to ask it by.
    #[error(
        "the server runs, and cannot be asked on this system; stop it, try again, and start it"
    )]
    ServerRuns,
    /// The server ended in the middle.
    #[error(
        "the server ended before it answered; 'breeze-server user list' shows whether it was done"
    )]
    ServerEnded,
    /// The server does not answer.
    #[error(
        "the server does not answer; it may be stopped, or its disk slow. \
         'breeze-server user list' shows later whether it was done"
    )]
    ServerSilent,
    /// The server answers something else than it should.
    #[error(
        "the server that runs is of another version, and answers what this one does not know; \
         start it again with this version, or use the one that runs"
    )]
    OtherVersion,
    /// There cannot be such a backup.
    #[error("cannot write {}: {source}; give another FILE", path.display())]
    BackupPath {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A path cannot be told to the server.
    #[error("cannot write {}: its path is not UTF-8; give another FILE", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
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
            Self::DataDir(DirError::Unknown { .. }) => ExitCode::from(2),
            Self::DataDir(DirError::Unusable { .. })
            | Self::Key(_)
            | Self::Store(_)
            | Self::Password(_)
            | Self::Hash(_)
            | Self::Random(_)
            | Self::Refused(_)
            | Self::AdminSocket { .. }
            | Self::ServerRuns
            | Self::ServerEnded
            | Self::ServerSilent
            | Self::OtherVersion
            | Self::BackupPath { .. }
            | Self::NotText { .. }
            | Self::PortInUse(_)
            | Self::Listen { .. }
            | Self::Terminal(_) => ExitCode::FAILURE,
        }
    }
}
