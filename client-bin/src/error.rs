use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use breeze_core::id::Fingerprint;
use breeze_server::host::{DirError, FileError, KeyError};

use crate::node::Failure;
use crate::server_addr::ServerAddr;

/// Says what stopped a command, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No user name was given, now or earlier.
    #[error("no user name is set; give --user NAME the first time, it is remembered")]
    NoUser,
    /// No server was given, now or earlier.
    #[error("no server is set; give --server HOST:PORT the first time, it is remembered")]
    NoServer,
    /// There is no home directory.
    #[error(transparent)]
    Home(#[from] DirError),
    /// A file in the home directory cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is no secret key, or nothing to draw it from.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The server's key is not the one known from earlier.
    #[error(
        "the key of server {server} has changed: it was {pinned}, now it is {seen}; \
         somebody may be posing as the server. If the server really changed its key, \
         remove the line '{server} ...' from {} and try again",
        path.display()
    )]
    ServerKeyChanged {
        /// The server.
        server: ServerAddr,
        /// The key it had.
        pinned: Fingerprint,
        /// The key it showed now.
        seen: Fingerprint,
        /// The file of known servers.
        path: PathBuf,
    },
    /// No listener could be opened.
    #[error("cannot listen on {addr}: {source}; choose another port with --listen PORT")]
    Listen {
        /// Where it was tried.
        addr: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The node ended by itself.
    #[error("{0}")]
    Node(Failure),
    /// The message was not delivered.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The demonstration did not go as it should.
    #[error("the demonstration failed: {0}")]
    Demo(String),
    /// The server gave no answer in time.
    #[error("{0}")]
    NoAnswer(String),
    /// Standard input or output failed.
    #[error("cannot use standard input or output: {0}")]
    Terminal(#[from] io::Error),
}

impl Error {
    /// Returns the exit status that tells scripts what kind of error it was: 2 for wrong usage.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoUser | Self::NoServer | Self::Home(DirError::Unknown { .. }) => {
                ExitCode::from(2)
            }
            Self::Home(DirError::Unusable { .. })
            | Self::File(_)
            | Self::Key(_)
            | Self::ServerKeyChanged { .. }
            | Self::Listen { .. }
            | Self::Node(_)
            | Self::NotSent(_)
            | Self::NoAnswer(_)
            | Self::Demo(_)
            | Self::Terminal(_) => ExitCode::FAILURE,
        }
    }
}
