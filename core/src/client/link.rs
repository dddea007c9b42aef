use core::net::SocketAddr;

use super::config::UNAGREED;
use crate::error::CloseReason;
use crate::id::Instance;
use crate::keepalive::KeepAlive;
use crate::peer_table::PeerIndex;
use crate::session::Session;
use crate::time::Instant;
use crate::wire::Setup;

/// One byte pipe and the conversation on it.
pub(super) struct Link {
    pub role: Role,
    pub phase: Phase,
    /// None until the pipe is open.
    pub session: Option<Session>,
    /// The other end; unspecified for the server, whose address only the host knows.
    pub addr: SocketAddr,
    pub alive: KeepAlive,
    pub due: Due,
    pub want: Want,
    /// The other side's run, once it is known.
    pub instance: Option<Instance>,
    /// When the link came up, in the order of all links.
    pub order: u64,
}

/// Whom a link leads to, and who dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// To the server.
    Server,
    /// To a peer that this client dialled.
    Dialled(PeerIndex),
    /// From somebody who dialled this client; a peer once it is set up.
    Accepted(Option<PeerIndex>),
}

impl Role {
    /// The peer that the link leads to, as far as it is known.
    pub(super) fn peer(self) -> Option<PeerIndex> {
        match self {
            Self::Server => None,
            Self::Dialled(peer) => Some(peer),
            Self::Accepted(peer) => peer,
        }
    }
}

/// Where a link stands.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// The host opens the pipe, once it was told to.
    Opening { deadline: Instant, told: bool },
    /// Handshake, then login or set-up.
    Starting { deadline: Instant },
    /// A dialler has named itself, and the server has not introduced it yet.
    Waiting { setup: Setup, deadline: Instant },
    /// In use.
    Up,
    /// The other side is told why, then the pipe is closed.
    Closing { reason: CloseReason, deadline: Instant },
    /// The host is to close the pipe.
    Closed,
}

/// What the host knows of a link's wish to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// There may be nothing to send.
    Nothing,
    /// There may be something, and the host is to be told.
    Pending,
    /// The host was told, and asks until there is nothing left.
    Announced,
}

/// Small messages that wait to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    pub login: bool,
    pub peers: bool,
    pub setup: bool,
    pub setup_ok: bool,
    pub ping: bool,
    pub pong: bool,
    /// Acknowledgements that wait for company, before the link ends.
    pub acks: bool,
}

impl Link {
    pub(super) fn new(role: Role, addr: SocketAddr, now: Instant, phase: Phase) -> Self {
        let (interval, idle) = UNAGREED;
        Self {
            role,
            phase,
            session: None,
            addr,
            alive: KeepAlive::new(now, interval, idle),
            due: Due::default(),
            want: Want::Nothing,
            instance: None,
            order: 0,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Up)
    }

    pub(super) fn is_ending(&self) -> bool {
        matches!(self.phase, Phase::Closing { .. } | Phase::Closed)
    }

    /// The peer at the other end, as far as it is known.
    pub(super) fn peer(&self) -> Option<PeerIndex> {
        self.role.peer()
    }

    /// Returns the next time at which something has to be done for this link.
    pub(super) fn deadline(&self) -> Instant {
        match &self.phase {
            Phase::Opening { deadline, .. }
            | Phase::Starting { deadline }
            | Phase::Waiting { deadline, .. }
            | Phase::Closing { deadline, .. } => *deadline,
            Phase::Up => self.alive.deadline(!self.due.ping),
            Phase::Closed => Instant::NEVER,
        }
    }
}
