use super::engine::Engine;
use crate::error::DeliveryFailure;
use crate::id::{PublicKey, UserId};
use crate::peer_table::{KeyNews, PeerIndex, Pin, Trust};
use crate::time::Instant;

/// Which key a user has, and whether it is the one that was known (PROTOCOL.md, "Keys").
impl Engine<'_> {
    /// Takes in which key a user has, by the server's word or by its own. A key that takes the
    /// place of another ends what was meant for the holder of that.
    pub(super) fn on_key(&mut self, now: Instant, index: PeerIndex, found: PublicKey) {
        let Some(peer) = self.peers.get_mut(index) else { return };
        let before = peer.key.replace(found);
        peer.key_asked = None;
        if before != Some(found) {
            peer.sealing = None;
            #[cfg(feature = "files")]
            {
                peer.files.sealing = None;
            }
        }
        let changed = match peer.trust {
            Trust::Asked { .. } => false,
            Trust::Server => before.is_some_and(|before| before != found),
            Trust::New => {
                peer.trust = Trust::Pinned(Pin { key: found, former: None, verified: false });
                peer.key_news = Some(KeyNews::Found);
                false
            }
            Trust::Pinned(pin) if pin.key == found => {
                peer.is_blocked = false;
                false
            }
            // It was told of already.
            Trust::Pinned(_) if peer.is_blocked && before == Some(found) => false,
            Trust::Pinned(pin) => {
                let (pinned, blocked) = (pin.key, pin.verified);
                peer.key_news = Some(KeyNews::Changed { pinned });
                peer.is_blocked = blocked;
                if !blocked {
                    let former = Some(pin.key);
                    peer.trust = Trust::Pinned(Pin { key: found, former, verified: false });
                }
                true
            }
        };
        if changed {
            log::debug!("the key of {} has changed", peer.user);
            peer.outgoing.fail_all(self.outbox, DeliveryFailure::KeyChanged);
            if peer.is_blocked {
                peer.dial.stop();
            }
        }
        self.note_peer(index);
        self.refresh(now, index);
    }

    /// The host says which key it remembers of a user.
    pub(super) fn pin(
        &mut self,
        now: Instant,
        user: &UserId,
        key: Option<PublicKey>,
        verified: bool,
    ) {
        let Some(index) = self.peers.find(user) else { return };
        let Some(peer) = self.peers.get_mut(index) else { return };
        peer.trust = match (key, peer.trust) {
            (None, _) => Trust::New,
            (Some(key), Trust::Pinned(pin)) => {
                let former = if pin.key == key { pin.former } else { Some(pin.key) };
                Trust::Pinned(Pin { key, former, verified })
            }
            (Some(key), Trust::Server | Trust::Asked { .. } | Trust::New) => {
                Trust::Pinned(Pin { key, former: None, verified })
            }
        };
        let claimed = peer.opening.as_ref().map(|opening| (opening.from, opening.epoch()));
        match claimed {
            // What came of it before the host was asked is for the host not to keep.
            Some((from, epoch)) if !peer.trust.allows(from) => {
                peer.opening = None;
                peer.incoming.forget(epoch);
                self.on_forged(index, epoch);
            }
            Some((from, _)) if peer.key.is_none() => peer.key = Some(from),
            Some(_) | None => {}
        }
        let Some(peer) = self.peers.get_mut(index) else { return };
        match peer.key {
            Some(found) => {
                // Judged again, by what the host says now.
                peer.is_blocked = false;
                self.on_key(now, index, found);
            }
            None => self.refresh(now, index),
        }
    }

    /// The server tells a key that was asked for.
    pub(super) fn on_key_reply(&mut self, now: Instant, user: &UserId, key: Option<PublicKey>) {
        let Some(index) = self.peers.find(user) else { return };
        let Some(peer) = self.peers.get_mut(index) else { return };
        match key {
            Some(key) => self.on_key(now, index, key),
            // Whoever was introduced since is known better.
            None if peer.online => {}
            None => {
                if peer.outgoing.fail_all(self.outbox, DeliveryFailure::UnknownUser) {
                    self.note_peer(index);
                }
                if let Some(peer) = self.peers.get_mut(index) {
                    peer.key_asked = None;
                }
                self.work(now, index);
            }
        }
    }
}
