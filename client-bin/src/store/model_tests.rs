//! Random changes against a model: plain lists, in which everything is looked for.

use std::collections::BTreeMap;

use breeze_core::id::{Epoch, MessageId, PublicKey, UserId};
use breeze_server::test_disk::TestDisk;
use proptest::prelude::*;

use super::bench::open;
use super::quota::Quota;
use super::{Applied, Change, Contact, DeliveryState, Entry, HistoryId, Origin, Store, Unsettled};

const QUOTA: Quota = Quota { messages: 6, bytes: 24 };
const USERS: [&str; 3] = ["al", "al-2", "b"];

fn user(n: usize) -> UserId {
    UserId::new(USERS[n]).expect("user")
}

/// Is a change before the epochs are known.
#[derive(Clone, Debug)]
enum Step {
    Accept {
        to: usize,
        text: String,
    },
    Keep {
        from: usize,
        epoch: u64,
        seq: u64,
        text: String,
    },
    /// With 0 for stored, 1 for delivered and 2 for read; sometimes of an unknown epoch.
    Receipt {
        to: usize,
        station: u8,
        known: bool,
        upto: u64,
    },
    Failed {
        to: usize,
        known: bool,
        seq: u64,
    },
    Contact {
        user: usize,
        key: u8,
        verified: bool,
        found: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..USERS.len();
    let known = || prop::bool::weighted(0.95);
    let text = || prop::sample::select(vec!["", "a", "Ab", "xyz", "über", "ÜBER"]);
    prop_oneof![
        6 => (who.clone(), text()).prop_map(|(to, text)| Step::Accept { to, text: text.into() }),
        3 => (who.clone(), 0..2u64, 0..6u64, text()).prop_map(|(from, epoch, seq, text)| {
            Step::Keep { from, epoch, seq, text: text.into() }
        }),
        5 => (who.clone(), 0..3u8, known(), prop_oneof![0..12u64, Just(u64::MAX)])
            .prop_map(|(to, station, known, upto)| Step::Receipt { to, station, known, upto }),
        2 => (who.clone(), known(), 0..12u64)
            .prop_map(|(to, known, seq)| Step::Failed { to, known, seq }),
        1 => (who, 0..2u8, any::<bool>(), any::<bool>()).prop_map(|(user, key, verified, found)| {
            Step::Contact { user, key, verified, found }
        }),
    ]
}

#[derive(Default)]
struct Model {
    entries: Vec<Entry>,
    epochs: BTreeMap<UserId, Epoch>,
    contacts: BTreeMap<UserId, Contact>,
}

impl Model {
    fn change(&self, step: &Step, now: u64) -> Change {
        let epoch = |to: usize, known: bool| match self.epochs.get(&user(to)) {
            Some(epoch) if known => *epoch,
            _ => Epoch::from_bits(u64::from(known)),
        };
        match step.clone() {
            Step::Accept { to, text } => Change::Accept { to: user(to), text, sent_ms: now },
            Step::Keep { from, epoch, seq, text } => {
                let id = MessageId { epoch: Epoch::from_bits(epoch), seq };
                let (from, name, sent_ms) = (user(from), format!("n{now}"), now ^ 0x55);
                Change::Keep { from, id, name, text, sent_ms, arrived_ms: now }
            }
            Step::Receipt { to, station, known, upto } => {
                let (to, epoch) = (user(to), epoch(to, known));
                match station {
                    0 => Change::Stored { to, epoch, upto },
                    1 => Change::Delivered { to, epoch, upto },
                    _ => Change::Read { to, epoch, upto },
                }
            }
            Step::Failed { to, known, seq } => {
                let id = MessageId { epoch: epoch(to, known), seq };
                Change::Failed { to: user(to), id, reason: format!("r{now}") }
            }
            Step::Contact { user: who, key, verified, found } => {
                let found = found.then_some(PublicKey::from_bytes([key ^ 1; 32]));
                let key = PublicKey::from_bytes([key; 32]);
                let contact = Contact { key, verified, name: String::new(), found };
                Change::Contact { user: user(who), contact }
            }
        }
    }

    /// Takes a change in, and checks what the store said of it.
    fn apply(&mut self, change: &Change, applied: &Applied) {
        let expected = match change {
            Change::Accept { to, text, sent_ms } => self.accept(to, text, *sent_ms, applied),
            Change::Keep { from, id, name, text, sent_ms, arrived_ms } => {
                let same = |e: &Entry| {
                    e.with == *from && e.id == *id && matches!(e.origin, Origin::Received { .. })
                };
                let new = !self.entries.iter().any(same);
                if new {
                    let origin = Origin::Received { name: name.clone() };
                    self.enter(from, *id, origin, (*sent_ms, *arrived_ms), text);
                }
                Applied::Kept { new }
            }
            Change::Stored { to, epoch, upto } => {
                self.advance(to, *epoch, *upto, DeliveryState::Stored)
            }
            Change::Delivered { to, epoch, upto } => {
                self.advance(to, *epoch, *upto, DeliveryState::Delivered)
            }
            Change::Read { to, epoch, upto } => {
                self.advance(to, *epoch, *upto, DeliveryState::Read)
            }
            Change::Failed { to, id, reason } => {
                let failed = DeliveryState::Failed(reason.clone());
                let open = self.sent(to).find(|(found, state)| found == id && rank(state) < 2);
                Applied::Failed(open.map(|(_, state)| *state = failed).is_some())
            }
            Change::Contact { user, contact } => {
                self.contacts.insert(user.clone(), contact.clone());
                Applied::Contact
            }
        };
        assert_eq!(*applied, expected, "{change:?}");
    }

