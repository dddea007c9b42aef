use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

use crate::host::{DirError, KeyError};
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
            | Self::PortInUse(_)
            | Self::Listen { .. }
            | Self::Terminal(_) => ExitCode::FAILURE,
        }
    }
}
