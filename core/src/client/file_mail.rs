use super::link::Role;
use super::state::State;
use crate::error::CloseReason;
use crate::files::{RelayLimits, Sink, Source, Transfers, Way, Written};
use crate::id::{Epoch, LinkId, UserId};
use crate::limits::{RELAYED_AROUND, RELAYED_CHUNK, TAG};
use crate::noise::{Context, Purpose, SealingKey};
use crate::peer_table::PeerTable;
use crate::time::Instant;
use crate::wire::{FileItem, Message, RecordWriter, Relay, RelayItem, RelayedFile, WriteError};

/// Bytes of an encoded item, beyond those of the stream: the longest is a proof.
const MAX_ITEM: usize = 48 * 32 + 64;

/// What of files goes out on a link, behind its messages.
pub(crate) struct FilesOut<'f> {
    pub transfers: &'f mut Transfers,
    pub source: &'f mut dyn Source,
}

impl FilesOut<'_> {
    /// Writes what fits for the peers whose route is this link.
    pub(super) fn write<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>>(
        &mut self,
        now: Instant,
        (link, role, takes_files): (LinkId, Role, bool),
        state: &mut State,
        peers: &mut PeerTable,
        writer: &mut RecordWriter<'_, S>,
    ) -> Result<(), CloseReason> {
        let route = |peers: &PeerTable, user: &UserId| {
            let peer = peers.get(peers.find(user)?)?;
            (peer.route.1 == Some(link)).then_some(peer.key.is_some())
        };
        match role {
            Role::Server => {
                let way = match state.file_limits {
                    Some(limits) => Way::Relay(limits),
                    // It is about to say what it relays.
                    None if takes_files => return Ok(()),
                    None => Way::Relay(RelayLimits { rate: 0, max: 0 }),
                };
                // What is sealed needs a key; it is asked for when there are messages.
                let shared = core::cell::RefCell::new(peers);
                let mut ways = |user: &UserId| route(&shared.borrow(), user)?.then_some(way);
                let mut sink = RelaySink { state, peers: &shared, writer };
                self.transfers.write(now, &mut ways, self.source, &mut sink)
            }
            Role::Dialled(_) | Role::Accepted(_) => {
                let mut ways = |user: &UserId| route(peers, user).map(|_| Way::Direct);
                self.transfers.write(now, &mut ways, self.source, &mut DirectSink { writer })
            }
        }
    }
}

/// Takes items for the peer at the other end.
struct DirectSink<'w, 'b, S> {
    writer: &'w mut RecordWriter<'b, S>,
}

impl<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>> Sink for DirectSink<'_, '_, S> {
    fn chunk(&self) -> usize {
        self.writer.chunk()
    }

    fn item(
        &mut self,
        _to: &UserId,
        _size: u64,
        item: &FileItem<'_>,
    ) -> Result<Written, CloseReason> {
        outcome(self.writer.push(&Message::File(*item)))
    }

    fn data(
        &mut self,
        _to: &UserId,
        _size: u64,
        head: &FileItem<'_>,
        len: usize,
        fill: &mut dyn FnMut(&mut [u8]),
    ) -> Result<Written, CloseReason> {
        outcome(self.writer.push_filled(&Message::File(*head), len, fill))
    }
}

/// Takes items for peers behind the server.
struct RelaySink<'w, 'b, 'p, S> {
    state: &'w mut State,
    peers: &'w core::cell::RefCell<&'p mut PeerTable>,
    writer: &'w mut RecordWriter<'b, S>,
}

impl<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>> RelaySink<'_, '_, '_, S> {
    /// Seals an encoded item and writes it.
    fn seal(
        &mut self,
        to: &UserId,
        (number, size): (u64, u64),
        is_data: bool,
        encoded: &[u8],
    ) -> Result<Written, CloseReason> {
        let mut peers = self.peers.borrow_mut();
        let Some(peer) = peers.find(to).and_then(|index| peers.get_mut(index)) else {
            return Ok(Written::Full);
        };
        let Some(key) = peer.key else { return Ok(Written::Full) };
        if peer.files.sealing.is_none() {
            let epoch = Epoch::from_bits(self.state.random.next());
            let own = &self.state.config.user;
            let context = Context { from: own, to, epoch, purpose: Purpose::Files };
            let drawn = self.state.secrets.draw();
            peer.files.sealing = SealingKey::new(&self.state.identity, &drawn, key, &context)
                .map(|key| (key, epoch, 0));
            peer.files.envelope_due = true;
        }
        let Some((key, epoch, count)) = &mut peer.files.sealing else {
            // A key for which nothing can be sealed is nobody's.
            return Ok(Written::TooLarge);
        };
        let is_known = is_data && !peer.files.envelope_due;
        let envelope = if is_known { &[] } else { key.envelope() };
        let file = RelayedFile { number, size, epoch: *epoch, count: *count, envelope, body: &[] };
        let message = Message::Relay(Relay { peer: to.clone(), item: RelayItem::File(file) });
        let len = encoded.len();
        let seal = |put: &mut dyn FnMut(&[u8])| {
            key.seal(*count, len, core::iter::once(encoded), put);
        };
        let written = outcome(self.writer.push_with_body(&message, len + TAG, seal))?;
        if written == Written::Whole {
            // Each number seals one item only.
            *count += 1;
            peer.files.envelope_due &= !is_data;
        }
        Ok(written)
    }
}

impl<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>> Sink for RelaySink<'_, '_, '_, S> {
    fn chunk(&self) -> usize {
        // A small device's buffer may be shorter than that.
        RELAYED_CHUNK.min(self.writer.whole_room().saturating_sub(RELAYED_AROUND))
    }

    fn item(
        &mut self,
        to: &UserId,
        size: u64,
        item: &FileItem<'_>,
    ) -> Result<Written, CloseReason> {
        let mut buf = [0; MAX_ITEM];
        let Ok(encoded) = postcard::to_slice(item, &mut buf) else { return Ok(Written::TooLarge) };
        self.seal(to, (item.number(), size), false, encoded)
    }

    fn data(
        &mut self,
        to: &UserId,
        size: u64,
        head: &FileItem<'_>,
        len: usize,
        fill: &mut dyn FnMut(&mut [u8]),
    ) -> Result<Written, CloseReason> {
        let mut bytes = [0; RELAYED_CHUNK];
        let bytes = &mut bytes[..len.min(RELAYED_CHUNK)];
        fill(bytes);
        let FileItem::Data { number, round, at, .. } = *head else { return Ok(Written::TooLarge) };
        let item = FileItem::Data { number, round, at, bytes };
        let mut buf = [0; RELAYED_CHUNK + 64];
        let Ok(encoded) = postcard::to_slice(&item, &mut buf) else { return Ok(Written::TooLarge) };
        self.seal(to, (number, size), true, encoded)
    }
}

fn outcome(result: Result<(), WriteError>) -> Result<Written, CloseReason> {
    match result {
        Ok(()) => Ok(Written::Whole),
        Err(WriteError::Full) => Ok(Written::Full),
        Err(WriteError::TooLarge) => Ok(Written::TooLarge),
        Err(WriteError::Close(reason)) => Err(reason),
    }
}
