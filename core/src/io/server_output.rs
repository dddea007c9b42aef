use alloc::boxed::Box;

use super::Keep;
use crate::error::CloseReason;
use crate::id::{Epoch, LinkId, MessageId, PublicKey, Ticket, UserId};
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
        /// The code or password with which it wants to enrol that key, if it is not enrolled.
        ticket: Box<Ticket>,
        /// The longest frame that it takes, in bytes.
        max_frame: u32,
    },
    /// A message's recipient is not online: keep the message, then call
    /// [`kept`](crate::Server::kept).
    Keep(Box<Keep>),
    /// A recipient has acknowledged messages that are kept, or whose sender is not online: remove
    /// them, and remember how far it goes.
    Acked {
        /// The sender of the messages.
        from: UserId,
        /// Their recipient.
        to: UserId,
        /// The last message; all before it are acknowledged too.
        id: MessageId,
    },
    /// A person has seen messages whose sender is not online: remember how far it goes.
    Read {
        /// The sender of the messages.
        from: UserId,
        /// Their recipient.
        to: UserId,
        /// The last message; all before it were seen too.
        id: MessageId,
    },
    /// A sender asks what became of messages that were kept: call
    /// [`answer`](crate::Server::answer) with each of [`Custody::answers`](crate::Custody::answers).
    Ask {
        /// The sender's link.
        link: LinkId,
        /// The sender.
        from: UserId,
        /// The recipient.
        to: UserId,
        /// The numbering.
        epoch: Epoch,
    },
    /// A session has room for messages that are kept for its user: call
    /// [`deliver`](crate::Server::deliver) with the next ones.
    Page {
        /// The session's link.
        link: LinkId,
        /// Its user.
        user: UserId,
        /// The place of the last message that was handed over; 0 for none.
        after: u64,
    },
    /// A client wants to know a user's key: call [`introduce`](crate::Server::introduce).
    Key {
        /// The client's link.
        link: LinkId,
        /// The user.
        user: UserId,
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
