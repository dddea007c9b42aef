//! What is left of a store when power fails: a workload is recorded write by write, and every
//! state of the disk that a failure at any moment could have left is opened again.

use std::ops::Range;

use breeze_core::id::{Epoch, MessageId, PublicKey, UserId};
use breeze_server::host::database::META;
use breeze_server::test_disk::{Recording, TestDisk};
use redb::{ReadableDatabase, ReadableTable};

use super::bench::open;
use super::quota::Quota;
use super::{Applied, Change, Contact, Store, StoreError, schema};

const USERS: [&str; 3] = ["al", "bob", "eve"];

fn user(n: usize) -> UserId {
    UserId::new(USERS[n % USERS.len()]).expect("user")
}

fn reopened(disk: &TestDisk) -> Result<Store, StoreError> {
    open(disk, Quota::default())
}

/// Returns the image of a store that was just created, as `Store::create` puts it in place.
fn created() -> Vec<u8> {
    let disk = TestDisk::default();
    reopened(&disk).expect("create").db.close().expect("close");
    disk.image()
}

/// Returns the changes of a step: messages of all sizes both ways, and receipts for earlier ones.
fn step(n: usize, epochs: &[Epoch]) -> Vec<Change> {
    let (to, epoch, upto) = (user(0), epochs.first().copied(), n as u64);
    let text = |size: usize| char::from(b'a' + (n % 26) as u8).to_string().repeat(size);
    let mut changes: Vec<_> = (0..=n % 3)
        .map(|m| Change::Accept { to: user(m), text: text(1 + n * 700), sent_ms: n as u64 })
        .collect();
    let id = MessageId { epoch: Epoch::from_bits(1), seq: n as u64 };
    let (name, text) = ("Bob".to_owned(), text(1 + n * 150));
    changes.push(Change::Keep { from: user(1), id, name, text, sent_ms: 0, arrived_ms: 1 });
    match (n % 4, epoch) {
        (1, Some(epoch)) => changes.push(Change::Stored { to, epoch, upto }),
        (2, Some(epoch)) => changes.push(Change::Delivered { to, epoch, upto: upto / 2 }),
        (3, Some(epoch)) => {
            let id = MessageId { epoch, seq: upto };
            changes.push(Change::Failed { to, id, reason: "quota".into() });
        }
        _ => {
            let key = PublicKey::from_bytes([n as u8; 32]);
            let found = n.is_multiple_of(8).then_some(PublicKey::from_bytes([0xff; 32]));
            let contact = Contact { key, verified: true, name: "Al".into(), found };
            changes.push(Change::Contact { user: to, contact });
        }
    }
    changes
}

/// Returns all that a store holds, what only its indexes say included.
fn content(store: &Store) -> String {
    let mut content = String::new();
    for n in 0..USERS.len() {
        let history = store.history(&user(n), usize::MAX, None).expect("history");
        let contact = store.contact(&user(n)).expect("contact");
        content.push_str(&format!("{:?}\n{history:?}\n{contact:?}\n", user(n)));
    }
    content.push_str(&format!("{:?}\n", store.unsettled().expect("unsettled")));
    content.push_str(&format!("{:?}\n", store.search("", usize::MAX).expect("search")));
    let read = store.db.begin_read().expect("read");
    macro_rules! dump {
        ($($table:expr)*) => {$(
            for row in read.open_table($table).expect("table").iter().expect("rows") {
                let (key, value) = row.expect("row");
                content.push_str(&format!("{:?} {:?}\n", key.value(), value.value()));
            }
        )*};
    }
    dump!(META schema::CONVERSATIONS schema::RECEIVED schema::SENT schema::EPOCHS);
    dump!(schema::NUMBERS schema::OUTBOX);
    content
}

fn run(start: Vec<u8>, steps: Range<usize>) -> Recording<String> {
    let disk = TestDisk::new(start.clone());
    let store = reopened(&disk).expect("open");
    let mut states = vec![(0, content(&store))];
    let mut epochs: Vec<_> = store.unsettled().expect("all").iter().map(|m| m.id.epoch).collect();
    for n in steps {
        let applied = store.apply(&step(n, &epochs)).expect("apply");
        let done = disk.position();
        epochs.extend(applied.iter().filter_map(|applied| match applied {
            Applied::Accepted(id) => Some(id.epoch),
            _ => None,
        }));
        states.push((done, content(&store)));
    }
    drop(store);
    Recording { start, log: disk.log(), states }
}

/// Opens what a crash left; it must hold one of the contents.
fn check(image: Vec<u8>, allowed: &[&String], at: usize) {
    let store = reopened(&TestDisk::new(image))
        .unwrap_or_else(|error| panic!("after operation {at}: {error}"));
    let found = content(&store);
    assert!(allowed.contains(&&found), "after operation {at}: {found}\nallowed: {allowed:#?}");
}

#[test]
fn whatever_survives_of_the_last_writes_every_reported_change_is_there() {
    let run = run(created(), 1..10);
    let mut crashes = 0;
    run.for_each_crash(1, |image, allowed, at| {
        crashes += 1;
        check(image, allowed, at);
    });
    assert!(crashes > 200, "{crashes}");
    println!("{} operations, {crashes} crashes", run.log.len());
}

#[test]
fn a_crash_while_recovering_from_a_crash_loses_nothing_either() {
    let first = run(created(), 1..4);
    let mut crashes = 0;
    let mut last_at = usize::MAX;
    first.for_each_crash(2, |image, allowed, at| {
        // One crash of each stretch is enough of the first ones.
        if std::mem::replace(&mut last_at, at) == at {
            return;
        }
        let second = run(image, 20..21);
        assert!(allowed.contains(&&second.states[0].1), "after operation {at}");
        second.for_each_crash(3, |image, allowed, second_at| {
            crashes += 1;
            check(image, allowed, second_at);
        });
    });
    assert!(crashes > 200, "{crashes}");
    println!("{crashes} crashes");
}

#[test]
fn a_full_disk_fails_the_change_and_leaves_what_was_there() {
    let disk = TestDisk::new(created());
    let store = reopened(&disk).expect("open");
    store.apply(&step(1, &[])).expect("apply");
    let entries = |store: &Store| store.search("", usize::MAX).expect("search").len();
    let (before, entries_before) = (content(&store), entries(&store));
    drop(store);
    let image = disk.image();
    for writes in 0.. {
        let disk = TestDisk::new(image.clone());
        let store = reopened(&disk).expect("open");
        disk.fail_after(writes);
        let outcome = store.apply(&step(2, &[]));
        let Err(error) = outcome else {
            assert!(writes > 2, "{writes}");
            break;
        };
        assert!(matches!(error, StoreError::Failed { .. }), "{error:?}");
        assert!(error.to_string().contains("room on the disk"), "{error}");
        assert!(store.apply(&step(2, &[])).is_err());
        drop(store);
        // A change that failed may have reached the disk, whole, but was not reported done.
        let store = reopened(&TestDisk::new(disk.image())).expect("reopen");
        let after = content(&store);
        let whole = || entries(&store) == entries_before + step(2, &[]).len() - 1;
        assert!(after == before || whole(), "{after}");
        store.apply(&step(3, &[])).expect("apply");
    }
}
