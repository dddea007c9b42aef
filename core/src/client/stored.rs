use super::config::Absence;
use super::engine::Engine;
use crate::error::{DeliveryFailure, RelayRefusal, SendError};
use crate::id::{MessageId, UserId};
use crate::peer_table::{Claim, PeerIndex};
use crate::time::Instant;
use crate::wire::Ack;

/// Messages that the server keeps, and what people have seen (PROTOCOL.md, "Store", "Read").
impl Engine<'_> {
    pub(super) fn resume(
        &mut self,
        now: Instant,
        to: &UserId,
        first: MessageId,
        stored: u64,
    ) -> Result<(), SendError> {
        let index = self.find_or_add(now, to, Claim::Message).ok_or(SendError::TableFull)?;
        let Some(peer) = self.peers.get_mut(index) else { return Err(SendError::TableFull) };
        if !peer.outgoing.resume_stored(first, stored) {
            return Err(SendError::OutOfOrder);
        }
        peer.sealing = None;
        peer.ask_due = true;
        self.refresh(now, index);
        Ok(())
    }

    /// The server keeps messages.
    pub(super) fn on_stored(&mut self, now: Instant, to: &UserId, stored: Ack) {
        let Some(index) = self.peers.find(to) else { return };
        let Some(peer) = self.peers.get_mut(index) else { return };
        let random = &mut self.state.random;
        if peer.outgoing.is_missing_after(stored.epoch, stored.upto) {
            log::debug!("the server has lost messages to {to}");
            self.recall(index);
        } else if peer.outgoing.on_stored(now, self.outbox, stored, random) {
            peer.busy.reset();
        }
        self.note_peer(index);
        self.refresh(now, index);
    }

    /// The server gives up messages that it kept.
    pub(super) fn on_dropped(
        &mut self,
        now: Instant,
        to: &UserId,
        dropped: Ack,
        reason: RelayRefusal,
    ) {
        let Some(index) = self.peers.find(to) else { return };
        let Some(peer) = self.peers.get_mut(index) else { return };
        if let Some(failure) = reason.failure()
            && dropped.epoch == peer.outgoing.epoch()
        {
            let end = dropped.upto.saturating_add(1).min(peer.outgoing.stored_end());
            peer.outgoing.fail_until(self.outbox, end, failure);
        }
        self.note_peer(index);
        self.refresh(now, index);
    }

    /// What the server has, or had, is needed here.
    pub(super) fn recall(&mut self, index: PeerIndex) {
        let waits = self.state.config.absence == Absence::Wait;
        if let Some(peer) = self.peers.get_mut(index) {
            // A number may only ever stand for the same bytes under one key.
            peer.sealing = None;
            match waits {
                true => peer.outgoing.recall(self.outbox),
                false => {
                    let end = peer.outgoing.stored_end();
                    peer.outgoing.fail_until(self.outbox, end, DeliveryFailure::Lost);
                }
            }
        }
        self.note_peer(index);
    }

    pub(super) fn mark_read(&mut self, now: Instant, from: &UserId, id: MessageId) {
        let Some(index) = self.peers.find(from) else { return };
        if let Some(peer) = self.peers.get_mut(index) {
            peer.incoming.mark_read(id);
        }
        self.work(now, index);
    }

    /// A person has seen messages, which they can only be if they were delivered.
    pub(super) fn on_read(&mut self, now: Instant, index: PeerIndex, read: Ack) {
        self.on_ack(now, index, read);
        if let Some(peer) = self.peers.get_mut(index)
            && read.upto > 0
        {
            peer.read_news = Some(MessageId { epoch: read.epoch, seq: read.upto });
        }
        self.note_peer(index);
    }
}
