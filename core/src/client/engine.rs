use super::link::{Link, Phase, Role, Want};
use super::link_table::LinkTable;
use super::state::State;
use crate::delivery::Outbox;
use crate::error::CloseReason;
use crate::id::{Epoch, LinkId, UserId};
use crate::limits::FAREWELL;
use crate::peer_table::{Claim, Lost, Peer, PeerIndex, PeerTable, Trust};
use crate::route::{self, Path, Ways};
use crate::time::Instant;
use crate::timer::TimerTable;

/// Works on a client's state and tables, whatever their sizes.
pub(crate) struct Engine<'c> {
    pub(super) state: &'c mut State,
    pub(super) links: &'c mut LinkTable,
    pub(super) link_timers: &'c mut TimerTable,
    pub(super) peers: &'c mut PeerTable,
    pub(super) peer_timers: &'c mut TimerTable,
    pub(super) outbox: &'c mut Outbox,
}

impl Engine<'_> {
    /// Notes that a link may have something to send.
    pub(super) fn kick(&mut self, id: LinkId) {
        if let Some(link) = self.links.get_mut(id)
            && link.want != Want::Announced
        {
            link.want = Want::Pending;
            self.state.link_news = true;
        }
    }

    /// Sets a link's timer anew.
    pub(super) fn rearm_link(&mut self, id: LinkId) {
        if let Some(link) = self.links.get(id) {
            self.link_timers.set(id.slot(), link.deadline());
        }
    }

    /// Notes that the application has to hear of a peer.
    pub(super) fn note_peer(&mut self, index: PeerIndex) {
        if let Some(peer) = self.peers.get_mut(index) {
            peer.news = true;
            self.state.peer_news = true;
        }
    }

    /// Finds a user's entry or makes one; `None` if the table is full.
    pub(super) fn find_or_add(
        &mut self,
        now: Instant,
        user: &UserId,
        claim: Claim,
    ) -> Option<PeerIndex> {
        if let Some(index) = self.peers.find(user) {
            return Some(index);
        }
        let epoch = Epoch::from_bits(self.state.random.next());
        let trust = match self.state.config.remembers_keys {
            true => Trust::Asked { told: false },
            false => Trust::Server,
        };
        let links = &*self.links;
        let linked = |index| links.iter().any(|(_, link)| link.peer() == Some(index));
        let mut peer = Peer::new(user.clone(), epoch, trust, now);
        let server = self.state.server_link().filter(|_| self.state.by_list);
        peer.watch_due = server.is_some();
        let index = self.peers.insert(peer, claim, linked)?;
        if let Some(server) = server {
            self.kick(server);
        }
        self.state.peer_news |= self.peers.get(index).is_some_and(|peer| peer.news);
        self.peer_timers.set(index, Instant::NEVER);
        Some(index)
    }

    pub(super) fn ways(&self, now: Instant, peer: &Peer) -> Ways {
        // Nothing goes to whom it is not meant for, or may not be.
        let open = !peer.is_blocked && !matches!(peer.trust, Trust::Asked { .. });
        Ways {
            direct: open && peer.direct.is_some(),
            server: open && self.state.server_link().is_some(),
            stored: peer.outgoing.is_stored(),
            // After a login the server has yet to say who is still there.
            online: peer.online && peer.returns_until == Instant::ZERO,
            returning: now < peer.returns_until,
        }
    }

    /// Chooses a peer's route anew, and acts on a change: whatever is not settled goes out again
    /// on the new path. Then lets the link work and sets the peer's timer.
    pub(super) fn refresh(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peers.get(index) else { return };
        let ways = self.ways(now, peer);
        let path = route::choose(ways);
        if path == Path::Direct && ways.stored {
            // The server has messages that come before, and is gone.
            self.recall(index);
        }
        let Some(peer) = self.peers.get(index) else { return };
        let link = match path {
            Path::Direct => peer.direct,
            Path::Relay => self.state.server_link(),
            Path::None => None,
        };
        let shown = route::shown(ways);
        let Some(peer) = self.peers.get_mut(index) else { return };
        if peer.route != (path, link) {
            peer.route = (path, link);
            peer.acks_by_relay = false;
            peer.outgoing.rewind(self.outbox);
            peer.incoming.repeat();
            log::debug!("route to {}: {}", peer.user, path.code());
        }
        let told = &peer.told;
        if told.path != shown || told.online != peer.online || told.direct != peer.direct {
            self.note_peer(index);
        }
        self.work(now, index);
    }

    /// Lets a peer's link send what waits for the peer, and sets the peer's timer.
    pub(super) fn work(&mut self, now: Instant, index: PeerIndex) {
        let server = self.state.server_link();
        let Some(peer) = self.peers.get_mut(index) else { return };
        let mut sends = peer.outgoing.wants_to_send(now);
        if sends && peer.route.0 == Path::Relay && peer.key.is_none() {
            // What goes through the server is sealed, which takes the recipient's key.
            sends = false;
            peer.key_due |= peer.key_asked.map(|(link, _)| link) != server;
        }
        let acks = peer.incoming.ack_due(false).is_some() || peer.incoming.read_due().is_some();
        let ack_link = if peer.acks_by_relay { server } else { peer.route.1 };
        let owes = peer.incoming.owed_ack(ack_link == server).is_some();
        let asks =
            owes || peer.watch_due || peer.key_due || peer.ask_due || peer.unreadable_due.is_some();
        let (deadline, link) = (peer.deadline(), peer.route.1);
        self.peer_timers.set(index, deadline);
        let links = [link.filter(|_| sends), ack_link.filter(|_| acks), server.filter(|_| asks)];
        for link in links.into_iter().flatten() {
            self.kick(link);
        }
    }

    /// Refreshes every peer, after the server came or went.
    pub(super) fn refresh_all(&mut self, now: Instant) {
        for index in 0..self.peers.len() {
            self.refresh(now, index);
        }
    }

    /// Puts a new link into the table.
    pub(super) fn add_link(&mut self, link: Link) -> Option<LinkId> {
        let id = self.links.insert(link)?;
        self.state.link_news = true;
        self.rearm_link(id);
        Some(id)
    }

    /// Ends a link for a reason of this side's, which the other side is told if it can be.
    pub(super) fn close_link(&mut self, now: Instant, id: LinkId, reason: CloseReason) {
        let Some(link) = self.links.get_mut(id) else { return };
        let speaks = link.session.as_ref().is_some_and(|session| session.is_established());
        let listens = !matches!(reason, CloseReason::Idle | CloseReason::Silent);
        let says = listens && (speaks || reason == CloseReason::Version);
        self.end_link(now, id, reason, says);
    }

    /// Ends a link: tells the other side why or not, and draws the consequences.
    pub(super) fn end_link(&mut self, now: Instant, id: LinkId, reason: CloseReason, says: bool) {
        let Some(link) = self.links.get_mut(id) else { return };
        if matches!(link.phase, Phase::Closing { .. } | Phase::Closed) {
            if !says {
                link.phase = Phase::Closed;
                self.state.link_news = true;
            }
            return;
        }
        let (role, addr, was_up) = (link.role, link.addr, link.is_up());
        log::debug!("{id:?} ends: {reason}");
        // What waits for company has this one more chance.
        link.due.acks = says && was_up;
        link.phase = match says {
            true => Phase::Closing { reason, deadline: now + FAREWELL },
            false => Phase::Closed,
        };
        self.state.link_news = true;
        self.kick(id);
        self.rearm_link(id);
        match role {
            Role::Server => self.on_server_lost(now, reason),
            Role::Dialled(index) => {
                self.on_direct_lost(now, index, id, Lost { addr, reason, was_up });
            }
            Role::Accepted(Some(index)) => {
                self.on_direct_lost(now, index, id, Lost { addr, reason, was_up });
            }
            Role::Accepted(None) => {}
        }
    }
}
