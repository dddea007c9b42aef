use super::engine::Engine;
use super::link::{Phase, Role, Want};
use crate::delivery::Outcome;
use crate::io::{Event, Output, Target};
use crate::peer_table::{KeyNews, PeerIndex, Trust};
use crate::route;
use crate::time::Instant;

/// What the host gets out.
impl Engine<'_> {
    pub(super) fn poll(&mut self, now: Instant) -> Output {
        if let Some(event) = self.poll_server_news() {
            return Output::Event(event);
        }
        if let Some(event) = self.poll_peer_news(now) {
            return Output::Event(event);
        }
        if let Some(output) = self.poll_link_news() {
            return output;
        }
        let deadline = self.state.deadline();
        Output::Wait(deadline.min(self.link_timers.next()).min(self.peer_timers.next()))
    }

    fn poll_server_news(&mut self) -> Option<Event> {
        let news = &mut self.state.news;
        if let Some((pinned, found)) = news.key_changed.take() {
            return Some(Event::ServerKeyChanged { pinned, found });
        }
        if let Some(refusal) = news.refused.take() {
            return Some(Event::LoginRefused { refusal });
        }
        if let Some(reason) = news.disconnected.take() {
            return Some(Event::Disconnected { reason });
        }
        if let Some((server, observed)) = news.connected.take() {
            return Some(Event::Connected { server, observed });
        }
        if news.table_full && !news.table_full_told {
            news.table_full_told = true;
            return Some(Event::PeerTableFull);
        }
        None
    }

    fn poll_peer_news(&mut self, now: Instant) -> Option<Event> {
        if !self.state.peer_news {
            return None;
        }
        while let Some(index) = self.peers.find_news() {
            if let Some(event) = self.poll_peer(now, index) {
                return Some(event);
            }
        }
        self.state.peer_news = false;
        None
    }

    /// Compares what the application was told of a peer with what is the case.
    fn poll_peer(&mut self, now: Instant, index: PeerIndex) -> Option<Event> {
        let shown = route::shown(self.ways(now, self.peers.get(index)?));
        let links = &*self.links;
        let peer = self.peers.get_mut(index)?;
        if let Some(user) = peer.displaced.take() {
            return Some(Event::Forgotten { user });
        }
        let user = || peer.user.clone();
        if let Trust::Asked { told: told @ false } = &mut peer.trust {
            *told = true;
            return Some(Event::Met { user: user() });
        }
        if let (Some(news), Some(key)) = (peer.key_news.take(), peer.key) {
            let (user, blocked) = (user(), peer.is_blocked);
            return Some(match news {
                KeyNews::Found => Event::KeyFound { user, key },
                KeyNews::Changed { pinned } => {
                    Event::KeyChanged { user, pinned, found: key, blocked }
                }
            });
        }
        if let Some(addr) = peer.impostor.take() {
            return Some(Event::Impostor { user: user(), addr: Some(addr) });
        }
        if core::mem::take(&mut peer.forged) {
            return Some(Event::Impostor { user: user(), addr: None });
        }
        if peer.told.online != peer.online || peer.told.renamed {
            peer.told.online = peer.online;
            peer.told.renamed = false;
            let (name, online) = (peer.name.clone(), peer.online);
            return Some(Event::Presence { user: user(), name, online });
        }
        if let Some(lost) = peer.lost.take() {
            let (addr, reason, was_up) = (lost.addr, lost.reason, lost.was_up);
            return Some(Event::LinkLost { user: user(), addr, reason, was_up });
        }
        if peer.told.path != shown || peer.told.direct != peer.direct {
            peer.told.path = shown;
            peer.told.direct = peer.direct;
            let addr = peer.direct.and_then(|id| links.get(id)).map(|link| link.addr);
            return Some(Event::Path { user: user(), path: shown, addr });
        }
        if let Some(id) = peer.outgoing.pop_sent() {
            return Some(Event::Sent { to: user(), id, path: peer.route.0 });
        }
        if let Some(id) = peer.outgoing.pop_stored() {
            return Some(Event::Stored { to: user(), id });
        }
        if let Some(settled) = peer.outgoing.pop_settled(self.outbox) {
            let (to, path) = (user(), peer.route.0);
            return Some(match settled.outcome {
                Outcome::Delivered => Event::Delivered { to, id: settled.id, path },
                Outcome::Failed(reason) => {
                    // The next failure may have waited for this one to be told.
                    self.work(now, index);
                    Event::Failed { to, id: settled.id, reason }
                }
            });
        }
        if let Some(id) = peer.outgoing.pop_recall() {
            return Some(Event::Recall { to: user(), id });
        }
        if let Some(id) = peer.read_news.take() {
            return Some(Event::Read { to: user(), id });
        }
        peer.news = false;
        None
    }

    fn poll_link_news(&mut self) -> Option<Output> {
        if !self.state.link_news {
            return None;
        }
        let found = self.links.find(|_, link| match link.phase {
            Phase::Closed => true,
            Phase::Opening { told, .. } => !told,
            Phase::Starting { .. } | Phase::Waiting { .. } | Phase::Up | Phase::Closing { .. } => {
                link.want == Want::Pending
            }
        });
        let Some(id) = found else {
            self.state.link_news = false;
            return None;
        };
        let link = self.links.get_mut(id)?;
        match &mut link.phase {
            Phase::Closed => {
                self.links.remove(id);
                self.link_timers.set(id.slot(), Instant::NEVER);
                Some(Output::Close(id))
            }
            Phase::Opening { told, .. } => {
                *told = true;
                let (role, addr) = (link.role, link.addr);
                let target = match role {
                    Role::Server => Target::Server,
                    Role::Dialled(index) => {
                        Target::Peer { user: self.peers.get(index)?.user.clone(), addr }
                    }
                    Role::Accepted(_) => return None,
                };
                Some(Output::Open { link: id, target })
            }
            Phase::Starting { .. } | Phase::Waiting { .. } | Phase::Up | Phase::Closing { .. } => {
                link.want = Want::Announced;
                Some(Output::Transmit(id))
            }
        }
    }
}
