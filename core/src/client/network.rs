use super::engine::Engine;
use super::state::ServerState;
use crate::error::CloseReason;
use crate::limits::MOVED_LIMIT;
use crate::peer_table::DialState;
use crate::time::Instant;

/// The host has come to another network, or back to one.
impl Engine<'_> {
    /// Tries at once what waits for its next try, since what made the last one fail may be over,
    /// and asks every link for a sign of life, since what it went by may be gone.
    pub(super) fn on_moved(&mut self, now: Instant) {
        if let ServerState::Starting(id) = self.state.server {
            // A connection stays at the address that it began from.
            self.end_link(now, id, CloseReason::Disconnected, false);
        }
        if matches!(self.state.server, ServerState::Waiting(_)) {
            self.state.reconnect.reset();
            self.state.server = ServerState::Waiting(now);
            self.dial_server(now);
        }
        let mut next = 0;
        while let Some(id) = self.links.find(|id, link| id.slot() >= next && link.is_up()) {
            next = id.slot() + 1;
            self.probe(now, id, MOVED_LIMIT, CloseReason::Silent);
        }
        for index in 0..self.peers.len() {
            let Some(peer) = self.peers.get_mut(index) else { continue };
            if matches!(peer.dial.state(), DialState::Waiting(at) if at > now) {
                peer.dial.renew(now);
                self.refresh(now, index);
            }
        }
    }
}
