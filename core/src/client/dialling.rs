use core::net::SocketAddr;

use super::config::Mesh;
use super::engine::Engine;
use super::link::{Link, Phase, Role};
use super::state::ServerState;
use crate::error::CloseReason;
use crate::id::Endpoint;
use crate::limits::{
    DIAL_PACE, DIAL_STAGGER, DIAL_TIMEOUT, DIAL_TURN, DIALS_AT_ONCE, HANDSHAKE_TIMEOUT,
};
use crate::peer_table::{DialState, PeerIndex};
use crate::time::Instant;

/// Slots that no dial takes: the server's, and one for a peer that dials this client.
const RESERVED_LINKS: usize = 2;

/// Opening links.
impl Engine<'_> {
    /// Dials the server when it is time to.
    pub(super) fn dial_server(&mut self, now: Instant) {
        if !matches!(self.state.server, ServerState::Waiting(at) if at <= now) {
            return;
        }
        let phase = Phase::Opening { deadline: now + DIAL_TIMEOUT, told: false };
        let unspecified = SocketAddr::from(([0, 0, 0, 0], 0));
        let link = Link::new(Role::Server, unspecified, now, phase);
        self.state.server = match self.add_link(link) {
            Some(id) => ServerState::Starting(id),
            // Every slot is closing or taken by peers; they are not for ever.
            None => ServerState::Waiting(now + self.state.reconnect.pause(&mut self.state.random)),
        };
    }

    /// Dials a peer, or its next address, when it is time to.
    pub(super) fn dial_peer(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peers.get(index) else { return };
        let next = match peer.dial.state() {
            DialState::Waiting(at) if at <= now => 0,
            DialState::Racing { next, at } if at <= now => next,
            DialState::Idle | DialState::Waiting(_) | DialState::Racing { .. } => return,
        };
        if peer.direct.is_some() || self.state.config.mesh == Mesh::Off {
            self.stop_dialling(index);
            return;
        }
        let candidate = peer.introduction.as_ref().and_then(|introduction| {
            let candidates = introduction.endpoints.iter().enumerate().skip(next);
            candidates.map(|(at, endpoint)| (at, *endpoint)).find(|(_, e)| self.is_dialable(*e))
        });
        match candidate {
            Some(_) if next == 0 && self.is_busy_dialling(now) && !self.is_written_to(index) => {
                if let Some(peer) = self.peers.get_mut(index) {
                    peer.dial.put_off(now + DIAL_PACE);
                }
            }
            Some((at, endpoint)) => self.dial_candidate(now, index, at, endpoint),
            // Nowhere to dial: the peer takes no direct links, or shows no usable address.
            None if next == 0 => self.stop_dialling(index),
            // The addresses tried so far decide.
            None if self.is_dialling(index) => {
                if let Some(peer) = self.peers.get_mut(index) {
                    peer.dial.race(usize::MAX, Instant::NEVER);
                }
            }
            None => self.pause_dialling(now, index),
        }
    }

    fn dial_candidate(&mut self, now: Instant, index: PeerIndex, at: usize, endpoint: Endpoint) {
        if self.links.free() <= RESERVED_LINKS {
            self.make_room(now, index);
            self.pause_dialling(now, index);
            return;
        }
        let phase = Phase::Opening { deadline: now + DIAL_TIMEOUT, told: false };
        let link = Link::new(Role::Dialled(index), endpoint.addr(), now, phase);
        if self.add_link(link).is_none() {
            self.pause_dialling(now, index);
            return;
        }
        if let Some(peer) = self.peers.get_mut(index) {
            peer.dial.race(at + 1, now + DIAL_STAGGER);
        }
    }

    /// Tells whether a dial to the peer is under way.
    pub(super) fn is_dialling(&self, index: PeerIndex) -> bool {
        self.links.iter().any(|(_, link)| {
            link.role == Role::Dialled(index)
                && matches!(link.phase, Phase::Opening { .. } | Phase::Starting { .. })
        })
    }

    /// Tells whether as many dials are under way as there may be at once. Those that take long count no
    /// more, or peers that do not answer would hold up all others.
    fn is_busy_dialling(&self, now: Instant) -> bool {
        let is_young = |link: &Link| match link.phase {
            Phase::Opening { deadline, .. } => deadline > now + (DIAL_TIMEOUT - DIAL_TURN.0),
            Phase::Starting { deadline } => deadline > now + (HANDSHAKE_TIMEOUT - DIAL_TURN.1),
            _ => false,
        };
        let dials = self.links.iter().filter(|(_, link)| matches!(link.role, Role::Dialled(_)));
        dials.filter(|(_, link)| is_young(link)).count() >= DIALS_AT_ONCE
    }

    /// Tells whether messages wait for a peer, or its answer.
    fn is_written_to(&self, index: PeerIndex) -> bool {
        self.peers.get(index).is_some_and(|peer| peer.outgoing.is_unsettled())
    }

    fn is_dialable(&self, endpoint: Endpoint) -> bool {
        let (ip, port) = (endpoint.addr().ip(), endpoint.addr().port());
        let own = &self.state.config.endpoints;
        // Loopback leads to the peer only if both are on one machine.
        let reachable = !ip.is_loopback() || own.iter().any(|e| e.addr().ip().is_loopback());
        reachable
            && port != 0
            && !ip.is_unspecified()
            && !ip.is_multicast()
            && !own.contains(&endpoint)
    }

    fn stop_dialling(&mut self, index: PeerIndex) {
        if let Some(peer) = self.peers.get_mut(index) {
            peer.dial.stop();
        }
    }

    fn pause_dialling(&mut self, now: Instant, index: PeerIndex) {
        if let Some(peer) = self.peers.get_mut(index) {
            peer.dial.on_exhausted(now, &mut self.state.random);
        }
    }

    /// Closes the direct link that was used longest ago, for a peer with messages to send.
    fn make_room(&mut self, now: Instant, index: PeerIndex) {
        let Some(wanted) = self.peers.get(index).filter(|_| self.is_written_to(index)) else {
            return;
        };
        let used = wanted.used;
        let oldest = self
            .peers
            .iter()
            .filter(|(_, peer)| peer.outgoing.is_empty() && peer.used < used)
            .filter_map(|(_, peer)| Some((peer.used, peer.direct?)))
            .min_by_key(|(used, _)| *used);
        if let Some((_, id)) = oldest {
            self.close_link(now, id, CloseReason::TableFull);
        }
    }
}