    fn accept(&mut self, to: &UserId, text: &str, sent_ms: u64, applied: &Applied) -> Applied {
        let waiting = self.unsettled();
        let bytes: usize = waiting.iter().map(|message| message.text.len()).sum();
        if waiting.len() as u64 >= QUOTA.messages || (bytes + text.len()) as u64 > QUOTA.bytes {
            return Applied::Full;
        }
        let seq = self.sent(to).map(|(id, _)| id.seq).max().unwrap_or(0) + 1;
        let epoch = match (self.epochs.get(to), applied) {
            (Some(epoch), _) => *epoch,
            (None, Applied::Accepted(id)) => id.epoch,
            (None, other) => panic!("{other:?}"),
        };
        self.epochs.insert(to.clone(), epoch);
        let id = MessageId { epoch, seq };
        self.enter(to, id, Origin::Sent(DeliveryState::Queued), (sent_ms, sent_ms), text);
        Applied::Accepted(id)
    }

    fn advance(&mut self, to: &UserId, epoch: Epoch, upto: u64, next: DeliveryState) -> Applied {
        let mut advanced = Vec::new();
        for (id, state) in self.sent(to) {
            if id.epoch == epoch && id.seq <= upto && rank(state) < rank(&next) {
                *state = next.clone();
                advanced.push(id);
            }
        }
        Applied::Advanced(advanced)
    }

    fn enter(&mut self, with: &UserId, id: MessageId, origin: Origin, ms: (u64, u64), text: &str) {
        let number = HistoryId::new(self.entries.len() as u64 + 1);
        let (with, text) = (with.clone(), text.to_owned());
        let (sent_ms, arrived_ms) = ms;
        self.entries.push(Entry { number, with, id, origin, sent_ms, arrived_ms, text });
    }

    fn sent(&mut self, to: &UserId) -> impl Iterator<Item = (MessageId, &mut DeliveryState)> {
        self.entries.iter_mut().filter(move |entry| entry.with == *to).filter_map(|entry| {
            match &mut entry.origin {
                Origin::Sent(state) => Some((entry.id, state)),
                Origin::Received { .. } => None,
            }
        })
    }

    fn unsettled(&self) -> Vec<Unsettled> {
        let mut unsettled: Vec<_> = self
            .entries
            .iter()
            .filter_map(|entry| match &entry.origin {
                Origin::Sent(state) if rank(state) < 2 => Some(Unsettled {
                    to: entry.with.clone(),
                    id: entry.id,
                    text: entry.text.clone(),
                    sent_ms: entry.sent_ms,
                    state: state.clone(),
                }),
                Origin::Sent(_) | Origin::Received { .. } => None,
            })
            .collect();
        unsettled.sort_by_key(|message| message.to.clone());
        unsettled
    }

    fn check(&self, store: &Store) {
        let unsettled = self.unsettled();
        assert_eq!(store.unsettled().expect("unsettled"), unsettled);
        for message in &unsettled {
            let same = |m: &&Unsettled| m.to == message.to && m.id.seq >= message.id.seq;
            let later: Vec<_> = unsettled.iter().filter(same).cloned().collect();
            assert_eq!(store.unsettled_to(&message.to, message.id).expect("unsettled"), later);
        }
        assert_eq!(store.contacts().expect("contacts"), self.contacts);
        for entry in &self.entries {
            let received = matches!(entry.origin, Origin::Received { .. });
            assert!(!received || store.has_received(&entry.with, entry.id).expect("received"));
        }
        for n in 0..USERS.len() {
            let with = user(n);
            let all: Vec<_> = self.entries.iter().filter(|e| e.with == with).cloned().collect();
            assert_eq!(store.history(&with, usize::MAX, None).expect("history"), all);
            let contact = store.contact(&with).expect("contact");
            assert_eq!(contact.as_ref(), self.contacts.get(&with));
            // Page by page, and put together again.
            let (mut pages, mut before) = (Vec::new(), None);
            loop {
                let page = store.history(&with, 3, before).expect("history");
                let Some(first) = page.first() else { break };
                before = Some(first.number);
                pages.splice(0..0, page);
            }
            assert_eq!(pages, all);
        }
        for text in ["a", "Über", "z", ""] {
            let says = |e: &&Entry| e.text.to_lowercase().contains(&text.to_lowercase());
            let found: Vec<_> = self.entries.iter().rev().filter(says).take(5).cloned().collect();
            assert_eq!(store.search(text, 5).expect("search"), found);
        }
    }
}

fn rank(state: &DeliveryState) -> u8 {
    match state {
        DeliveryState::Queued => 0,
        DeliveryState::Stored => 1,
        DeliveryState::Delivered => 2,
        DeliveryState::Read => 3,
        DeliveryState::Failed(_) => 4,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_store_does_what_plain_lists_do(
        batches in prop::collection::vec((prop::collection::vec(step(), 0..6), any::<bool>()), 1..16)
    ) {
        let mut model = Model::default();
        let mut disk = TestDisk::default();
        let mut store = open(&disk, QUOTA).expect("open");
        let mut now = 0;
        for (batch, restart) in batches {
            // Epochs drawn in a batch are known only after it: its receipts are for earlier ones.
            let changes: Vec<_> = batch.iter().map(|step| { now += 1; model.change(step, now) }).collect();
            let applied = store.apply(&changes).expect("apply");
            prop_assert_eq!(applied.len(), changes.len());
            for (change, applied) in changes.iter().zip(&applied) {
                model.apply(change, applied);
            }
            if restart {
                drop(store);
                disk = TestDisk::new(disk.image());
                store = open(&disk, QUOTA).expect("reopen");
            }
        }
        model.check(&store);
    }
}
