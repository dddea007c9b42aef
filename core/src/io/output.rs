use core::net::SocketAddr;

use super::Event;
use crate::id::{LinkId, UserId};
use crate::time::Instant;

/// Tells the host of a client what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a pipe, then call [`opened`](crate::Client::opened), or
    /// [`closed`](crate::Client::closed) if that fails.
    Open {
        /// The link's id from now on.
        link: LinkId,
        /// Where to.
        target: Target,
    },
    /// The link has bytes to send: whenever its pipe can take some, get them with
    /// [`transmit`](crate::Client::transmit) until that gives none.
    Transmit(LinkId),
    /// Close the pipe, after the bytes already taken for it were sent if that takes no time. The
    /// link is gone; nothing need be called for it.
    Close(LinkId),
    /// Something happened that the application wants to know.
    Event(Event),
    /// Nothing more to do until input comes, or until this instant: then call
    /// [`timeout`](crate::Client::timeout).
    Wait(Instant),
}

/// Names what a pipe shall lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The server; the host knows its address.
    Server,
    /// A user.
    Peer {
        /// The user.
        user: UserId,
        /// Where it accepts direct links.
        addr: SocketAddr,
    },
}
