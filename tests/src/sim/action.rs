use std::fmt;
use std::time::Duration;

use crate::world::{Barrier, Fragments};

/// Is something that happens in a scenario. Clients are numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A client sends a message of some length to another's user.
    Send {
        /// Who sends.
        from: usize,
        /// To whom.
        to: usize,
        /// Bytes of the text, apart from its number.
        length: usize,
    },
    /// A person at one client has seen the last message from another's user.
    Read {
        /// Who has seen it.
        by: usize,
        /// Whose message.
        from: usize,
    },
    /// A client offers a file to another's user.
    Offer {
        /// Who sends.
        from: usize,
        /// To whom.
        to: usize,
        /// Bytes of the stream.
        length: usize,
    },
    /// A client's user stops what it receives for now.
    Hold(usize),
    /// It lets go on what it had stopped.
    Release(usize),
    /// A client's user does not want to send, or to receive, its last file any more.
    Cancel {
        /// Who.
        by: usize,
        /// Whether it is one that it sends.
        sends: bool,
    },
    /// A client reads a part of what it sends wrong, once.
    Spoil(usize),
    /// Every connection between two clients breaks, and both hear of it.
    Cut(usize, usize),
    /// Every connection between a client and the server breaks, and both hear of it.
    CutServer(usize),
    /// Nothing arrives between two clients, and nobody hears of it.
    Silence(usize, usize),
    /// Nothing arrives between a client and the server, and nobody hears of it.
    SilenceServer(usize),
    /// Nothing arrives from or at a client.
    Isolate(usize),
    /// All silences end.
    Heal,
    /// Dials to a client are refused, or not answered, or answered again.
    Wall(usize, Option<Barrier>),
    /// The network becomes slower, or quicker: latency and jitter.
    Pace(Duration, Duration),
    /// Bytes come in other pieces.
    Pieces(Fragments),
    /// A client reads from its connections, or stops to.
    Reading(usize, bool),
    /// The server is killed.
    KillServer,
    /// The server is started again.
    StartServer,
    /// A client is killed.
    Kill(usize),
    /// A client's power is cut: nobody hears of it.
    CutPower(usize),
    /// A client is started again.
    Start(usize),
    /// A client's host has another address.
    Move(usize),
    /// A client's clock jumps ahead.
    Jump(usize, Duration),
    /// The server's clock jumps ahead.
    JumpServer(Duration),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send { from, to, length } => write!(f, "{from} sends {length} bytes to {to}"),
            Self::Read { by, from } => write!(f, "{by} has seen what came from {from}"),
            Self::Offer { from, to, length } => {
                write!(f, "{from} offers a file of {length} bytes to {to}")
            }
            Self::Hold(a) => write!(f, "{a} holds what it receives"),
            Self::Release(a) => write!(f, "{a} goes on with what it receives"),
            Self::Cancel { by, sends: true } => write!(f, "{by} sends its last file no more"),
            Self::Cancel { by, sends: false } => write!(f, "{by} wants its last file no more"),
            Self::Spoil(a) => write!(f, "{a} reads a part of its files wrong"),
            Self::Cut(a, b) => write!(f, "the links between {a} and {b} are cut"),
            Self::CutServer(a) => write!(f, "the link between {a} and the server is cut"),
            Self::Silence(a, b) => write!(f, "nothing arrives between {a} and {b}"),
            Self::SilenceServer(a) => write!(f, "nothing arrives between {a} and the server"),
            Self::Isolate(a) => write!(f, "nothing arrives from or at {a}"),
            Self::Heal => f.write_str("everything arrives again"),
            Self::Wall(a, Some(Barrier::Refuse)) => write!(f, "dials to {a} are refused"),
            Self::Wall(a, Some(Barrier::Drop)) => write!(f, "dials to {a} are not answered"),
            Self::Wall(a, None) => write!(f, "dials to {a} are answered again"),
            Self::Pace(latency, jitter) => {
                write!(f, "bytes take {latency:?}, and up to {jitter:?} more")
            }
            Self::Pieces(pieces) => write!(f, "bytes come as {pieces:?}"),
            Self::Reading(a, true) => write!(f, "{a} reads again"),
            Self::Reading(a, false) => write!(f, "{a} stops to read"),
            Self::KillServer => f.write_str("the server is killed"),
            Self::StartServer => f.write_str("the server is started"),
            Self::Kill(a) => write!(f, "{a} is killed"),
            Self::CutPower(a) => write!(f, "the power of {a} is cut"),
            Self::Start(a) => write!(f, "{a} is started"),
            Self::Move(a) => write!(f, "{a} has another address"),
            Self::Jump(a, by) => write!(f, "the clock of {a} jumps {by:?} ahead"),
            Self::JumpServer(by) => write!(f, "the server's clock jumps {by:?} ahead"),
        }
    }
}
