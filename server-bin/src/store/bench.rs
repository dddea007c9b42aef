use std::io;

use breeze_core::Answer;
use breeze_core::id::{Epoch, LinkId, MessageId, PublicKey, UserId};
use breeze_core::io::{Keep, Kept};

use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata};

use super::medium::{CACHE, Medium};
use super::schema;
use super::{
    Change, GivenUp, Limits, Outcome, Registration, Secret, SecretKind, Store, StoreError,
};
use crate::host::DatabaseFault;
use crate::host::database::META;
use crate::test_disk::TestDisk;

pub(crate) const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// The time at which everything happens, unless a test says otherwise.
pub(crate) const NOW: u64 = 1000 * DAY_MS;

pub(crate) fn user(name: &str) -> UserId {
    UserId::new(name).expect("user")
}

/// Returns the key that a user of this name has in tests.
pub(crate) fn key_of(name: &str) -> PublicKey {
    let mut bytes = [7; 32];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    PublicKey::from_bytes(bytes)
}

pub(crate) fn code(text: &str) -> Secret {
    Secret { kind: SecretKind::Code, phc: text.into() }
}

pub(crate) fn password(text: &str) -> Secret {
    Secret { kind: SecretKind::Password, phc: text.into() }
}

pub(crate) fn id(epoch: u64, seq: u64) -> MessageId {
    MessageId { epoch: Epoch::from_bits(epoch), seq }
}

pub(crate) fn claim(name: &str) -> Change {
    claim_with(name, key_of(name), 0)
}

pub(crate) fn claim_with(name: &str, key: PublicKey, max_frame: u32) -> Change {
    Change::Claim { user: user(name), key, max_frame, registration: Registration::Open }
}

/// Makes a message that is sealed for its recipient, all of whose predecessors are unsettled.
pub(crate) fn message(from: &str, to: &str, seq: u64, body: &[u8]) -> Keep {
    Keep {
        link: LinkId::from_bits(1),
        from: user(from),
        to: user(to),
        id: id(1, seq),
        back: seq - 1,
        gap: 0,
        envelope: key_of(to).hint().to_vec(),
        body: body.to_vec(),
    }
}

pub(crate) fn keep(from: &str, to: &str, seq: u64) -> Change {
    Change::Keep { keep: message(from, to, seq, format!("{from} {seq}").as_bytes()) }
}

pub(crate) fn acked(from: &str, to: &str, seq: u64) -> Change {
    Change::Acked { from: user(from), to: user(to), id: id(1, seq) }
}

pub(crate) fn read(from: &str, to: &str, seq: u64) -> Change {
    Change::Read { from: user(from), to: user(to), id: id(1, seq) }
}

pub(crate) fn ask(from: &str, to: &str, epoch: u64) -> Change {
    Change::Ask { from: user(from), to: user(to), epoch: Epoch::from_bits(epoch) }
}

pub(crate) fn stored(upto: u64) -> Outcome {
    Outcome::Kept(Answer::Stored { upto })
}

impl Medium for TestDisk {
    fn open(&self) -> Result<Database, DatabaseFault> {
        self.open(CACHE)
    }

    fn probe(&self) -> io::Result<()> {
        match self.has_room() {
            true => Ok(()),
            false => Err(io::ErrorKind::StorageFull.into()),
        }
    }
}

pub(crate) fn open(disk: &TestDisk, limits: Limits) -> Result<Store, StoreError> {
    Store::on_medium(disk.clone(), "test".as_ref(), limits, None)
}

/// Makes a store in memory with users.
pub(crate) fn store_of(names: &[&str], limits: Limits) -> (TestDisk, Store) {
    let disk = TestDisk::default();
    let store = open(&disk, limits).expect("open");
    let claims: Vec<_> = names.iter().map(|name| claim(name)).collect();
    for outcome in store.apply(&claims, NOW).expect("claim") {
        assert_eq!(outcome, Outcome::Claimed(Ok(Vec::new())));
    }
    (disk, store)
}

pub(crate) fn apply(store: &Store, change: Change) -> Outcome {
    apply_at(store, change, NOW)
}

pub(crate) fn apply_at(store: &Store, change: Change, now_ms: u64) -> Outcome {
    store.apply(&[change], now_ms).expect("apply").remove(0)
}

/// Keeps messages up to a number, from the first one.
pub(crate) fn keep_all(store: &Store, from: &str, to: &str, upto: u64) {
    let changes: Vec<_> = (1..=upto).map(|seq| keep(from, to, seq)).collect();
    let outcomes = store.apply(&changes, NOW).expect("apply");
    assert_eq!(outcomes.last(), Some(&stored(upto)));
}

/// Returns all that is kept for a user, page by page.
pub(crate) fn kept_for(store: &Store, to: &str) -> Vec<Kept> {
    let (mut kept, mut after) = (Vec::new(), 0);
    loop {
        let page = store.page(&user(to), after).expect("page");
        assert!(page.last > after || page.kept.is_empty());
        kept.extend(page.kept);
        after = page.last;
        if !page.more {
            return kept;
        }
    }
}

pub(crate) fn texts(kept: &[Kept]) -> Vec<&str> {
    kept.iter().map(|kept| std::str::from_utf8(&kept.body).expect("text")).collect()
}

pub(crate) fn answers(store: &Store, from: &str, to: &str, epoch: u64) -> Vec<Answer> {
    match apply(store, ask(from, to, epoch)) {
        Outcome::Answers(answers) => answers,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn purged(store: &Store, now_ms: u64) -> Vec<GivenUp> {
    match apply_at(store, Change::Purge, now_ms) {
        Outcome::GivenUp(given_up) => given_up,
        other => panic!("{other:?}"),
    }
}

/// Returns all that a store holds, row by row.
pub(crate) fn content(store: &Store) -> String {
    let read = store.on_database(|db| Ok(db.begin_read()?)).expect("read");
    let mut content = String::new();
    macro_rules! dump {
        ($($table:expr)*) => {$(
            for row in read.open_table($table).expect("table").iter().expect("rows") {
                let (key, value) = row.expect("row");
                content.push_str(&format!("{:?} {:?}\n", key.value(), value.value()));
            }
        )*};
    }
    dump!(META schema::USERS schema::KEYS schema::SECRETS schema::QUEUE schema::INDEX);
    dump!(schema::USAGE schema::CUSTODY schema::RECEIPTS);
    content
}

/// Returns how many rows there are in `queue`, `index`, `usage`, `custody` and `receipts`.
pub(crate) fn rows(store: &Store) -> [u64; 5] {
    let read = store.on_database(|db| Ok(db.begin_read()?)).expect("read");
    macro_rules! len {
        ($table:ident) => {
            read.open_table(schema::$table).expect("table").len().expect("rows")
        };
    }
    [len!(QUEUE), len!(INDEX), len!(USAGE), len!(CUSTODY), len!(RECEIPTS)]
}
