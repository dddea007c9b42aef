//! What is left of a store when power fails: a workload is recorded write by write, and every
//! state of the disk that a failure at any moment could have left is opened again.

use std::ops::Range;

use super::bench::*;
use super::*;
use crate::host::database;
use crate::test_disk::{Recording, TestDisk};

const NAMES: [&str; 3] = ["al", "bo", "eve"];

/// Returns the image of a store with users, as `Store::open` puts it in place.
fn created() -> Vec<u8> {
    let (disk, store) = store_of(&NAMES, Limits::default());
    drop(store);
    disk.image()
}

fn reopened(disk: &TestDisk) -> Result<Store, StoreError> {
    open(disk, Limits::default())
}

/// Returns the changes of a step: messages of all sizes, acknowledgements, receipts, log-ins.
fn step(n: u64) -> Vec<Change> {
    let body = vec![b'a' + (n % 26) as u8; 1 + 700 * n as usize];
    let mut changes = vec![
        Change::Keep { keep: message("al", "bo", 2 * n + 1, &body) },
        Change::Keep { keep: message("al", "bo", 2 * n + 2, b"short") },
        Change::Keep { keep: message("eve", "bo", n + 1, &body[body.len() / 2..]) },
    ];
    match n % 4 {
        0 => changes.push(claim_with("bo", key_of("bo"), 70_000 + n as u32)),
        1 => changes.push(acked("al", "bo", n)),
        2 => changes.push(read("al", "bo", n)),
        _ => changes.push(acked("eve", "bo", n / 2)),
    }
    changes
}

/// Says of each pair of users and number what the server has answered for: kept, acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Promised {
    stored: u64,
    acked: u64,
}

/// Is how things stand between two steps.
#[derive(Debug)]
struct State {
    /// What was promised by then of al's and eve's messages.
    promised: [Promised; 2],
    content: String,
}

fn run(start: Vec<u8>, steps: Range<u64>) -> Recording<State> {
    let disk = TestDisk::new(start.clone());
    let store = reopened(&disk).expect("open");
    let mut promised = [Promised::default(); 2];
    let mut states = vec![(0, State { promised, content: content(&store) })];
    for n in steps {
        let changes = step(n);
        let outcomes = store.apply(&changes, NOW).expect("apply");
        let done = disk.position();
        for (change, outcome) in changes.iter().zip(outcomes) {
            let of = |from| usize::from(from == &user("eve"));
            match (change, outcome) {
                (Change::Keep { keep }, Outcome::Kept(answer)) => {
                    assert_eq!(answer, breeze_core::Answer::Stored { upto: keep.id.seq });
                    promised[of(&keep.from)].stored = keep.id.seq;
                }
                (Change::Acked { from, id, .. }, _) => promised[of(from)].acked = id.seq,
                (_, outcome) => assert!(matches!(outcome, Outcome::Done | Outcome::Claimed(Ok(_)))),
            }
        }
        states.push((done, State { promised, content: content(&store) }));
    }
    drop(store);
    Recording { start, log: disk.log(), states }
}

/// Opens what a crash left: it must hold one of the contents, and all that was promised.
fn check(image: Vec<u8>, allowed: &[&State], at: usize) {
    let store = reopened(&TestDisk::new(image))
        .unwrap_or_else(|error| panic!("after operation {at}: {error}"));
    let found = content(&store);
    let is_allowed = allowed.iter().any(|state| state.content == found);
    assert!(is_allowed, "after operation {at}: {found}\nallowed: {allowed:#?}");
    let kept = kept_for(&store, "bo");
    for (from, promised) in ["al", "eve"].into_iter().zip(allowed[0].promised) {
        let seqs: Vec<_> =
            kept.iter().filter(|kept| kept.from == user(from)).map(|kept| kept.id.seq).collect();
        assert!(seqs.iter().all(|seq| *seq > promised.acked), "after operation {at}: {seqs:?}");
        for seq in promised.acked + 1..=promised.stored {
            // The next step may have acknowledged it, though that was not reported.
            let of = usize::from(from == "eve");
            let acked = allowed.iter().any(|next| next.promised[of].acked >= seq);
            assert!(acked || seqs.contains(&seq), "after operation {at}: {seq} of {from} is lost");
        }
    }
}

#[test]
fn whatever_survives_of_the_last_writes_every_promise_is_kept() {
    let run = run(created(), 0..9);
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
    let first = run(created(), 0..3);
    let mut crashes = 0;
    let mut last_at = usize::MAX;
    first.for_each_crash(2, |image, allowed, at| {
        // One crash of each stretch is enough of the first ones.
        if std::mem::replace(&mut last_at, at) == at {
            return;
        }
        let second = run(image, 0..0);
        let recovered = &second.states[0].1.content;
        assert!(allowed.iter().any(|state| state.content == *recovered));
        second.for_each_crash(3, |image, _, second_at| {
            crashes += 1;
            check(image, allowed, second_at);
        });
    });
    assert!(crashes > 100, "{crashes}");
    println!("{crashes} crashes");
}

#[test]
fn a_crash_while_version_1_is_brought_up_to_date_leaves_its_accounts() {
    let disk = TestDisk::default();
    let db = disk.open(medium::CACHE).expect("create");
    database::migrate(&db, &schema::MIGRATIONS[..1]).expect("version 1");
    let write = db.begin_write().expect("write");
    for name in NAMES {
        let key = key_of(name);
        write.open_table(schema::KEYS).expect("keys").insert(key.as_bytes(), name).expect("insert");
        write.open_table(schema::USERS_1).expect("users").insert(name, key.as_bytes()).expect("in");
    }
    write.commit().expect("commit");
    db.close().expect("close");
    let start = disk.image();
    let migration = run(start, 0..0);
    let mut crashes = 0;
    migration.for_each_crash(4, |image, _, at| {
        crashes += 1;
        let store = reopened(&TestDisk::new(image)).unwrap_or_else(|e| panic!("after {at}: {e}"));
        assert_eq!(content(&store), migration.states[0].1.content);
        for name in NAMES {
            assert_eq!(store.key(&user(name)).expect("key"), Some(key_of(name)));
        }
    });
    assert!(crashes > 50, "{crashes}");
}
