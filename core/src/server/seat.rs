use alloc::vec::Vec;

use super::pickup::Pickup;
use crate::id::{DisplayName, Endpoint, Instance, LinkId, PublicKey, UserId};
use crate::limits::MAX_ENDPOINTS;
use crate::wire::{Introduction, PeerEntry};

/// Holds who sits at the other end of a link, as claimed at login.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    pub user: UserId,
    pub name: DisplayName,
    pub key: PublicKey,
    pub instance: Instance,
    /// At most [`MAX_ENDPOINTS`].
    pub endpoints: Vec<Endpoint>,
    /// Wants to hear of everybody.
    pub presence: bool,
    /// The interval asked for, in milliseconds; 0 for the server's.
    pub keepalive_ms: u32,
    /// How far the presence log was read.
    pub read: u64,
    /// The last user on the page of peers before the one that was asked for, if one was.
    pub page: Option<Option<UserId>>,
    /// Too many log-ins have failed lately: only the right key helps now.
    pub is_late: bool,
    /// Where the last message of the user went: a session, which may have ended.
    pub route: Option<LinkId>,
    /// What is kept for the user.
    pub pickup: Pickup,
}

impl Seat {
    /// Puts the address that the server sees first among those that the client names, with the
    /// port that the client accepts links on: it is the one that is known to lead there.
    pub(super) fn observe(&mut self, observed: Endpoint) {
        let Some(port) = self.endpoints.first().map(|endpoint| endpoint.addr().port()) else {
            return;
        };
        let mut addr = observed.addr();
        addr.set_port(port);
        let seen = Endpoint::new(addr);
        self.endpoints.retain(|endpoint| *endpoint != seen);
        self.endpoints.truncate(MAX_ENDPOINTS - 1);
        self.endpoints.insert(0, seen);
    }

    /// Introduces the user to others.
    pub(super) fn entry(&self) -> PeerEntry {
        PeerEntry {
            user: self.user.clone(),
            name: self.name.clone(),
            online: Some(Introduction {
                key: self.key,
                instance: self.instance,
                endpoints: self.endpoints.iter().copied().collect(),
            }),
        }
    }
}
