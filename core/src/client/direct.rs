use core::net::SocketAddr;

use super::config::Mesh;
use super::engine::Engine;
use super::link::{Phase, Role};
use super::server_link::millis;
use super::state::ServerState;
use crate::error::CloseReason;
use crate::id::{Instance, LinkId};
use crate::io::ReceivedMessage;
use crate::limits::INTRODUCTION_TIMEOUT;
use crate::peer_table::{DialState, Lost, PeerIndex};
use crate::time::Instant;
use crate::wire::{Message, Setup, SetupOk};

/// Direct links: set-up, glare and loss (PROTOCOL.md, "Set-up").
impl Engine<'_> {
    pub(super) fn on_direct_message<'b>(
        &mut self,
        now: Instant,
        id: LinkId,
        message: Message<'b>,
    ) -> Result<Option<ReceivedMessage<'b>>, CloseReason> {
        let Some(link) = self.links.get(id) else { return Ok(None) };
        match (&link.phase, link.role, message) {
            (Phase::Starting { .. }, Role::Accepted(None), Message::Setup(setup)) => {
                self.on_setup(now, id, setup)?;
                Ok(None)
            }
            (Phase::Starting { .. }, Role::Dialled(index), Message::SetupOk(ok))
                if !link.due.setup =>
            {
                self.on_setup_ok(now, id, index, ok)?;
                Ok(None)
            }
            (Phase::Up, Role::Dialled(index) | Role::Accepted(Some(index)), message) => {
                match message {
                    Message::Chat(chat) => self.on_chat(now, index, &chat),
                    Message::Ack(ack) => {
                        self.on_ack(now, index, ack);
                        Ok(None)
                    }
                    Message::Read(read) => {
                        self.on_read(now, index, read);
                        Ok(None)
                    }
                    _ => Err(CloseReason::Unexpected),
                }
            }
            _ => Err(CloseReason::Unexpected),
        }
    }

    /// A dialler names itself: let it in if its key is the one that the server introduced.
    fn on_setup(&mut self, now: Instant, id: LinkId, setup: Setup) -> Result<(), CloseReason> {
        let own = &self.state.config.user;
        if setup.to != *own || setup.from == *own {
            return Err(CloseReason::Misrouted);
        }
        let agreed = millis(setup.keepalive_ms, setup.idle_ms)?;
        let Some(link) = self.links.get_mut(id) else { return Ok(()) };
        let proved = link.session.as_ref().and_then(|session| session.remote_key());
        let addr = link.addr;
        let known = self.peers.find(&setup.from);
        let peer = known.and_then(|index| self.peers.get(index));
        let key = peer.and_then(|peer| peer.introduction.as_ref()).map(|known| known.key);
        match known {
            Some(index)
                if key.is_some() && key == proved && peer.is_some_and(|peer| !peer.is_blocked) =>
            {
                let own = self.state.agreed;
                link.alive.agree(agreed.0.max(own.0), agreed.1.max(own.1));
                link.role = Role::Accepted(Some(index));
                link.due.setup_ok = true;
                self.on_link_up(now, id, index, setup.instance);
                Ok(())
            }
            Some(index) if key.is_some() && peer.is_some_and(|peer| peer.online) => {
                self.on_impostor(index, addr);
                Err(CloseReason::WrongKey)
            }
            _ => {
                let deadline = match link.phase {
                    Phase::Waiting { deadline, .. } => deadline,
                    _ => now + INTRODUCTION_TIMEOUT,
                };
                link.phase = Phase::Waiting { setup, deadline };
                self.rearm_link(id);
                Ok(())
            }
        }
    }

    /// Looks again at diallers that waited for this peer's introduction.
    pub(super) fn introduce_waiting(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peers.get(index) else { return };
        let user = peer.user.clone();
        loop {
            let waiting = self.links.iter().find_map(|(id, link)| match &link.phase {
                Phase::Waiting { setup, .. } if setup.from == user => Some((id, setup.clone())),
                _ => None,
            });
            let Some((id, setup)) = waiting else { return };
            // With the introduction at hand, the link comes up or is refused: it waits no longer.
            if let Err(reason) = self.on_setup(now, id, setup) {
                self.close_link(now, id, reason);
            }
        }
    }

    fn on_setup_ok(
        &mut self,
        now: Instant,
        id: LinkId,
        index: PeerIndex,
        ok: SetupOk,
    ) -> Result<(), CloseReason> {
        let agreed = millis(ok.keepalive_ms, ok.idle_ms)?;
        if let Some(link) = self.links.get_mut(id) {
            link.alive.agree(agreed.0, agreed.1);
        }
        self.on_link_up(now, id, index, ok.instance);
        Ok(())
    }

    /// A direct link is up. If it is not the only one, the user with the smaller id decides alone
    /// which stays, so that both sides end with the same one; until then the other keeps both.
    fn on_link_up(&mut self, now: Instant, id: LinkId, index: PeerIndex, instance: Instance) {
        let has_server = self.state.server_link().is_some();
        self.state.links_up += 1;
        let Some(link) = self.links.get_mut(id) else { return };
        link.phase = Phase::Up;
        link.instance = Some(instance);
        link.order = self.state.links_up;
        if let Some(session) = &mut link.session {
            session.trust(self.state.config.limits);
        }
        let Some(peer) = self.peers.get_mut(index) else { return };
        peer.direct = Some(id);
        // Without a server nobody knows better.
        peer.online |= !has_server;
        peer.dial.stop();
        let decides = self.state.config.user < peer.user;
        self.rearm_link(id);
        self.kick(id);
        loop {
            let superfluous = self.links.find(|other, link| {
                other != id
                    && link.peer() == Some(index)
                    && match link.phase {
                        Phase::Opening { .. } => true,
                        // Once its set-up is on the way, the other side may rely on this link.
                        Phase::Starting { .. } | Phase::Waiting { .. } => {
                            decides || !link.session.as_ref().is_some_and(|s| s.is_established())
                        }
                        Phase::Up => decides || link.instance != Some(instance),
                        Phase::Closing { .. } | Phase::Closed => false,
                    }
            });
            let Some(other) = superfluous else { break };
            self.close_link(now, other, CloseReason::Duplicate);
        }
        self.refresh(now, index);
    }

    /// Draws the consequences of a direct link's end, or of a failed try at one.
    pub(super) fn on_direct_lost(
        &mut self,
        now: Instant,
        index: PeerIndex,
        id: LinkId,
        lost: Lost,
    ) {
        let successor = self
            .links
            .iter()
            .filter(|(other, link)| *other != id && link.peer() == Some(index) && link.is_up())
            .max_by_key(|(_, link)| link.order)
            .map(|(other, _)| other);
        let dialling = self.is_dialling(index);
        let has_server = self.state.server_link().is_some();
        let mesh = self.state.config.mesh;
        let is_stopped = self.state.server == ServerState::Stopped;
        let Some(peer) = self.peers.get_mut(index) else { return };
        if peer.direct == Some(id) {
            peer.direct = successor;
        }
        if lost.reason != CloseReason::Duplicate {
            peer.lost = Some(lost);
        }
        if peer.direct.is_none() {
            if lost.was_up {
                // Without a server, the direct link was the one sign of the peer's life.
                peer.online &= has_server;
                let leaves = match has_server {
                    true => !peer.online,
                    false => lost.reason == CloseReason::PeerOffline,
                };
                let demanded = match mesh {
                    Mesh::Eager => true,
                    Mesh::OnDemand => peer.outgoing.is_unsettled(),
                    Mesh::Off => false,
                };
                if demanded && !leaves && !is_stopped {
                    peer.dial.on_exhausted(now, &mut self.state.random);
                }
            } else {
                let candidates = peer.introduction.as_ref().map_or(0, |i| i.endpoints.len());
                match peer.dial.state() {
                    DialState::Racing { next, .. } if next < candidates => peer.dial.hurry(now),
                    DialState::Racing { .. } if !dialling => {
                        peer.dial.on_exhausted(now, &mut self.state.random);
                    }
                    DialState::Racing { .. } | DialState::Waiting(_) | DialState::Idle => {}
                }
            }
        }
        self.note_peer(index);
        self.refresh(now, index);
    }

    /// Somebody without the peer's key was met under its name.
    pub(super) fn on_impostor(&mut self, index: PeerIndex, addr: SocketAddr) {
        if let Some(peer) = self.peers.get_mut(index) {
            peer.impostor = Some(addr);
        }
        self.note_peer(index);
    }
}
