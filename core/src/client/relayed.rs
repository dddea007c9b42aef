use super::config::{Absence, Mesh};
use super::engine::Engine;
use crate::delivery::Verdict;
use crate::error::{CloseReason, DeliveryFailure, RelayRefusal};
use crate::id::{MessageId, UserId};
use crate::io::ReceivedMessage;
use crate::peer_table::{DialState, PeerIndex};
use crate::route::Path;
use crate::time::Instant;
use crate::wire::{Ack, Chat, ChatBody};

/// Messages and acknowledgements from peers, on either path.
impl Engine<'_> {
    /// Takes in a message on a direct link.
    pub(super) fn on_chat<'b>(
        &mut self,
        now: Instant,
        index: PeerIndex,
        chat: &Chat<'b>,
    ) -> Result<Option<ReceivedMessage<'b>>, CloseReason> {
        if chat.back >= chat.seq || chat.gap > chat.back {
            return Err(CloseReason::Malformed);
        }
        let body = ChatBody::decode(chat.body)?;
        let Some(peer) = self.peers.get_mut(index) else { return Ok(None) };
        let verdict = peer.incoming.judge(chat);
        log::trace!("message {} from {}: {verdict:?}", chat.id(), peer.user);
        peer.used = now;
        peer.acks_by_relay = false;
        let message = (verdict == Verdict::New).then(|| ReceivedMessage {
            from: peer.user.clone(),
            id: chat.id(),
            name: body.name,
            text: body.text,
            sent_ms: body.sent_ms,
            path: Path::Direct,
            claimed: None,
        });
        self.work(now, index);
        Ok(message)
    }

    pub(super) fn on_ack_from(&mut self, now: Instant, from: &UserId, ack: Ack) {
        if let Some(index) = self.peers.find(from) {
            self.on_ack(now, index, ack);
        }
    }

    pub(super) fn on_ack(&mut self, now: Instant, index: PeerIndex, ack: Ack) {
        let Some(peer) = self.peers.get_mut(index) else { return };
        if peer.outgoing.on_ack(now, self.outbox, ack, &mut self.state.random) {
            peer.busy.reset();
            self.note_peer(index);
        }
        // With the last message that the server keeps, the way may change.
        self.refresh(now, index);
    }

    /// The server does not relay a message.
    pub(super) fn on_relay_refused(
        &mut self,
        now: Instant,
        to: &UserId,
        id: MessageId,
        reason: RelayRefusal,
    ) {
        let Some(index) = self.peers.find(to) else { return };
        let Some(peer) = self.peers.get_mut(index) else { return };
        if peer.route.0 != Path::Relay {
            // By now the message goes another way, or waits.
            return;
        }
        let waits = self.state.config.absence == Absence::Wait;
        let failure =
            reason.failure().filter(|failure| !(waits && *failure == DeliveryFailure::Offline));
        match failure {
            // Until the server says that the peer is online, there is no way to it.
            None if reason == RelayRefusal::Offline && !peer.online => {
                peer.returns_until = Instant::NEVER;
                self.refresh(now, index);
                return;
            }
            Some(failure) if peer.outgoing.on_failed(self.outbox, id, failure) => {
                self.note_peer(index);
            }
            Some(_) => {}
            // The first refusal holds back all that were sent with it, and are refused next. One
            // that the news of the peer's login has overtaken is no more than that.
            None if peer.outgoing.is_in_flight(id) => {
                let until = now + peer.busy.pause(&mut self.state.random);
                peer.outgoing.pause(self.outbox, until);
            }
            None => {}
        }
        self.work(now, index);
    }

    /// A message came or goes by relay: with the on-demand policy that calls for a direct link.
    pub(super) fn demand_direct(&mut self, now: Instant, index: PeerIndex) {
        if self.state.config.mesh != Mesh::OnDemand {
            return;
        }
        if let Some(peer) = self.peers.get_mut(index)
            && peer.online
            && peer.direct.is_none()
            // The pauses after failed tries hold, however much is said meanwhile.
            && peer.dial.state() == DialState::Idle
        {
            peer.dial.want(now);
            self.work(now, index);
        }
    }
}
