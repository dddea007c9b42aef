use alloc::boxed::Box;

use heapless::Vec;

use super::pickup::Pickup;
use crate::id::{Endpoint, LinkId, PublicKey, UserId};
use crate::limits::MAX_ENDPOINTS;
use crate::wire::{Introduction, Login, PeerEntry, encode_entry};

/// Holds who sits at the other end of a link, as claimed at login.
///
/// There is one for each session, so what few of them have is elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    pub user: UserId,
    /// What others are told of the user, as an encoded [`PeerEntry`].
    pub entry: Box<[u8]>,
    /// Wants to hear of everybody.
    pub presence: bool,
    /// Too many log-ins have failed lately: only the right key helps now.
    pub is_late: bool,
    /// The interval asked for, in milliseconds; 0 for the server's.
    pub keepalive_ms: u32,
    /// How far the presence log was read.
    pub read: u64,
    /// The last user on the page of peers before the one that was asked for, if one was.
    pub page: Option<Box<Option<UserId>>>,
    /// Where the last message of the user went: a session, which may have ended.
    pub route: Option<LinkId>,
    /// What is kept for the user, if anything was.
    pub pickup: Option<Box<Pickup>>,
}

impl Seat {
    /// Seats a user that logs in with a key, from an address that the server sees.
    pub(super) fn new(login: &Login<'_>, key: PublicKey, observed: Endpoint) -> Self {
        let endpoints = observe(login.endpoints.clone(), observed);
        let entry = PeerEntry {
            user: login.user.clone(),
            name: login.name.clone(),
            online: Some(Introduction { key, instance: login.instance, endpoints }),
        };
        Self {
            user: login.user.clone(),
            entry: encode_entry(&entry),
            presence: login.presence,
            is_late: false,
            keepalive_ms: login.keepalive_ms,
            read: 0,
            page: None,
            route: None,
            pickup: None,
        }
    }

    /// Tells whether kept messages of a sender are still to be handed over: others have to stay behind
    /// them.
    pub(super) fn awaits(&self, from: &UserId) -> bool {
        self.pickup.as_ref().is_some_and(|pickup| pickup.awaits(from))
    }
}

/// Puts the address that the server sees first among those that a client names, with the port that the
/// client accepts links on: it is the one that is known to lead there.
fn observe(
    endpoints: Vec<Endpoint, MAX_ENDPOINTS>,
    observed: Endpoint,
) -> Vec<Endpoint, MAX_ENDPOINTS> {
    let Some(port) = endpoints.first().map(|endpoint| endpoint.addr().port()) else {
        return endpoints;
    };
    let mut addr = observed.addr();
    addr.set_port(port);
    let seen = Endpoint::new(addr);
    let others = endpoints.into_iter().filter(|endpoint| *endpoint != seen);
    [seen].into_iter().chain(others).take(MAX_ENDPOINTS).collect()
}
