use super::engine::Engine;
use super::state::{Listing, ServerState};
use crate::error::{CloseReason, SendError, WatchError};
use crate::id::{MessageId, UserId};
use crate::limits::MAX_TEXT;
use crate::peer_table::Claim;
use crate::time::Instant;
use crate::wire::ChatBody;

/// What the application asks for.
impl Engine<'_> {
    pub(super) fn send(
        &mut self,
        now: Instant,
        to: &UserId,
        number: Option<MessageId>,
        text: &str,
        sent_ms: u64,
    ) -> Result<MessageId, SendError> {
        if self.state.server == ServerState::Stopped {
            return Err(SendError::Closed);
        }
        if *to == self.state.config.user {
            return Err(SendError::ToSelf);
        }
        if text.len() > MAX_TEXT {
            return Err(SendError::TooLarge);
        }
        let index = self.find_or_add(now, to, Claim::Message).ok_or(SendError::TableFull)?;
        let Some(peer) = self.peers.get_mut(index) else { return Err(SendError::TableFull) };
        if peer.is_blocked {
            return Err(SendError::Blocked);
        }
        let body = ChatBody { name: self.state.config.name.as_str(), sent_ms, text };
        peer.used = now;
        let number = number.unwrap_or(peer.outgoing.fresh_id());
        if number != peer.outgoing.next_id() {
            if !peer.outgoing.resume(number) {
                return Err(SendError::OutOfOrder);
            }
            // A number may only ever stand for the same bytes under one key.
            peer.sealing = None;
        }
        let Some(id) = peer.outgoing.accept(self.outbox, &body) else {
            let empty = peer.outgoing.is_empty();
            // With nothing waiting for this peer, waiting makes no room either.
            let hopeless = empty && !self.outbox.could_hold(&body);
            return Err(if hopeless { SendError::TooLarge } else { SendError::Full });
        };
        self.refresh(now, index);
        self.demand_direct(now, index);
        Ok(id)
    }

    pub(super) fn watch(&mut self, now: Instant, user: &UserId) -> Result<(), WatchError> {
        if *user == self.state.config.user {
            return Err(WatchError::OwnUser);
        }
        let index = self.find_or_add(now, user, Claim::Message).ok_or(WatchError::TableFull)?;
        if let Some(peer) = self.peers.get_mut(index) {
            peer.is_watched = true;
        }
        Ok(())
    }

    pub(super) fn unwatch(&mut self, user: &UserId) {
        if let Some(peer) = self.peers.find(user).and_then(|index| self.peers.get_mut(index)) {
            peer.is_watched = false;
        }
    }

    pub(super) fn acknowledge(&mut self, now: Instant, from: &UserId, id: MessageId) {
        let Some(index) = self.peers.find(from) else { return };
        if let Some(peer) = self.peers.get_mut(index) {
            peer.incoming.keep(now, id);
        }
        self.work(now, index);
    }

    pub(super) fn close(&mut self, now: Instant) {
        self.state.server = ServerState::Stopped;
        self.state.listing = Listing::Done;
        for index in 0..self.peers.len() {
            if let Some(peer) = self.peers.get_mut(index) {
                peer.dial.stop();
            }
        }
        while let Some(id) = self.links.find(|_, link| !link.is_ending()) {
            self.close_link(now, id, CloseReason::Goodbye);
        }
    }
}
