use crate::error::CloseReason;
use crate::id::{LinkId, MessageId, PublicKey, UserId};
use crate::time::Instant;

/// Tells the host of a server what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerOutput {
    /// The link has bytes to send: whenever its pipe can take some, get them with
    /// [`transmit`](crate::Server::transmit) until that gives none.
    Transmit(LinkId),
    /// Close the pipe, after the bytes already taken for it were sent if that takes no time. The
    /// link is gone; nothing need be called for it.
    Close(LinkId),
    /// Something happened that the host decides on or logs.
    Event(ServerEvent),
    /// Nothing more to do until input comes, or until this instant: then call
    /// [`timeout`](crate::Server::timeout).
    Wait(Instant),
}

/// Tells the host of a server what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerEvent {
    /// A client that proved a key asks for a session: look the name up, then call
    /// [`admit`](crate::Server::admit) or [`refuse`](crate::Server::refuse).
    Login {
        /// The client's link.
        link: LinkId,
        /// The name it claims.
        user: UserId,
        /// The key it proved.
        key: PublicKey,
    },
    /// A message cannot be relayed since its recipient is not online: find out whether there is
    /// such a user, then call [`refuse_relay`](crate::Server::refuse_relay).
    Undeliverable {
        /// The sender's link.
        link: LinkId,
        /// The recipient.
        to: UserId,
        /// The message.
        id: MessageId,
    },
    /// A session began.
    Online {
        /// Its user.
        user: UserId,
    },
    /// A session ended.
    Offline {
        /// Its user.
        user: UserId,
        /// Why.
        reason: CloseReason,
    },
    /// A link ended that had no session.
    Dropped {
        /// Why.
        reason: CloseReason,
    },
}
