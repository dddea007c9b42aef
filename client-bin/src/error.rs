use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use breeze_core::id::Fingerprint;

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
    /// The platform names no directory for a user's data.
    #[error("no home directory is known for this account; give --home DIR")]
    NoHome,
    /// The home directory cannot be used.
    #[error("cannot use {} as home directory: {source}; give another with --home DIR", path.display())]
    Home {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// A file in the home directory cannot be read or written.
    #[error("cannot {verb} {}: {source}; check its permissions and the disk", path.display())]
    File {
        /// `read` or `write`.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file in the home directory does not hold what it should.
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
         run 'chmod 600 {path}', or remove it to start with a new identity",
        path = path.display()
    )]
    KeyExposed {
        /// The key file.
        path: PathBuf,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}; no key can be made without them")]
    Random(getrandom::Error),
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
            Self::NoUser | Self::NoServer | Self::NoHome => ExitCode::from(2),
            Self::Home { .. }
            | Self::File { .. }
            | Self::Damaged { .. }
            | Self::KeyExposed { .. }
            | Self::Random(_)
            | Self::ServerKeyChanged { .. }
            | Self::Listen { .. }
            | Self::Node(_)
            | Self::NotSent(_)
            | Self::NoAnswer(_)
            | Self::Terminal(_) => ExitCode::FAILURE,
        }
    }
}
