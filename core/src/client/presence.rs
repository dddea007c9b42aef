use super::config::Mesh;
use super::engine::Engine;
use super::state::Listing;
use crate::error::CloseReason;
use crate::id::LinkId;
use crate::limits::{DIAL_GRACE, GONE_LIMIT, PEERS_TIMEOUT};
use crate::peer_table::{Claim, PeerIndex};
use crate::route::Path;
use crate::time::Instant;
use crate::wire::{Entries, Introduction, PeerEntry};

use core::time::Duration;

/// Who is online.
impl Engine<'_> {
    pub(super) fn on_peers_reply(
        &mut self,
        now: Instant,
        id: LinkId,
        entries: Entries<'_>,
        more: bool,
    ) -> Result<(), CloseReason> {
        let Listing::Asked { stale, .. } = self.state.listing else {
            return Err(CloseReason::Unexpected);
        };
        let mut last = None;
        for entry in entries.iter() {
            let entry = entry?;
            last = Some(entry.user.clone());
            // The newcomer dials: it is the one that asks for the list.
            self.on_entry(now, entry, Duration::ZERO);
        }
        match last {
            _ if stale => self.ask_for_peers(now, id, None),
            Some(last) if more => self.ask_for_peers(now, id, Some(last)),
            None if more => return Err(CloseReason::Malformed),
            _ => self.on_list_complete(now),
        }
        Ok(())
    }

    pub(super) fn on_presence(
        &mut self,
        now: Instant,
        id: LinkId,
        entries: Entries<'_>,
        resync: bool,
    ) -> Result<(), CloseReason> {
        for entry in entries.iter() {
            let entry = entry?;
            // Whoever lost the place in the table meanwhile is not to come back for that.
            if !self.state.by_list || self.peers.find(&entry.user).is_some() {
                self.on_entry(now, entry, DIAL_GRACE);
            }
        }
        if resync {
            for index in 0..self.peers.len() {
                if let Some(peer) = self.peers.get_mut(index) {
                    peer.seen = false;
                }
            }
            match &mut self.state.listing {
                // One request is open at a time.
                Listing::Asked { stale, .. } => *stale = true,
                Listing::Done | Listing::Named { .. } if self.state.by_list => {
                    self.name_peers(now);
                }
                Listing::Done | Listing::Named { .. } => self.ask_for_peers(now, id, None),
            }
        }
        if matches!(self.state.listing, Listing::Named { .. })
            && self.peers.iter().all(|(_, peer)| peer.seen)
        {
            self.state.listing = Listing::Done;
        }
        Ok(())
    }

    /// Names all peers to the server, which tells of each.
    pub(super) fn name_peers(&mut self, now: Instant) {
        let mut listing = Listing::Done;
        for index in 0..self.peers.len() {
            if let Some(peer) = self.peers.get_mut(index) {
                peer.watch_due = true;
                listing = Listing::Named { deadline: now + PEERS_TIMEOUT };
                self.work(now, index);
            }
        }
        self.state.listing = listing;
    }

    /// Whoever is not on the complete list is offline.
    fn on_list_complete(&mut self, now: Instant) {
        self.state.listing = Listing::Done;
        for index in 0..self.peers.len() {
            if self.peers.get(index).is_some_and(|peer| peer.online && !peer.seen) {
                self.on_offline(now, index);
            }
        }
    }

    /// Takes in what the server says of one user.
    fn on_entry(&mut self, now: Instant, entry: PeerEntry, grace: Duration) {
        if entry.user == self.state.config.user {
            return;
        }
        let Some(introduction) = entry.online else {
            if let Some(index) = self.peers.find(&entry.user) {
                if let Some(peer) = self.peers.get_mut(index) {
                    peer.seen = true;
                    peer.returns_until = Instant::ZERO;
                }
                self.on_offline(now, index);
            }
            return;
        };
        let Some(index) = self.find_or_add(now, &entry.user, Claim::Presence) else {
            self.state.news.table_full = true;
            return;
        };
        let Some(peer) = self.peers.get_mut(index) else { return };
        peer.told.renamed |= peer.online && peer.name != entry.name;
        peer.name = entry.name;
        peer.online = true;
        peer.seen = true;
        peer.returns_until = Instant::ZERO;
        let renamed = peer.told.renamed;
        let moved = peer.introduction.as_ref() != Some(&introduction);
        let before = peer.introduction.as_ref().map(|known| known.instance);
        if before.is_some_and(|before| before != introduction.instance) {
            // What was on its way to the peer's last session may never have left the server.
            peer.outgoing.rewind(self.outbox);
        }
        let direct = peer.direct;
        let key = introduction.key;
        peer.introduction = Some(introduction);
        if renamed {
            self.note_peer(index);
        }
        if self.peers.get(index).is_some_and(|peer| peer.key != Some(key)) {
            self.on_key(now, index, key);
        }
        if let (true, Some(link)) = (moved, direct) {
            self.check_direct(now, index, link);
        }
        self.want_direct(now, index, now + grace, moved);
        self.introduce_waiting(now, index);
        self.refresh(now, index);
    }

    /// Wants a direct link to a peer that came online or moved, if the policy is to dial it.
    fn want_direct(&mut self, now: Instant, index: PeerIndex, at: Instant, moved: bool) {
        let demanded = match self.state.config.mesh {
            Mesh::Eager => true,
            Mesh::OnDemand => {
                self.peers.get(index).is_some_and(|peer| peer.outgoing.is_unsettled())
            }
            Mesh::Off => false,
        };
        let Some(peer) = self.peers.get_mut(index) else { return };
        if !demanded || peer.direct.is_some() || peer.is_blocked {
            return;
        }
        if moved { peer.dial.renew(at.max(now)) } else { peer.dial.want(at) }
    }

    /// Holds a direct link against a new introduction of its peer.
    fn check_direct(&mut self, now: Instant, index: PeerIndex, id: LinkId) {
        let Some(Introduction { key, instance, .. }) =
            self.peers.get(index).and_then(|peer| peer.introduction.clone())
        else {
            return;
        };
        let Some(link) = self.links.get(id) else { return };
        let proved = link.session.as_ref().and_then(|session| session.remote_key());
        if proved != Some(key) {
            self.close_link(now, id, CloseReason::WrongKey);
        } else if link.instance != Some(instance) {
            // The peer has started anew; what is left of its last run is most likely dead.
            self.probe(now, id, GONE_LIMIT, CloseReason::Disconnected);
        }
    }

    /// A user went offline: nothing is dialled, and a direct link has to prove that it lives.
    fn on_offline(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peers.get_mut(index) else { return };
        peer.online = false;
        peer.dial.stop();
        if peer.route.0 == Path::Relay {
            // What was on its way through the server may be lost; sent again, it is refused.
            peer.outgoing.rewind(self.outbox);
        }
        if let Some(link) = peer.direct {
            self.probe(now, link, GONE_LIMIT, CloseReason::PeerOffline);
        }
        self.refresh(now, index);
    }

    /// Asks for a sign of life on a link, within a limit of its own.
    pub(super) fn probe(&mut self, now: Instant, id: LinkId, limit: Duration, reason: CloseReason) {
        let Some(link) = self.links.get_mut(id) else { return };
        if link.alive.probe(now, limit, reason) {
            link.due.ping = true;
        }
        self.kick(id);
        self.rearm_link(id);
    }
}
