use std::rc::Rc;

use super::own_node::OwnNode;
use crate::cli::Mesh;
use crate::error::Error;
use crate::ndjson::{Command, Event};
use crate::node::{Attached, Seat};

/// Is a command's conversation with the node: with its own, or with that of another process.
pub(super) enum Session {
    Own(Box<OwnNode>),
    Attached(Box<Attached>),
}

impl Session {
    /// Asks the node for something; what comes of it, events tell.
    pub(super) async fn command(&self, command: Command) {
        match self {
            Self::Own(own) => own.seat.command(command),
            Self::Attached(attached) => attached.command(command).await,
        }
    }

    /// Asks the node for something as soon as it has room for what comes of that; to be called by
    /// those who take events at the same time.
    pub(super) async fn command_in_turn(&self, command: Command) {
        match self {
            Self::Own(own) => own.seat.command_in_turn(command).await,
            // The node reads no more than it has room for.
            Self::Attached(attached) => attached.command(command).await,
        }
    }

    /// Waits for the next event; `None` after the last one.
    ///
    /// Dropping the future loses no event.
    pub(super) async fn next_event(&self) -> Option<Rc<Event<'static>>> {
        match self {
            Self::Own(own) => own.seat.next_event().await,
            Self::Attached(attached) => attached.next_event().await,
        }
    }

    /// Returns why the events have ended though nobody asked for it.
    pub(super) fn ended(&self) -> Error {
        match self {
            Self::Own(own) => match own.node.failure() {
                Some(failure) => Error::Node(failure),
                None => Error::NodeEnded("the node has ended".into()),
            },
            Self::Attached(attached) => attached.ended(),
        }
    }

    /// Ends it in good order: events still come for a while, to be read meanwhile.
    pub(super) async fn close(&self) {
        match self {
            Self::Own(own) => own.close().await,
            Self::Attached(attached) => attached.leave(),
        }
    }

    /// Returns this command's seat at its own node.
    pub(super) fn own_seat(&self) -> Option<&Seat> {
        match self {
            Self::Own(own) => Some(&own.seat),
            Self::Attached(_) => None,
        }
    }

    /// Returns what to call the server.
    pub(super) fn server(&self) -> String {
        match self {
            Self::Own(own) => own.server.to_string(),
            Self::Attached(attached) => attached.holder.server.clone().unwrap_or_default(),
        }
    }

    /// Tells whether the node opens direct links by itself, as far as is known.
    pub(super) fn dials(&self) -> bool {
        match self {
            Self::Own(own) => own.mesh == Mesh::Eager,
            Self::Attached(_) => true,
        }
    }
}
