use std::collections::{BTreeMap, BTreeSet};

use breeze_core::id::{Epoch, MessageId, UserId};

/// Is the disk of a client's host, as the client's program uses it: which messages it has received,
/// and the numbering and the open messages to each user. It outlives the host's runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    received: BTreeSet<(u64, u64)>,
    /// Those that it is about to hold.
    booked: BTreeSet<(u64, u64)>,
    outboxes: BTreeMap<UserId, Outbox>,
}

/// The messages to one user.
#[derive(Clone, Debug)]
pub(super) struct Outbox {
    epoch: Epoch,
    next: u64,
    /// The last number of which the server was said to keep all before it.
    stored: u64,
    /// The messages without an outcome.
    open: BTreeMap<u64, String>,
}

const fn key(id: MessageId) -> (u64, u64) {
    (id.epoch.to_bits(), id.seq)
}

impl Disk {
    /// Takes in a message; returns false if it is there already, or about to be.
    pub(super) fn book(&mut self, id: MessageId) -> bool {
        self.booked.insert(key(id))
    }

    /// Notes that a message is there for good.
    pub(super) fn keep(&mut self, id: MessageId) {
        self.received.insert(key(id));
    }

    /// Forgets what was not there for good.
    pub(super) fn lose_power(&mut self) {
        self.booked = self.received.clone();
    }

    /// Numbers a message to a user, and keeps it. `epoch` is for a numbering that has to begin.
    pub(super) fn accept(&mut self, to: &UserId, text: &str, epoch: Epoch) -> MessageId {
        let begin = || Outbox { epoch, next: 1, stored: 0, open: BTreeMap::new() };
        let outbox = self.outboxes.entry(to.clone()).or_insert_with(begin);
        let id = MessageId { epoch: outbox.epoch, seq: outbox.next };
        outbox.next += 1;
        outbox.open.insert(id.seq, text.into());
        id
    }

    /// Notes an outcome; returns false if there was one before.
    pub(super) fn settle(&mut self, to: &UserId, id: MessageId) -> bool {
        let outbox = self.outboxes.get_mut(to).filter(|outbox| outbox.epoch == id.epoch);
        outbox.is_some_and(|outbox| outbox.open.remove(&id.seq).is_some())
    }

    /// Notes that the server keeps all open messages up to a number.
    pub(super) fn on_stored(&mut self, to: &UserId, id: MessageId) {
        if let Some(outbox) = self.outboxes.get_mut(to).filter(|outbox| outbox.epoch == id.epoch) {
            outbox.stored = outbox.stored.max(id.seq);
        }
    }

    /// The users to whom messages are open.
    pub(super) fn recipients(&self) -> Vec<UserId> {
        let open = self.outboxes.iter().filter(|(_, outbox)| !outbox.open.is_empty());
        open.map(|(user, _)| user.clone()).collect()
    }

    /// The first and the last open message that the server keeps for a user.
    pub(super) fn stored(&self, to: &UserId) -> Option<(MessageId, u64)> {
        let Outbox { epoch, stored, open, .. } = self.outboxes.get(to)?;
        let mut kept = open.range(..=stored).map(|(seq, _)| *seq);
        let first = kept.next()?;
        let last = kept.next_back().unwrap_or(first);
        Some((MessageId { epoch: *epoch, seq: first }, last))
    }

    /// The open messages to a user from a number on.
    pub(super) fn open(&self, to: &UserId, from: u64) -> Vec<(MessageId, String)> {
        let Some(Outbox { epoch, open, .. }) = self.outboxes.get(to) else { return Vec::new() };
        let id = |seq| MessageId { epoch: *epoch, seq };
        open.range(from..).map(|(seq, text)| (id(*seq), text.clone())).collect()
    }
}
