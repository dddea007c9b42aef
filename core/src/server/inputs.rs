use core::net::SocketAddr;

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::link::Phase;
use super::server::Server;
use crate::error::{AcceptError, CloseReason};
use crate::id::{Endpoint, LinkId};
use crate::io::{Received, ServerEvent, ServerOutput};
use crate::limits::{FAREWELL, HANDSHAKE_TIMEOUT};
use crate::session::{Session, What};
use crate::time::{Instant, Span};
use crate::wire::{Hello, Message};

/// What the host feeds in.
impl Server {
    pub(super) fn on_accepted(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError> {
        if self.stopping {
            return Err(AcceptError::Closed);
        }
        #[cfg(feature = "files")]
        let takes_files = self.config.files().is_some();
        #[cfg(not(feature = "files"))]
        let takes_files = false;
        let limits = Hello { takes_aes: self.config.takes_aes, takes_files, ..Hello::SERVER };
        let session = Session::listener(&self.identity, ephemeral, limits);
        let id = self.links.insert(Endpoint::new(addr), session, now, Span::of(HANDSHAKE_TIMEOUT));
        self.list_stranger(now, id);
        self.links.rearm(id);
        Ok(id)
    }

    /// Lists a link that has no session, or none any more, and makes room for it.
    fn list_stranger(&mut self, now: Instant, id: LinkId) {
        // One that stops has to tell everybody, and takes in nobody.
        while !self.stopping && self.strangers.len() >= self.config.max_strangers {
            let Some(other) = self.strangers.next_to_go() else { break };
            self.end_link(now, other, CloseReason::TableFull, false);
        }
        let Some(link) = self.links.get_mut(id) else { return };
        link.stranger = Some(self.strangers.add(link.addr.ip(), id));
    }

    /// Takes a link off the list, as it has a session now, or is gone.
    pub(super) fn unlist_stranger(&mut self, id: LinkId) {
        let Some(link) = self.links.get_mut(id) else { return };
        if let Some(arrival) = link.stranger.take() {
            self.strangers.remove(link.addr.ip(), arrival);
        }
    }

    pub(super) fn on_received(
        &mut self,
        now: Instant,
        id: LinkId,
        bytes: &mut [u8],
    ) -> Received<'static> {
        let len = bytes.len();
        let dropped = Received { consumed: len, ..Received::default() };
        let Some(link) = self.links.get_mut(id) else { return dropped };
        if matches!(link.phase, Phase::Closing(_) | Phase::Closed) {
            return dropped;
        }
        let progress = match link.session.receive(bytes) {
            Ok(progress) => progress,
            Err(reason) => {
                self.close_link(now, id, reason);
                return dropped;
            }
        };
        if matches!(link.phase, Phase::Up(_)) {
            link.since = now;
        }
        if link.session.wants_handshake_turn() {
            self.kick(id);
        }
        let (consumed, need) = (progress.consumed, progress.need);
        let result = match progress.what {
            What::Nothing | What::Established => Ok(()),
            What::Frame(frame) => Message::decode(frame)
                .map_err(CloseReason::from)
                .and_then(|message| self.on_message(now, id, message, frame)),
        };
        match result {
            Ok(()) => Received { consumed, need, ..Received::default() },
            Err(reason) => {
                self.close_link(now, id, reason);
                dropped
            }
        }
    }

