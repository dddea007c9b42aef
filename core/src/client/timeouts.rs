use super::engine::Engine;
use super::link::Phase;
use crate::error::CloseReason;
use crate::id::LinkId;
use crate::keepalive::Verdict;
use crate::limits::{PROBE_AFTER, PROBE_LIMIT, SERVER_PROBE};
use crate::peer_table::PeerIndex;
use crate::route::Path;
use crate::time::Instant;

/// What time brings about.
impl Engine<'_> {
    pub(super) fn timeout(&mut self, now: Instant) {
        self.dial_server(now);
        if self.state.listing.deadline() <= now
            && let Some(id) = self.state.server_link()
        {
            log::debug!("the server did not say in time who is online");
            self.close_link(now, id, CloseReason::TimedOut);
        }
        while let Some(slot) = self.link_timers.pop_expired(now) {
            if let Some(id) = self.links.id_at(slot) {
                self.link_timeout(now, id);
            }
        }
        while let Some(index) = self.peer_timers.pop_expired(now) {
            self.peer_timeout(now, index);
        }
    }

    fn link_timeout(&mut self, now: Instant, id: LinkId) {
        let Some(link) = self.links.get_mut(id) else { return };
        match &link.phase {
            Phase::Up => match link.alive.judge(now) {
                Verdict::Alive => self.rearm_link(id),
                Verdict::Ping => {
                    link.due.ping = true;
                    self.kick(id);
                    self.rearm_link(id);
                }
                Verdict::Dead(reason) => self.close_link(now, id, reason),
            },
            Phase::Opening { deadline, .. } | Phase::Starting { deadline } if *deadline <= now => {
                self.close_link(now, id, CloseReason::TimedOut);
            }
            Phase::Waiting { deadline, .. } if *deadline <= now => {
                self.close_link(now, id, CloseReason::NotIntroduced);
            }
            Phase::Closing { deadline, .. } if *deadline <= now => {
                link.phase = Phase::Closed;
                self.state.link_news = true;
            }
            Phase::Opening { .. }
            | Phase::Starting { .. }
            | Phase::Waiting { .. }
            | Phase::Closing { .. } => self.rearm_link(id),
            Phase::Closed => {}
        }
    }

    fn peer_timeout(&mut self, now: Instant, index: PeerIndex) {
        self.dial_peer(now, index);
        let Some(peer) = self.peers.get_mut(index) else { return };
        if peer.returns_until <= now {
            peer.returns_until = Instant::ZERO;
        }
        if peer.key_asked.is_some_and(|(_, again)| again <= now) {
            peer.key_asked = None;
        }
        peer.incoming.on_time(now);
        if peer.outgoing.resend_at <= now {
            peer.outgoing.rewind(self.outbox);
        }
        let (path, link) = peer.route;
        let probe = match path {
            Path::Direct => (PROBE_AFTER, PROBE_LIMIT),
            Path::Relay => SERVER_PROBE,
            Path::None => (core::time::Duration::ZERO, core::time::Duration::ZERO),
        };
        let overdue = peer.outgoing.waiting_since + probe.0 <= now;
        if let (true, Some(link)) = (overdue, link) {
            // If the link answers and the message still waits, it is asked again.
            peer.outgoing.waiting_since = now;
            self.probe(now, link, probe.1, CloseReason::Silent);
        }
        self.refresh(now, index);
    }
}
