use core::net::SocketAddr;

use super::config::Mesh;
use super::engine::Engine;
use super::link::{Link, Phase, Role};
use super::state::ServerState;
use crate::error::{AcceptError, CloseReason};
use crate::id::LinkId;
use crate::io::{Received, ReceivedMessage};
use crate::limits::HANDSHAKE_TIMEOUT;
use crate::session::{Session, What};
use crate::time::Instant;
use crate::wire::{self, Message};

/// Diallers that may be in their handshake, or wait for their introduction, at a time.
const MAX_STRANGERS: usize = 16;

/// What the host feeds in.
impl Engine<'_> {
    pub(super) fn opened(&mut self, now: Instant, id: LinkId, ephemeral: [u8; 32]) {
        let Some(link) = self.links.get_mut(id) else { return };
        if !matches!(link.phase, Phase::Opening { .. }) {
            return;
        }
        let expected = match link.role {
            Role::Server => self.state.config.server_key,
            Role::Dialled(index) => self
                .peers
                .get(index)
                .and_then(|peer| peer.introduction.as_ref())
                .map(|introduction| introduction.key),
            Role::Accepted(_) => return,
        };
        let limits = self.state.config.limits;
        link.session = Some(Session::dialler(&self.state.identity, ephemeral, expected, limits));
        link.phase = Phase::Starting { deadline: now + HANDSHAKE_TIMEOUT };
        self.rearm_link(id);
        self.kick(id);
    }

    pub(super) fn accepted(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError> {
        if self.state.config.mesh == Mesh::Off || self.state.server == ServerState::Stopped {
            return Err(AcceptError::Closed);
        }
        let is_stranger = |link: &Link| link.role == Role::Accepted(None);
        let strangers = self.links.iter().filter(|(_, link)| is_stranger(link)).count();
        // One slot stays free for the server.
        let reserved = usize::from(matches!(self.state.server, ServerState::Waiting(_)));
        if strangers >= MAX_STRANGERS || self.links.free() <= reserved {
            return Err(AcceptError::Full);
        }
        let phase = Phase::Starting { deadline: now + HANDSHAKE_TIMEOUT };
        let mut link = Link::new(Role::Accepted(None), addr, now, phase);
        let limits = self.state.config.limits;
        link.session = Some(Session::listener(&self.state.identity, ephemeral, limits));
        self.add_link(link).ok_or(AcceptError::Full)
    }

    pub(super) fn closed(&mut self, now: Instant, id: LinkId) {
        self.end_link(now, id, CloseReason::Disconnected, false);
    }

    pub(super) fn received<'b>(
        &mut self,
        now: Instant,
        id: LinkId,
        bytes: &'b mut [u8],
    ) -> Received<'b> {
        let len = bytes.len();
        let dropped = Received { consumed: len, ..Received::default() };
        let Some(link) = self.links.get_mut(id) else { return dropped };
        let (Phase::Starting { .. } | Phase::Waiting { .. } | Phase::Up, Some(session)) =
            (&link.phase, &mut link.session)
        else {
            return dropped;
        };
        let progress = match session.receive(bytes) {
            Ok(progress) => progress,
            Err(reason) => {
                self.on_bad_bytes(now, id, reason);
                return dropped;
            }
        };
        link.alive.on_received(now);
        if session.wants_handshake_turn() {
            self.kick(id);
        }
        let (consumed, need) = (progress.consumed, progress.need);
        let content = match progress.what {
            What::Nothing => Ok(Content::Nothing),
            What::Established => {
                self.on_established(id);
                Ok(Content::Nothing)
            }
            What::Frame(frame) => self.on_frame(now, id, frame),
        };
        match content {
            Ok(content) => {
                let mut received = Received { consumed, need, ..Received::default() };
                match content {
                    Content::Nothing => {}
                    Content::Message(message) => received.message = Some(message),
                    #[cfg(feature = "files")]
                    Content::File(file) => received.file = Some(file),
                }
                received
            }
            Err(reason) => {
                self.close_link(now, id, reason);
                dropped
            }
        }
    }

    /// Ends a link whose bytes were no good, and says so if the key was the fault.
    fn on_bad_bytes(&mut self, now: Instant, id: LinkId, reason: CloseReason) {
        if reason == CloseReason::WrongKey
            && let Some(link) = self.links.get(id)
        {
            let (role, addr) = (link.role, link.addr);
            let found = link.session.as_ref().and_then(Session::presented_key);
            match (role, self.state.config.server_key, found) {
                (Role::Server, Some(pinned), Some(found)) => {
                    self.on_server_key_changed(pinned, found);
                }
                (Role::Dialled(index), _, _) => self.on_impostor(index, addr),
                _ => {}
            }
        }
        self.close_link(now, id, reason);
    }

    /// The handshake proved the other side's key: the dialler says what it wants.
    fn on_established(&mut self, id: LinkId) {
        let Some(link) = self.links.get_mut(id) else { return };
        match link.role {
            Role::Server => link.due.login = true,
            Role::Dialled(_) => link.due.setup = true,
            Role::Accepted(_) => return,
        }
        self.kick(id);
    }

    fn on_frame<'b>(
        &mut self,
        now: Instant,
        id: LinkId,
        frame: &'b mut [u8],
    ) -> Result<Content<'b>, CloseReason> {
        if self.state.server_link() == Some(id) && wire::sealed_item(frame).is_some() {
            return self.on_sealed(now, frame).map(Content::from);
        }
        #[cfg(feature = "files")]
        if self.state.server_link() == Some(id) && wire::file_item(frame).is_some() {
            return self.on_relayed_file(now, frame).map(Content::from);
        }
        let message = Message::decode(frame)?;
        log::trace!("{id:?} received {message:?}");
        match message {
            Message::Ping => {
                if let Some(link) = self.links.get_mut(id) {
                    link.due.pong = true;
                }
                self.kick(id);
                return Ok(Content::Nothing);
            }
            Message::Pong => return Ok(Content::Nothing),
            Message::Close(reason) => {
                self.end_link(now, id, reason, false);
                return Ok(Content::Nothing);
            }
            #[cfg(feature = "files")]
            Message::File(item) => return self.on_direct_file(id, item).map(Content::from),
            #[cfg(feature = "files")]
            Message::FileRefused { peer, number, reason } => {
                return self.on_file_refused(id, peer, number, reason).map(Content::from);
            }
            #[cfg(feature = "files")]
            Message::FileLimits { rate, max } => {
                let limits = crate::files::RelayLimits { rate, max };
                return self.on_file_limits(id, limits).map(|()| Content::Nothing);
            }
            _ => {}
        }
        match self.links.get(id).map(|link| link.role) {
            Some(Role::Server) => {
                self.on_server_message(now, id, message).map(|()| Content::Nothing)
            }
            Some(Role::Dialled(_) | Role::Accepted(_)) => {
                self.on_direct_message(now, id, message).map(Content::from)
            }
            None => Ok(Content::Nothing),
        }
    }
}

/// What a frame holds for the host.
enum Content<'b> {
    Nothing,
    Message(ReceivedMessage<'b>),
    #[cfg(feature = "files")]
    File(crate::io::ReceivedFile<'b>),
}

impl<'b> From<Option<ReceivedMessage<'b>>> for Content<'b> {
    fn from(message: Option<ReceivedMessage<'b>>) -> Self {
        message.map_or(Self::Nothing, Self::Message)
    }
}

#[cfg(feature = "files")]
impl<'b> From<Option<crate::io::ReceivedFile<'b>>> for Content<'b> {
    fn from(file: Option<crate::io::ReceivedFile<'b>>) -> Self {
        file.map_or(Self::Nothing, Self::File)
    }
}
