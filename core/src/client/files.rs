use super::engine::Engine;
use super::link::{Phase, Role};
use crate::error::{CloseReason, FileRefusal};
use crate::files::RelayLimits;
use crate::id::{LinkId, UserId};
use crate::io::{FileNews, ReceivedFile};
use crate::limits::SEALED_ENVELOPE;
use crate::noise::{Context, OpeningKey, Purpose};
use crate::peer_table::{Claim, PeerIndex, Trust};
use crate::route::Path;
use crate::time::Instant;
use crate::wire::{FileItem, Message, Relay, RelayItem, RelayedFile};

/// What a relayed item says in the clear, apart from its body.
struct Head {
    from: UserId,
    epoch: crate::id::Epoch,
    count: u64,
    envelope: Option<[u8; SEALED_ENVELOPE]>,
}

/// What comes of files (PROTOCOL.md, "Files").
impl Engine<'_> {
    /// Takes in an item that came on a direct link.
    pub(super) fn on_direct_file<'b>(
        &mut self,
        id: LinkId,
        item: FileItem<'b>,
    ) -> Result<Option<ReceivedFile<'b>>, CloseReason> {
        let index = match self.links.get(id).map(|link| (&link.phase, link.role)) {
            Some((Phase::Up, Role::Dialled(index) | Role::Accepted(Some(index)))) => index,
            _ => return Err(CloseReason::Unexpected),
        };
        if !self.state.config.limits.takes_files {
            return Err(CloseReason::Unexpected);
        }
        let peer = self.peers.get(index).filter(|peer| !peer.is_blocked);
        let what = FileNews::Item(item);
        Ok(peer.map(|peer| ReceivedFile { from: peer.user.clone(), path: Path::Direct, what }))
    }

    /// Takes in a frame of the server link that holds a relayed item, which is opened in place.
    pub(super) fn on_relayed_file<'b>(
        &mut self,
        now: Instant,
        frame: &'b mut [u8],
    ) -> Result<Option<ReceivedFile<'b>>, CloseReason> {
        let (head, body_len) = match Message::decode(frame)? {
            Message::Relay(Relay { peer, item: RelayItem::File(file) }) => {
                let RelayedFile { epoch, count, envelope, body, .. } = file;
                let envelope = envelope.try_into().ok();
                (Head { from: peer, epoch, count, envelope }, body.len())
            }
            _ => return Err(CloseReason::Unexpected),
        };
        if !self.state.config.limits.takes_files {
            return Err(CloseReason::Unexpected);
        }
        // The body comes last.
        let body = frame.split_at_mut(frame.len() - body_len).1;
        if head.from == self.state.config.user {
            // The server carries what it cannot read: the fault is the sender's, not this link's.
            return Ok(None);
        }
        let Some(index) = self.find_or_add(now, &head.from, Claim::Message) else {
            self.state.news.table_full = true;
            return Ok(None);
        };
        // The way back, for a sender that was not known until now.
        self.refresh(now, index);
        let opened = self.file_key(now, index, &head).and_then(|key| key.open(head.count, body));
        let (Some(text), Some(peer)) = (opened, self.peers.get_mut(index)) else {
            // Both sides say where they stand again before long, with their envelopes.
            log::debug!("an item of a file from {} cannot be opened", head.from);
            return Ok(None);
        };
        if let Some((_, seen)) = &mut peer.files.opening {
            *seen = head.count + 1;
        }
        let is_held = peer.is_blocked || matches!(peer.trust, Trust::Asked { .. });
        let Some(item) = FileItem::decode(text).filter(|_| !is_held) else { return Ok(None) };
        if matches!(item, FileItem::Want { .. } | FileItem::Offer { .. }) {
            // Whoever says where it stands may have begun anew.
            peer.files.envelope_due = true;
        }
        Ok(Some(ReceivedFile { from: head.from, path: Path::Relay, what: FileNews::Item(item) }))
    }

    /// Returns the key for a sender's items: the one that the envelope brings, if there is one.
    fn file_key(&mut self, now: Instant, index: PeerIndex, head: &Head) -> Option<OpeningKey> {
        let peer = self.peers.get_mut(index)?;
        let known = peer.files.opening.as_ref().filter(|(key, _)| key.is_for(head.epoch));
        if let Some((key, seen)) = known
            && head.envelope.is_none_or(|envelope| key.came_in(&envelope, head.epoch))
        {
            return (head.count >= *seen).then(|| key.clone());
        }
        let own = &self.state.config.user;
        let context =
            Context { from: &head.from, to: own, epoch: head.epoch, purpose: Purpose::Files };
        let key = OpeningKey::new(&self.state.identity, head.envelope.as_ref()?, &context)?;
        if !peer.trust.allows(key.from) {
            peer.forged = true;
            peer.key_due = true;
            self.note_peer(index);
            return None;
        }
        peer.files.opening = Some((key.clone(), 0));
        // As long as the host was not asked, the key is no more than a claim.
        if peer.key.is_none() && !matches!(peer.trust, Trust::Asked { .. }) {
            self.on_key(now, index, key.from);
        }
        Some(key)
    }

    /// The server does not relay something of a transfer with a peer.
    pub(super) fn on_file_refused<'b>(
        &mut self,
        id: LinkId,
        from: UserId,
        number: u64,
        reason: FileRefusal,
    ) -> Result<Option<ReceivedFile<'b>>, CloseReason> {
        if self.state.server_link() != Some(id) || !self.state.config.limits.takes_files {
            return Err(CloseReason::Unexpected);
        }
        let what = FileNews::Refused { number, reason };
        Ok(Some(ReceivedFile { from, path: Path::Relay, what }))
    }

    /// The server says what it relays of files.
    pub(super) fn on_file_limits(
        &mut self,
        id: LinkId,
        limits: RelayLimits,
    ) -> Result<(), CloseReason> {
        let session = self.links.get(id).and_then(|link| link.session.as_ref());
        let both_take = self.state.config.limits.takes_files
            && session.is_some_and(|session| session.remote_limits().takes_files);
        if self.state.server_link() != Some(id) || !both_take {
            return Err(CloseReason::Unexpected);
        }
        self.state.file_limits = Some(limits);
        self.kick(id);
        Ok(())
    }

    /// Has the link work on which something of a file is to go to a user.
    pub(super) fn kick_files(&mut self, now: Instant, user: &UserId) {
        let Some(index) = self.find_or_add(now, user, Claim::Message) else {
            self.state.news.table_full = true;
            return;
        };
        self.demand_direct(now, index);
        let Some(peer) = self.peers.get_mut(index) else { return };
        peer.used = now;
        peer.key_due |= peer.key.is_none() && peer.key_asked.is_none();
        let route = peer.route;
        if let (Path::Relay | Path::Direct, Some(link)) = route {
            self.kick(link);
        }
    }
}
