use super::engine::Engine;
use crate::delivery::Verdict;
use crate::error::CloseReason;
use crate::id::{Epoch, UserId};
use crate::io::ReceivedMessage;
use crate::limits::{PROBE_LIMIT, SEALED_ENVELOPE};
use crate::noise::{Context, OpeningKey, Purpose};
use crate::peer_table::{Claim, PeerIndex, Trust};
use crate::route::Path;
use crate::time::Instant;
use crate::wire::{Chat, ChatBody, Message, Relay, RelayItem, Sealed};

/// What a sealed message says in the clear, apart from its body.
struct Head {
    from: UserId,
    epoch: Epoch,
    seq: u64,
    back: u64,
    gap: u64,
    envelope: Option<[u8; SEALED_ENVELOPE]>,
}

/// Messages that came through the server (PROTOCOL.md, "Sealed").
impl Engine<'_> {
    /// Takes in a frame of the server link that holds a sealed message, which is opened in place.
    pub(super) fn on_sealed<'b>(
        &mut self,
        now: Instant,
        frame: &'b mut [u8],
    ) -> Result<Option<ReceivedMessage<'b>>, CloseReason> {
        let (head, body_len) = match Message::decode(frame)? {
            Message::Relay(Relay { peer, item: RelayItem::Sealed(sealed) }) => {
                let Sealed { epoch, seq, back, gap, envelope, body } = sealed;
                let envelope = envelope.try_into().ok();
                (Head { from: peer, epoch, seq, back, gap, envelope }, body.len())
            }
            _ => return Err(CloseReason::Unexpected),
        };
        // The body comes last.
        let body = frame.split_at_mut(frame.len() - body_len).1;
        let is_sound = head.back < head.seq && head.gap <= head.back;
        if head.from == self.state.config.user || !is_sound {
            // The server carries what it cannot read: the fault is the sender's, not this link's.
            return Ok(None);
        }
        let Some(index) = self.find_or_add(now, &head.from, Claim::Message) else {
            // Not acknowledged, so its sender keeps it and tries again.
            self.state.news.table_full = true;
            return Ok(None);
        };
        // The way back, for a sender that was not known until now.
        self.refresh(now, index);
        let message = self.on_sealed_from(now, index, &head, body);
        self.on_came_by_relay(now, index);
        Ok(message)
    }

    fn on_sealed_from<'b>(
        &mut self,
        now: Instant,
        index: PeerIndex,
        head: &Head,
        body: &'b mut [u8],
    ) -> Option<ReceivedMessage<'b>> {
        let Head { epoch, seq, back, gap, .. } = *head;
        let chat = Chat { epoch, seq, back, gap, body: &[] };
        let peer = self.peers.get_mut(index)?;
        peer.used = now;
        if peer.incoming.verdict(&chat) != Verdict::New {
            // What is not shown need not be opened.
            let verdict = peer.incoming.judge(&chat);
            if verdict == Verdict::Duplicate {
                peer.incoming.on_relayed(chat.id());
            }
            log::trace!("message {} from {}: {verdict:?}", chat.id(), peer.user);
            return None;
        }
        let opened = self.opening_key(now, index, head).and_then(|key| key.open(seq, body));
        let peer = self.peers.get_mut(index)?;
        let Some(text) = opened else {
            // Its sender is told, and sends it again with a new envelope.
            log::debug!("message {} from {} cannot be opened", chat.id(), peer.user);
            peer.unreadable_due = Some(epoch);
            return None;
        };
        peer.incoming.judge(&chat);
        peer.incoming.on_relayed(chat.id());
        let is_open = matches!(peer.trust, Trust::Asked { .. });
        let claimed = peer.opening.as_ref().filter(|_| is_open).map(|opening| opening.from);
        match ChatBody::decode(text) {
            Ok(body) => Some(ReceivedMessage {
                from: peer.user.clone(),
                id: chat.id(),
                name: body.name,
                text: body.text,
                sent_ms: body.sent_ms,
                path: Path::Relay,
                claimed,
            }),
            Err(_) => {
                // Acknowledged unseen, or it would come again for ever.
                log::debug!("an unreadable message from {} is dropped", peer.user);
                peer.incoming.keep(now, chat.id());
                None
            }
        }
    }

    /// Returns the key for a sender's messages: the one that the envelope brings, if there is one.
    fn opening_key(&mut self, now: Instant, index: PeerIndex, head: &Head) -> Option<OpeningKey> {
        let peer = self.peers.get_mut(index)?;
        let known = peer.opening.as_ref();
        let Some(envelope) = &head.envelope else {
            return known.filter(|key| key.is_for(head.epoch)).cloned();
        };
        if let Some(known) = known.filter(|key| key.came_in(envelope, head.epoch)) {
            return Some(known.clone());
        }
        let own = &self.state.config.user;
        let context =
            Context { from: &head.from, to: own, epoch: head.epoch, purpose: Purpose::Messages };
        let key = OpeningKey::new(&self.state.identity, envelope, &context)?;
        if !peer.trust.allows(key.from) {
            self.on_forged(index, head.epoch);
            return None;
        }
        peer.opening = Some(key.clone());
        // As long as the host was not asked, the key is no more than a claim.
        if peer.key.is_none() && !matches!(peer.trust, Trust::Asked { .. }) {
            self.on_key(now, index, key.from);
        }
        Some(key)
    }

    /// A message in a peer's name was sealed with another key than the one that is remembered. If
    /// the peer has a new one, the server says so when it is asked.
    pub(super) fn on_forged(&mut self, index: PeerIndex, epoch: Epoch) {
        if let Some(peer) = self.peers.get_mut(index) {
            log::debug!("a message in the name of {} is sealed with another key", peer.user);
            peer.forged = true;
            peer.key_due = true;
            peer.unreadable_due = Some(epoch);
        }
        self.note_peer(index);
    }

    /// A peer's messages come by relay: if a direct link is up it may be dead on the other side.
    fn on_came_by_relay(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peers.get_mut(index) else { return };
        let direct = peer.direct;
        peer.acks_by_relay = direct.is_some();
        match direct {
            Some(link) => self.probe(now, link, PROBE_LIMIT, CloseReason::Silent),
            None => self.demand_direct(now, index),
        }
        self.work(now, index);
    }

    /// A recipient has no key for this client's messages: they are sent again, with their envelope.
    /// The key it has may be another by now.
    pub(super) fn on_unreadable(&mut self, now: Instant, from: &UserId, epoch: Epoch) {
        let Some(index) = self.peers.find(from) else { return };
        let Some(peer) = self.peers.get_mut(index) else { return };
        if peer.outgoing.epoch() == epoch
            && peer.outgoing.in_flight()
            && peer.route.0 == Path::Relay
        {
            peer.sealing = None;
            peer.key_due = true;
            let until = now + peer.busy.pause(&mut self.state.random);
            peer.outgoing.pause(self.outbox, until);
        }
        self.work(now, index);
    }
}