    fn on_message(
        &mut self,
        now: Instant,
        id: LinkId,
        message: Message<'_>,
        frame: &[u8],
    ) -> Result<(), CloseReason> {
        log::trace!("{id:?} received {message:?}");
        let Some(link) = self.links.get_mut(id) else { return Ok(()) };
        match (&mut link.phase, message) {
            (Phase::Starting, Message::Login(login)) => self.on_login(now, id, &login),
            (_, Message::Close(reason)) => self.end_link(now, id, reason, false),
            (_, Message::Ping) => {
                link.pong = true;
                self.kick(id);
            }
            (_, Message::Pong) => {}
            (Phase::Up(seat), Message::PeersRequest { after }) => {
                seat.page = Some(Box::new(after));
                self.kick(id);
            }
            (Phase::Up(_), Message::Watch { place, user }) => self.on_watch(id, place, user)?,
            (Phase::Up(seat), Message::Relay(relay)) => {
                let from = seat.user.clone();
                self.on_relay(now, id, from, relay, frame)?;
            }
            (Phase::Up(seat), Message::Ask { peer, epoch }) => {
                let from = seat.user.clone();
                self.on_ask(id, from, peer, epoch);
            }
            (Phase::Up(_), Message::KeyRequest { user }) => self.on_key_request(id, user),
            _ => return Err(CloseReason::Unexpected),
        }
        Ok(())
    }

    pub(super) fn on_timeout(&mut self, now: Instant) {
        if self.publish_at <= now {
            self.publish();
        }
        while let Some(id) = self.links.pop_due(now) {
            self.on_link_timeout(now, id);
        }
    }

    fn on_link_timeout(&mut self, now: Instant, id: LinkId) {
        let Some(link) = self.links.get_mut(id) else { return };
        if link.deadline() > now {
            return self.links.rearm(id);
        }
        match link.phase {
            Phase::Up(_) => self.close_link(now, id, CloseReason::Idle),
            Phase::Starting | Phase::Deciding(_) => {
                self.close_link(now, id, CloseReason::TimedOut);
            }
            Phase::Closing(_) | Phase::Closed => self.forget(id),
        }
    }

    pub(super) fn on_stop(&mut self, now: Instant) {
        self.stopping = true;
        let all: Vec<_> = self.links.ids().collect();
        for id in all {
            self.close_link(now, id, CloseReason::ServerStopping);
        }
    }

    /// Lets the host know that a link has something to send.
    pub(super) fn kick(&mut self, id: LinkId) {
        if self.links.announce(id) {
            self.outputs.push_back(ServerOutput::Transmit(id));
        }
    }

    /// Ends a link for a reason of this side's, which the client is told if it can be.
    pub(super) fn close_link(&mut self, now: Instant, id: LinkId, reason: CloseReason) {
        let Some(link) = self.links.get(id) else { return };
        let speaks = link.session.is_established() || reason == CloseReason::Version;
        let says = speaks && reason != CloseReason::Idle;
        self.end_link(now, id, reason, says);
    }

    /// Ends a link: tells the client why or not, and draws the consequences.
    pub(super) fn end_link(&mut self, now: Instant, id: LinkId, reason: CloseReason, says: bool) {
        let Some(link) = self.links.get_mut(id) else { return };
        let is_new = !matches!(link.phase, Phase::Closing(_));
        if says && is_new {
            link.wait(now, Span::of(FAREWELL));
        }
        let after = match says {
            true => Phase::Closing(reason),
            false => Phase::Closed,
        };
        log::debug!("{id:?} ends: {reason}");
        match core::mem::replace(&mut link.phase, after) {
            Phase::Up(seat) => {
                #[cfg(feature = "files")]
                self.file_paces.remove(id);
                self.on_left(now, id, seat.user, reason);
            }
            Phase::Starting | Phase::Deciding(_) => {
                self.outputs.push_back(ServerOutput::Event(ServerEvent::Dropped { reason }));
            }
            before @ Phase::Closing(_) => {
                if says {
                    link.phase = before;
                }
            }
            Phase::Closed => {}
        }
        if says {
            if self.links.get(id).is_some_and(|link| link.stranger.is_none()) {
                self.list_stranger(now, id);
            }
            self.links.rearm(id);
            self.kick(id);
        } else {
            self.forget(id);
        }
    }

    /// Removes a link and has the host close its pipe.
    pub(super) fn forget(&mut self, id: LinkId) {
        self.unlist_stranger(id);
        if self.links.remove(id).is_some() {
            self.outputs.push_back(ServerOutput::Close(id));
        }
    }

    pub(super) fn next_deadline(&self) -> Instant {
        self.links.next_timer().min(self.publish_at)
    }
}
