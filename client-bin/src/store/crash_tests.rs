//! What is left of a store when power fails: a workload is recorded write by write, and every
//! state of the disk that a failure at any moment could have left is opened again.

use breeze_core::id::{Epoch, MessageId, PublicKey, UserId};
use redb::{ReadableDatabase, ReadableTable};

use super::quota::Quota;
use super::test_disk::{Op, TestDisk};
use super::{Applied, Change, Contact, Store, StoreError, schema};

/// Random choices of surviving sectors, for each wait for the disk.
const CHOICES: usize = 6;
const USERS: [&str; 3] = ["al", "bob", "eve"];

fn user(n: usize) -> UserId {
    UserId::new(USERS[n % USERS.len()]).expect("user")
}

fn open(disk: &TestDisk) -> Result<Store, StoreError> {
    Store::on_backend(disk.clone(), "test".as_ref(), Quota::default())
}

/// Returns the image of a store that was just created, as `Store::create` puts it in place.
fn created() -> Vec<u8> {
    let disk = TestDisk::default();
    open(&disk).expect("create").db.close().expect("close");
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
        ($($table:ident)*) => {$(
            for row in read.open_table(schema::$table).expect("table").iter().expect("rows") {
                let (key, value) = row.expect("row");
                content.push_str(&format!("{:?} {:?}\n", key.value(), value.value()));
            }
        )*};
    }
    dump!(META CONVERSATIONS RECEIVED SENT EPOCHS NUMBERS OUTBOX);
    content
}

/// Is a run of the workload, up to a clean end.
struct Run {
    start: Vec<u8>,
    log: Vec<Op>,
    /// The content before the first step and after each, and how long the log was when the step
    /// was reported done.
    contents: Vec<(usize, String)>,
}

fn run(start: Vec<u8>, steps: std::ops::Range<usize>) -> Run {
    let disk = TestDisk::new(start.clone());
    let store = open(&disk).expect("open");
    let mut contents = vec![(0, content(&store))];
    let mut epochs: Vec<_> = store.unsettled().expect("all").iter().map(|m| m.id.epoch).collect();
    for n in steps {
        let applied = store.apply(&step(n, &epochs)).expect("apply");
        let done = disk.position();
        epochs.extend(applied.iter().filter_map(|applied| match applied {
            Applied::Accepted(id) => Some(id.epoch),
            _ => None,
        }));
        contents.push((done, content(&store)));
    }
    drop(store);
    Run { start, log: disk.log(), contents }
}

/// Calls `check` with every state of the disk to be tried, the contents that it may have, and the
/// number of operations that had been waited for.
fn for_each_crash(run: &Run, seed: u64, mut check: impl FnMut(Vec<u8>, &[String], usize)) {
    let mut random = Random(seed);
    let mut durable = run.start.clone();
    let mut from = 0;
    let all: Vec<_> = run.contents.iter().map(|(_, content)| content.clone()).collect();
    while from < run.log.len() {
        let pending = run.log[from..].iter().take_while(|op| !matches!(op, Op::Sync)).count();
        let ops = &run.log[from..from + pending];
        // Whatever was reported done before the sync that ends this stretch has to be there.
        let done = run.contents.iter().rposition(|(at, _)| *at <= from + pending).unwrap_or(0);
        let allowed = &all[done..(done + 2).min(all.len())];
        let mut tried = Vec::new();
        let mut crash = |survivors: Vec<Op>| {
            if tried.contains(&survivors) {
                return;
            }
            let mut image = durable.clone();
            survivors.iter().for_each(|op| op.apply(&mut image));
            tried.push(survivors);
            check(image, allowed, from);
        };
        crash(Vec::new());
        for n in 0..pending {
            // The first ones, with the last of them whole or torn; all but one; only one.
            crash(ops[..=n].to_vec());
            crash([&ops[..n], &[ops[n].torn()]].concat());
            crash([&ops[..n], &ops[n + 1..]].concat());
            crash([&ops[..n], &[ops[n].torn()], &ops[n + 1..]].concat());
            crash(vec![ops[n].clone()]);
        }
        for _ in 0..CHOICES {
            crash(ops.iter().flat_map(|op| op.sectors(|| random.next() & 1 == 0)).collect());
        }
        ops.iter().for_each(|op| op.apply(&mut durable));
        from += pending + 1;
    }
}

/// Opens what a crash left; it must hold one of the contents.
fn reopen(image: Vec<u8>, allowed: &[String], at: usize) -> TestDisk {
    let disk = TestDisk::new(image);
    let store = open(&disk).unwrap_or_else(|error| panic!("after operation {at}: {error}"));
    let found = content(&store);
    assert!(allowed.contains(&found), "after operation {at}: {found}\nallowed: {allowed:#?}");
    disk
}

#[test]
fn whatever_survives_of_the_last_writes_every_reported_change_is_there() {
    let run = run(created(), 1..10);
    let mut crashes = 0;
    for_each_crash(&run, 1, |image, allowed, at| {
        crashes += 1;
        reopen(image, allowed, at);
    });
    assert!(crashes > 200, "{crashes}");
    println!("{} operations, {crashes} crashes", run.log.len());
}

#[test]
fn a_crash_while_recovering_from_a_crash_loses_nothing_either() {
    let first = run(created(), 1..4);
    let mut crashes = 0;
    let mut last_at = usize::MAX;
    for_each_crash(&first, 2, |image, allowed, at| {
        // One crash of each stretch is enough of the first ones.
        if std::mem::replace(&mut last_at, at) == at {
            return;
        }
        let second = run(image, 20..21);
        assert!(allowed.contains(&second.contents[0].1), "after operation {at}");
        for_each_crash(&second, 3, |image, allowed, second_at| {
            crashes += 1;
            reopen(image, allowed, second_at);
        });
    });
    assert!(crashes > 200, "{crashes}");
    println!("{crashes} crashes");
}

#[test]
fn a_full_disk_fails_the_change_and_leaves_what_was_there() {
    let disk = TestDisk::new(created());
    let store = open(&disk).expect("open");
    store.apply(&step(1, &[])).expect("apply");
    let entries = |store: &Store| store.search("", usize::MAX).expect("search").len();
    let (before, entries_before) = (content(&store), entries(&store));
    drop(store);
    let image = disk.image();
    for writes in 0.. {
        let disk = TestDisk::new(image.clone());
        let store = open(&disk).expect("open");
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
        let store = open(&TestDisk::new(disk.image())).expect("reopen");
        let after = content(&store);
        let whole = || entries(&store) == entries_before + step(2, &[]).len() - 1;
        assert!(after == before || whole(), "{after}");
        store.apply(&step(3, &[])).expect("apply");
    }
}

/// Is a small generator of random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
