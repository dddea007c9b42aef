use alloc::boxed::Box;
use core::num::NonZeroU64;

use super::seat::Seat;
use super::send_queue::SendQueue;
use crate::error::CloseReason;
use crate::id::{Endpoint, LinkId};
use crate::noise::Handshake;
use crate::session::Session;
use crate::time::{Instant, Span};

/// One byte pipe from a client.
pub(super) struct Link {
    pub id: LinkId,
    pub addr: Endpoint,
    pub session: Box<Session<Box<Handshake>>>,
    pub phase: Phase,
    /// Its number among the links without a session, if it is one.
    pub stranger: Option<NonZeroU64>,
    /// Since when the client of a session is silent, or any other link waits for what comes next.
    pub since: Instant,
    /// How long that may last.
    pub patience: Span,
    /// The time for which its timer is set.
    pub armed: Instant,
    /// The place of that among the timers.
    pub place: u32,
    pub queue: SendQueue,
    pub pong: bool,
    /// The host knows that there is something to send.
    pub announced: bool,
}

/// Where a link stands.
pub(super) enum Phase {
    /// Handshake, then login.
    Starting,
    /// The host looks the user up.
    Deciding(Box<Seat>),
    /// A session.
    Up(Box<Seat>),
    /// The client is told why, then the pipe is closed.
    Closing(CloseReason),
    /// The host is to close the pipe, or has done so.
    Closed,
}

impl Link {
    /// The user, once logged in.
    pub(super) fn seat(&self) -> Option<&Seat> {
        match &self.phase {
            Phase::Up(seat) => Some(seat),
            Phase::Starting | Phase::Deciding(_) | Phase::Closing(_) | Phase::Closed => None,
        }
    }

    pub(super) fn seat_mut(&mut self) -> Option<&mut Seat> {
        match &mut self.phase {
            Phase::Up(seat) => Some(seat),
            Phase::Starting | Phase::Deciding(_) | Phase::Closing(_) | Phase::Closed => None,
        }
    }

    /// Has it wait for what comes next, for some time from now on.
    pub(super) fn wait(&mut self, now: Instant, patience: Span) {
        (self.since, self.patience) = (now, patience);
    }

    /// Returns the next time at which something has to be done for this link. Clients ping; a server only
    /// listens.
    pub(super) fn deadline(&self) -> Instant {
        match self.phase {
            Phase::Closed => Instant::NEVER,
            Phase::Starting | Phase::Deciding(_) | Phase::Up(_) | Phase::Closing(_) => {
                self.since + self.patience
            }
        }
    }
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::*;

    /// A server has one of each for every session that says nothing.
    #[test]
    fn stays_small() {
        assert!(size_of::<Link>() <= 96, "{}", size_of::<Link>());
        assert!(size_of::<Seat>() <= 88, "{}", size_of::<Seat>());
        let session = size_of::<Session<Box<Handshake>>>();
        assert!(session <= 168, "{session}");
    }
}
