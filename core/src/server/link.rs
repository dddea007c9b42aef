use alloc::boxed::Box;
use core::net::SocketAddr;

use super::seat::Seat;
use super::send_queue::SendQueue;
use crate::error::CloseReason;
use crate::id::LinkId;
use crate::keepalive::KeepAlive;
use crate::noise::Handshake;
use crate::session::Session;
use crate::time::Instant;

/// One byte pipe from a client.
pub(super) struct Link {
    pub id: LinkId,
    pub addr: SocketAddr,
    pub session: Box<Session<Box<Handshake>>>,
    pub phase: Phase,
    /// Its number among the links without a session, if it is one.
    pub stranger: Option<u64>,
    pub alive: KeepAlive,
    /// The time for which its timer is set.
    pub armed: Instant,
    pub queue: SendQueue,
    /// What the queue takes of the memory for all queues, as it was counted last.
    pub counted: usize,
    pub pong: bool,
    /// The host knows that there is something to send.
    pub announced: bool,
}

/// Where a link stands.
pub(super) enum Phase {
    /// Handshake, then login.
    Starting { deadline: Instant },
    /// The host looks the user up.
    Deciding { seat: Box<Seat>, deadline: Instant },
    /// A session.
    Up(Box<Seat>),
    /// The client is told why, then the pipe is closed.
    Closing { reason: CloseReason, deadline: Instant },
    /// The host is to close the pipe, or has done so.
    Closed,
}

impl Link {
    /// The user, once logged in.
    pub(super) fn seat(&self) -> Option<&Seat> {
        match &self.phase {
            Phase::Up(seat) => Some(seat),
            Phase::Starting { .. }
            | Phase::Deciding { .. }
            | Phase::Closing { .. }
            | Phase::Closed => None,
        }
    }

    pub(super) fn seat_mut(&mut self) -> Option<&mut Seat> {
        match &mut self.phase {
            Phase::Up(seat) => Some(seat),
            Phase::Starting { .. }
            | Phase::Deciding { .. }
            | Phase::Closing { .. }
            | Phase::Closed => None,
        }
    }

    /// Returns the next time at which something has to be done for this link.
    pub(super) fn deadline(&self) -> Instant {
        match &self.phase {
            Phase::Starting { deadline }
            | Phase::Deciding { deadline, .. }
            | Phase::Closing { deadline, .. } => *deadline,
            // Clients ping; a server only listens.
            Phase::Up(_) => self.alive.deadline(false),
            Phase::Closed => Instant::NEVER,
        }
    }
}
