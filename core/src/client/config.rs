use core::time::Duration;

use heapless::Vec;

use crate::id::{DisplayName, Endpoint, PublicKey, Ticket, UserId};
use crate::limits::{DEFAULT_IDLE, DEFAULT_KEEPALIVE, MAX_ENDPOINTS};
use crate::time::Span;
use crate::wire::Hello;

/// Configures a client.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who logs in.
    pub user: UserId,
    /// The name to show to people.
    pub name: DisplayName,
    /// The server's key, if the host has met it before: any other is refused.
    pub server_key: Option<PublicKey>,
    /// Which peers are dialled.
    pub mesh: Mesh,
    /// The keepalive interval to ask for, or none to take the server's; minutes save a battery.
    pub keepalive: Option<Duration>,
    /// Of whom the server tells whether they are online.
    pub interest: Interest,
    /// What becomes of messages to users that are not online.
    pub absence: Absence,
    /// What this device can take in.
    pub limits: Hello,
    /// Where the host accepts direct links, the likeliest address first; empty if it does not.
    /// Can be set anew before each [`opened`](crate::Client::opened) of a server link.
    pub endpoints: Vec<Endpoint, MAX_ENDPOINTS>,
    /// What is shown to the server to enrol this device's key: a code or a password; empty for a
    /// key that is enrolled, or where none is needed.
    pub ticket: Ticket,
    /// The host remembers the keys of users, and answers [`Event::Met`](crate::io::Event::Met).
    pub remembers_keys: bool,
    /// 64 random bits for ids and jitter; a different number at each start.
    pub seed: u64,
}

/// Says which peers a client dials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mesh {
    /// Every peer that is online, as long as there is room.
    Eager,
    /// A peer that messages go to or come from.
    OnDemand,
    /// Nobody, and nobody is let in: all messages are relayed.
    Off,
}

/// Says of whom a client hears when they come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Everybody, as long as there is room in the peer table: for an office.
    Everybody,
    /// Whoever is in the peer table, since the host [watches](crate::Client::watch) the user or
    /// messages went to or came from it: for one of thousands. Others can reach this client through
    /// the server, and directly once it knows them. A server that takes no lists tells of everybody.
    Known,
}

/// Says what becomes of messages to users that are registered and not online.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// They fail: for hosts that keep nothing, and want to know.
    Fail,
    /// They wait, for as long as it takes: for hosts that keep them on disk.
    Wait,
}

impl Config {
    /// Makes the ordinary configuration of a host.
    pub fn new(user: UserId, name: DisplayName, seed: u64) -> Self {
        Self {
            user,
            name,
            server_key: None,
            mesh: Mesh::Eager,
            keepalive: None,
            interest: Interest::Everybody,
            absence: Absence::Fail,
            limits: Hello::HOST,
            endpoints: Vec::new(),
            ticket: Ticket::default(),
            remembers_keys: false,
            seed,
        }
    }
}

impl Config {
    /// Tells whether a server that announces this is told of whom the client wants to hear.
    pub(super) fn goes_by_list(&self, server: Hello) -> bool {
        self.interest == Interest::Known && server.takes_watch
    }
}

/// What holds until the server has said otherwise.
pub(super) const UNAGREED: (Span, Span) = (Span::of(DEFAULT_KEEPALIVE), Span::of(DEFAULT_IDLE));
