use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use breeze_core::id::{Fingerprint, UserId};
use breeze_server::host::{DirError, FileError, KeyError};

use crate::node::Failure;
use crate::server_addr::ServerAddr;
use crate::store::StoreError;

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
    /// The history and the outbox cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
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
    /// The home directory cannot be locked.
    #[error(
        "cannot lock {}: {source}; the home directory must be on a file system that has locks, \
         choose another with --home DIR",
        path.display()
    )]
    Lock {
        /// The file of the lock.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another process has the home directory.
    #[error(
        "{process} runs a node with home directory {} already; end it before this one is started, \
         or give another home with --home DIR",
        home.display()
    )]
    HomeTaken {
        /// What to call the process.
        process: String,
        /// The home directory.
        home: PathBuf,
    },
    /// There is a node that this process could not attach to.
    #[error("cannot attach to the node with home directory {}: {source}", home.display())]
    Attach {
        /// The home directory.
        home: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A node does not answer.
    #[error(
        "{process}, which runs the node with home directory {}, does not answer; end it and try \
         again",
        home.display()
    )]
    Silent {
        /// What to call the process.
        process: String,
        /// The home directory.
        home: PathBuf,
    },
    /// An option asks for something else than the node is.
    #[error(
        "{option} {given} was given, but {process} runs the node with home directory {} for \
         {running}; leave the option out, end that process, or give another home with --home DIR",
        home.display()
    )]
    Contradiction {
        /// The option.
        option: &'static str,
        /// What it says.
        given: String,
        /// What is the case.
        running: String,
        /// What to call the process.
        process: String,
        /// The home directory.
        home: PathBuf,
    },
    /// The node that this process was attached to has ended, or ended the connection.
    #[error("{0}")]
    NodeEnded(String),
    /// The node ended by itself.
    #[error("{0}")]
    Node(Failure),
    /// The message was not delivered.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Something about files cannot be done.
    #[error("{0}")]
    Files(String),
    /// Nothing is known of a user that could be verified.
    #[error(
        "no key of '{user}' is known yet: exchange a message, or be online at the same time once, \
         then try again"
    )]
    UnknownContact {
        /// The user.
        user: UserId,
    },
    /// A contact was not marked as verified.
    #[error("not verified: {0}")]
    NotVerified(String),
    /// There is no code, nor anybody to ask for one.
    #[error(
        "standard input is no terminal to ask for a code; give --code CODE, '--code -' to read it \
         from standard input, or --password-stdin"
    )]
    NoCode,
    /// What was given cannot be a code or a password.
    #[error("this is no code or password: {0}")]
    BadTicket(&'static str),
    /// The login did not go through.
    #[error("not logged in: {0}")]
    NotLoggedIn(String),
    /// The demonstration did not go as it should.
    #[error("the demonstration failed: {0}")]
    Demo(String),
    /// A benchmark did not come to its end.
    #[error("the benchmark failed: {0}")]
    Bench(String),
    /// The options of a benchmark make no sense.
    #[error("{0}")]
    BenchUsage(String),
    /// A server that this program starts for itself did not come up.
    #[error("a server of this program's own did not start: {0}")]
    OwnServer(String),
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
            Self::NoUser
            | Self::NoServer
            | Self::NoCode
            | Self::BadTicket(_)
            | Self::Contradiction { .. }
            | Self::BenchUsage(_)
            | Self::Home(DirError::Unknown { .. }) => ExitCode::from(2),
            Self::Home(DirError::Unusable { .. })
            | Self::File(_)
            | Self::Key(_)
            | Self::Store(_)
            | Self::ServerKeyChanged { .. }
            | Self::Listen { .. }
            | Self::Lock { .. }
            | Self::HomeTaken { .. }
            | Self::Attach { .. }
            | Self::Silent { .. }
            | Self::NodeEnded(_)
            | Self::Node(_)
            | Self::NotSent(_)
            | Self::Files(_)
            | Self::UnknownContact { .. }
            | Self::NotVerified(_)
            | Self::NotLoggedIn(_)
            | Self::NoAnswer(_)
            | Self::Demo(_)
            | Self::Bench(_)
            | Self::OwnServer(_)
            | Self::Terminal(_) => ExitCode::FAILURE,
        }
    }
}
