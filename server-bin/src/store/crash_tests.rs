//! What is left of a store when power fails: a workload is recorded write by write, and every
//! state of the disk that a failure at any moment could have left is opened again.

use std::ops::Range;

use super::bench::*;
use super::test_disk::{Op, TestDisk};
use super::*;

/// Random choices of surviving sectors, for each wait for the disk.
const CHOICES: usize = 6;
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

/// Is a run of the workload, up to a clean end.
struct Run {
    start: Vec<u8>,
    log: Vec<Op>,
    /// The content before the first step and after each, what was promised by then of al's and
    /// eve's messages, and how long the log was when the step was reported done.
    contents: Vec<(usize, [Promised; 2], String)>,
}

fn run(start: Vec<u8>, steps: Range<u64>) -> Run {
    let disk = TestDisk::new(start.clone());
    let store = reopened(&disk).expect("open");
    let mut promised = [Promised::default(); 2];
    let mut contents = vec![(0, promised, content(&store))];
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
        contents.push((done, promised, content(&store)));
    }
    drop(store);
    Run { start, log: disk.log(), contents }
}

/// Calls `check` with every state of the disk to be tried, the contents that it may have, and the
/// number of operations that had been waited for.
fn for_each_crash(
    run: &Run,
    seed: u64,
    mut check: impl FnMut(Vec<u8>, &[(usize, [Promised; 2], String)], usize),
) {
    let mut random = Random(seed);
    let mut durable = run.start.clone();
    let mut from = 0;
    let all = &run.contents;
    while from < run.log.len() {
        let pending = run.log[from..].iter().take_while(|op| !matches!(op, Op::Sync)).count();
        let ops = &run.log[from..from + pending];
        // Whatever was reported done before the sync that ends this stretch has to be there.
        let done = all.iter().rposition(|(at, ..)| *at <= from + pending).unwrap_or(0);
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

/// Opens what a crash left: it must hold one of the contents, and all that was promised.
fn check(image: Vec<u8>, allowed: &[(usize, [Promised; 2], String)], at: usize) {
    let store = reopened(&TestDisk::new(image))
        .unwrap_or_else(|error| panic!("after operation {at}: {error}"));
    let found = content(&store);
    let is_allowed = allowed.iter().any(|(_, _, content)| *content == found);
    assert!(is_allowed, "after operation {at}: {found}\nallowed: {allowed:#?}");
    let kept = kept_for(&store, "bo");
    for (from, promised) in ["al", "eve"].into_iter().zip(allowed[0].1) {
        let seqs: Vec<_> =
            kept.iter().filter(|kept| kept.from == user(from)).map(|kept| kept.id.seq).collect();
        assert!(seqs.iter().all(|seq| *seq > promised.acked), "after operation {at}: {seqs:?}");
        for seq in promised.acked + 1..=promised.stored {
            // The next step may have acknowledged it, though that was not reported.
            let acked =
                allowed.iter().any(|(_, next, _)| next[usize::from(from == "eve")].acked >= seq);
            assert!(acked || seqs.contains(&seq), "after operation {at}: {seq} of {from} is lost");
        }
    }
}

#[test]
fn whatever_survives_of_the_last_writes_every_promise_is_kept() {
    let run = run(created(), 0..9);
    let mut crashes = 0;
    for_each_crash(&run, 1, |image, allowed, at| {
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
    for_each_crash(&first, 2, |image, allowed, at| {
        // One crash of each stretch is enough of the first ones.
        if std::mem::replace(&mut last_at, at) == at {
            return;
        }
        let second = run(image, 0..0);
        assert!(allowed.iter().any(|(_, _, content)| *content == second.contents[0].2));
        for_each_crash(&second, 3, |image, _, second_at| {
            crashes += 1;
            check(image, allowed, second_at);
        });
    });
    assert!(crashes > 100, "{crashes}");
    println!("{crashes} crashes");
}

#[test]
fn a_crash_while_version_1_is_brought_up_to_date_leaves_its_accounts() {
    use crate::host::database;

    let disk = TestDisk::default();
    let db = database::on_backend(disk.clone(), medium::CACHE).expect("create");
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
    for_each_crash(&migration, 4, |image, _, at| {
        crashes += 1;
        let store = reopened(&TestDisk::new(image)).unwrap_or_else(|e| panic!("after {at}: {e}"));
        assert_eq!(content(&store), migration.contents[0].2);
        for name in NAMES {
            assert_eq!(store.key(&user(name)).expect("key"), Some(key_of(name)));
        }
    });
    assert!(crashes > 50, "{crashes}");
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
