use std::collections::BTreeMap;

use breeze_core::error::DeliveryFailure;
use breeze_core::id::MessageId;

use super::host::HostId;
use super::shelf::Shelf;

/// Keeps account of every message of a world, and fails the run as soon as one is lost, doubled,
/// out of order, changed, or reported in a way that is not true.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    messages: BTreeMap<Key, Entry>,
    /// The number that each run of a recipient received last, of each epoch.
    last: BTreeMap<(HostId, u32, u64), u64>,
    /// The number of which each epoch's sender was told last that it is delivered.
    told: BTreeMap<u64, u64>,
}

/// A message's epoch and number.
type Key = (u64, u64);

#[derive(Debug)]
struct Entry {
    from: String,
    to: String,
    text: String,
    /// The runs of hosts that received it.
    received: Vec<(HostId, u32)>,
    kept: bool,
    /// A person has seen it.
    seen: bool,
    outcome: Option<Result<(), DeliveryFailure>>,
}

const fn key(id: MessageId) -> Key {
    (id.epoch.to_bits(), id.seq)
}

impl Ledger {
    pub(super) fn on_sent(&mut self, id: MessageId, from: &str, to: &str, text: &str) {
        let entry = Entry {
            from: from.into(),
            to: to.into(),
            text: text.into(),
            received: Vec::new(),
            kept: false,
            seen: false,
            outcome: None,
        };
        assert!(self.messages.insert(key(id), entry).is_none(), "{id} was given out twice");
        assert!(id.seq == 1 || self.messages.contains_key(&(key(id).0, id.seq - 1)));
    }

    pub(super) fn on_received(
        &mut self,
        host: HostId,
        life: u32,
        user: &str,
        from: &str,
        id: MessageId,
        text: &str,
    ) {
        let (epoch, seq) = key(id);
        let last = self.last.entry((host, life, epoch)).or_insert(0);
        assert!(seq > *last, "{user} got {id} from {from} after number {last}: twice or late");
        let skipped = *last + 1..seq;
        *last = seq;
        for missing in skipped {
            let entry = &self.messages[&(epoch, missing)];
            // An earlier run of the recipient may have kept it, and its sender be gone.
            let is_settled = entry.outcome.is_some() || entry.kept;
            assert!(is_settled, "{user} got {id} from {from} before {missing}");
        }
        let entry = self.messages.get_mut(&(epoch, seq)).expect("somebody sent it");
        assert_eq!((entry.from.as_str(), entry.to.as_str()), (from, user), "{id} went astray");
        assert!(entry.text == text, "{id} was changed on its way");
        entry.received.push((host, life));
    }

    pub(super) fn on_kept(&mut self, id: MessageId) {
        self.messages.get_mut(&key(id)).expect("somebody sent it").kept = true;
    }

    pub(super) fn on_outcome(&mut self, id: MessageId, outcome: Result<(), DeliveryFailure>) {
        let (epoch, seq) = key(id);
        if outcome.is_ok() {
            // What fails may be known earlier than what the server still keeps.
            let told = self.told.entry(epoch).or_insert(0);
            assert!(seq > *told, "the outcomes of {id} and its like come out of order");
            let before = *told + 1..seq;
            *told = seq;
            for missing in before {
                let before = self.messages[&(epoch, missing)].outcome;
                assert!(before.is_some_and(|o| o.is_err()), "{id} is delivered before {missing}");
            }
        }
        let entry = self.messages.get_mut(&(epoch, seq)).expect("somebody sent it");
        assert!(entry.outcome.is_none(), "{id} has two outcomes");
        assert!(outcome.is_err() || entry.kept, "{id} is called delivered before it was kept");
        entry.outcome = Some(outcome);
    }

    pub(super) fn on_seen(&mut self, id: MessageId) {
        self.messages.get_mut(&key(id)).expect("somebody sent it").seen = true;
    }

    pub(super) fn on_read(&mut self, id: MessageId) {
        assert!(self.messages[&key(id)].seen, "{id} is called read before anybody saw it");
    }

    /// The server is said to keep a message, and all before it that have no outcome.
    pub(super) fn on_stored(&mut self, id: MessageId, shelf: &Shelf) {
        let (epoch, seq) = key(id);
        for (&(_, seq), entry) in self.messages.range((epoch, 1)..=(epoch, seq)) {
            let id = MessageId { epoch: id.epoch, seq };
            let is_true = entry.outcome.is_some() || entry.kept || shelf.has(id);
            assert!(is_true, "{id} is called stored and is not");
        }
    }

    /// The messages of a numbering from one on that have no outcome.
    pub(super) fn open_from(&self, first: MessageId) -> Vec<(MessageId, String)> {
        let (epoch, seq) = key(first);
        let range = self.messages.range((epoch, seq)..=(epoch, u64::MAX));
        range
            .filter(|(_, entry)| entry.outcome.is_none())
            .map(|(&(_, seq), entry)| (MessageId { epoch: first.epoch, seq }, entry.text.clone()))
            .collect()
    }

    /// The texts of messages that no recipient has received.
    pub(super) fn undelivered(&self) -> Vec<&str> {
        let missing = self.messages.values().filter(|entry| entry.received.is_empty());
        missing.map(|entry| entry.text.as_str()).collect()
    }

    /// Fails unless every message has arrived, or failed, and its sender knows.
    pub(super) fn assert_settled(&self) {
        for ((epoch, seq), entry) in &self.messages {
            let Entry { from, to, received, outcome, .. } = entry;
            let outcome = outcome.expect("every sender knows");
            let is_true = outcome.is_err() || !received.is_empty();
            assert!(is_true, "{epoch:016x}-{seq} from {from} to {to} is lost");
        }
    }

    /// How many messages have failed.
    pub(super) fn failed(&self) -> usize {
        self.messages.values().filter(|entry| entry.outcome.is_some_and(|o| o.is_err())).count()
    }

    /// How many messages have no outcome.
    pub(super) fn open(&self) -> usize {
        self.messages.values().filter(|entry| entry.outcome.is_none()).count()
    }

    /// What a message's sender was told of it.
    pub(super) fn outcome(&self, id: MessageId) -> Option<Result<(), DeliveryFailure>> {
        self.messages.get(&key(id))?.outcome
    }
}
