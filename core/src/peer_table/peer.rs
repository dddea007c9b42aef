use core::net::SocketAddr;

use super::Dial;
use crate::delivery::{Incoming, Outgoing};
use crate::error::CloseReason;
use crate::id::{DisplayName, Epoch, LinkId, UserId};
use crate::limits::{BUSY_PAUSES, PROBE_AFTER, SERVER_PROBE};
use crate::route::Path;
use crate::time::Instant;
use crate::timer::Backoff;
use crate::wire::Introduction;

/// Holds all that a client knows of one other user.
pub(crate) struct Peer {
    pub user: UserId,
    pub name: DisplayName,
    /// Whether the server says, or last said, that the user is online.
    pub online: bool,
    /// How the server introduced the user, the last time it was online.
    pub introduction: Option<Introduction>,
    /// The list of online users that is being read has named this one.
    pub seen: bool,
    /// Messages to this peer wait until then for it to come online, direct links aside.
    pub returns_until: Instant,
    /// The direct link that messages go out on, if one is up.
    pub direct: Option<LinkId>,
    /// The way that messages take now: a change sends what is unsettled again.
    pub route: (Path, Option<LinkId>),
    pub dial: Dial,
    pub outgoing: Outgoing,
    /// The peer's messages come by relay though a direct link is up: its side of that link may be
    /// dead, so acknowledgements go back the way the messages came.
    pub acks_by_relay: bool,
    pub incoming: Incoming,
    pub busy: Backoff,
    /// When a message last went to or came from this user.
    pub used: Instant,
    /// What the application was told last.
    pub told: Told,
    /// A direct link ended, which the application was not told of yet.
    pub lost: Option<Lost>,
    /// Somebody without this user's key was met there.
    pub impostor: Option<SocketAddr>,
    /// The application has to be told something.
    pub news: bool,
}

/// What the application knows of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub online: bool,
    pub renamed: bool,
    pub path: Path,
    pub direct: Option<LinkId>,
}

/// Tells how a direct link, or a try at one, ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lost {
    pub addr: SocketAddr,
    pub reason: CloseReason,
    pub was_up: bool,
}

impl Peer {
    pub(crate) fn new(user: UserId, epoch: Epoch, now: Instant) -> Self {
        Self {
            user,
            name: DisplayName::default(),
            online: false,
            introduction: None,
            seen: false,
            returns_until: Instant::ZERO,
            direct: None,
            route: (Path::None, None),
            dial: Dial::IDLE,
            outgoing: Outgoing::new(epoch),
            acks_by_relay: false,
            incoming: Incoming::default(),
            busy: Backoff::new(BUSY_PAUSES),
            used: now,
            told: Told { online: false, renamed: false, path: Path::None, direct: None },
            lost: None,
            impostor: None,
            news: false,
        }
    }

    /// Tells whether the entry can make room for another user without losing anything.
    pub(crate) fn is_disposable(&self) -> bool {
        !self.online && self.direct.is_none() && self.outgoing.is_empty() && !self.news
    }

    /// Returns the next time at which something has to be done for this peer.
    pub(crate) fn deadline(&self) -> Instant {
        let returning = match self.returns_until {
            Instant::ZERO => Instant::NEVER,
            until => until,
        };
        let probe = match self.route.0 {
            Path::Direct => self.outgoing.waiting_since + PROBE_AFTER,
            Path::Relay => self.outgoing.waiting_since + SERVER_PROBE.0,
            Path::None => Instant::NEVER,
        };
        self.dial.deadline().min(self.outgoing.resend_at).min(returning).min(probe)
    }
}
