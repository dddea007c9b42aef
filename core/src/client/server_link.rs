use super::config::Absence;
use super::engine::Engine;
use super::link::Phase;
use super::state::{Listing, ServerState};
use crate::error::{CloseReason, LoginRefusal};
use crate::id::{LinkId, PublicKey, UserId};
use crate::limits::{PEERS_TIMEOUT, RETURN_GRACE};
use crate::peer_table::Claim;
use crate::time::{Instant, Span};
use crate::wire::{Ack, Message, Relay, RelayItem, Welcome};

/// The conversation with the server.
impl Engine<'_> {
    pub(super) fn on_server_message(
        &mut self,
        now: Instant,
        id: LinkId,
        message: Message<'_>,
    ) -> Result<(), CloseReason> {
        let is_up = self.state.server_link() == Some(id);
        match message {
            Message::Welcome(welcome) if !is_up => self.on_welcome(now, id, welcome)?,
            Message::LoginRefused(refusal) if !is_up => self.on_login_refused(now, id, refusal),
            Message::PeersReply { entries, more } if is_up => {
                self.on_peers_reply(now, id, entries, more)?;
            }
            Message::Presence { entries, resync } if is_up => {
                self.on_presence(now, id, entries, resync)?;
            }
            Message::Relay(Relay { peer, item }) if is_up => self.on_relayed(now, &peer, item)?,
            Message::Stored { peer, epoch, upto } if is_up => {
                self.on_stored(now, &peer, Ack { epoch, upto });
            }
            Message::Dropped { peer, epoch, upto, reason } if is_up => {
                self.on_dropped(now, &peer, Ack { epoch, upto }, reason);
            }
            Message::KeyReply { user, key } if is_up => self.on_key_reply(now, &user, key),
            Message::Refused { peer, epoch, seq, reason } if is_up => {
                self.on_relay_refused(now, &peer, crate::id::MessageId { epoch, seq }, reason);
            }
            _ => return Err(CloseReason::Unexpected),
        }
        Ok(())
    }

    /// What a peer says through the server, but for messages, which are opened where they lie.
    fn on_relayed(
        &mut self,
        now: Instant,
        peer: &UserId,
        item: RelayItem<'_>,
    ) -> Result<(), CloseReason> {
        match item {
            RelayItem::Sealed(_) => return Err(CloseReason::Unexpected),
            #[cfg(feature = "files")]
            RelayItem::File(_) => return Err(CloseReason::Unexpected),
            RelayItem::Ack(ack) => self.on_ack_from(now, peer, ack),
            RelayItem::Read(read) => {
                if let Some(index) = self.find_or_add(now, peer, Claim::Message) {
                    self.on_read(now, index, read);
                }
            }
            RelayItem::Unreadable { epoch } => self.on_unreadable(now, peer, epoch),
        }
        Ok(())
    }

    fn on_welcome(
        &mut self,
        now: Instant,
        id: LinkId,
        welcome: Welcome,
    ) -> Result<(), CloseReason> {
        let Some(link) = self.links.get_mut(id) else { return Ok(()) };
        let key = link.session.as_ref().and_then(|session| session.remote_key());
        let (Some(key), false) = (key, link.due.login) else {
            return Err(CloseReason::Unexpected);
        };
        let limits = link.session.as_ref().map(|session| session.remote_limits());
        #[cfg(feature = "files")]
        {
            // The server says anew what it relays of them.
            self.state.file_limits = None;
        }
        let agreed = millis(welcome.keepalive_ms, welcome.idle_ms)?;
        link.phase = Phase::Up;
        link.alive.agree(agreed.0, agreed.1);
        self.state.agreed = agreed;
        self.state.server = ServerState::Up(id);
        self.state.reconnect.reset();
        // From now on this server has to prove the same key, pinned by the host or not.
        self.state.config.server_key = Some(key);
        self.state.news.connected = Some((key, welcome.observed));
        self.state.by_list = limits.is_some_and(|limits| self.state.config.goes_by_list(limits));
        for index in 0..self.peers.len() {
            if let Some(peer) = self.peers.get_mut(index) {
                peer.seen = false;
                // What was not said to one server is not for the next, which may take no lists.
                peer.watch_due = false;
                peer.ask_due = peer.outgoing.is_stored();
                // Nor is a message that was accepted meanwhile to fail before its recipient had the
                // same chance. Where absence is no failure, nobody needs one.
                let waits = peer.online || peer.outgoing.is_unsettled();
                let grace = waits && self.state.config.absence == Absence::Fail;
                peer.returns_until = if grace { now + RETURN_GRACE } else { Instant::ZERO };
            }
        }
        self.rearm_link(id);
        match self.state.by_list {
            true => self.name_peers(now),
            false => self.ask_for_peers(now, id, None),
        }
        self.refresh_all(now);
        Ok(())
    }

    /// Asks for a page of the list of online users.
    pub(super) fn ask_for_peers(&mut self, now: Instant, id: LinkId, after: Option<UserId>) {
        let deadline = now + PEERS_TIMEOUT;
        self.state.listing = Listing::Asked { after, deadline, stale: false };
        if let Some(link) = self.links.get_mut(id) {
            link.due.peers = true;
        }
        self.kick(id);
    }

    fn on_login_refused(&mut self, now: Instant, id: LinkId, refusal: LoginRefusal) {
        self.state.news.refused = Some(refusal);
        if !refusal.is_temporary() {
            self.state.server = ServerState::Stopped;
        }
        self.end_link(now, id, CloseReason::Refused, false);
    }

    pub(super) fn on_server_key_changed(&mut self, pinned: PublicKey, found: PublicKey) {
        self.state.news.key_changed = Some((pinned, found));
        self.state.server = ServerState::Stopped;
    }

    /// Draws the consequences of a lost session, or of one that did not come about.
    pub(super) fn on_server_lost(&mut self, now: Instant, reason: CloseReason) {
        self.state.news.disconnected = Some(reason);
        self.state.listing = Listing::Done;
        if reason == CloseReason::Replaced {
            // Whoever takes a user's place does so on purpose: coming back would take it in turn.
            // Peers are to turn to the newcomer as well.
            self.close(now);
        } else if self.state.server != ServerState::Stopped {
            let pause = self.state.reconnect.pause(&mut self.state.random);
            self.state.server = ServerState::Waiting(now + pause);
        }
        self.refresh_all(now);
    }
}

/// Checks an agreed interval and limit: a peer must not make this side spin or never give up.
pub(super) fn millis(keepalive_ms: u32, idle_ms: u32) -> Result<(Span, Span), CloseReason> {
    const SHORTEST_MS: u32 = 100;
    const LONGEST_MS: u32 = 24 * 60 * 60 * 1000;
    let sane = keepalive_ms >= SHORTEST_MS && idle_ms > keepalive_ms && idle_ms <= LONGEST_MS;
    if !sane {
        return Err(CloseReason::Malformed);
    }
    Ok((Span::from_millis(keepalive_ms), Span::from_millis(idle_ms)))
}
