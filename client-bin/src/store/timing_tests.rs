//! How long things take, for people to look at: `cargo test -p breeze-client --release timing --
//! --ignored --nocapture`, with TMPDIR on the disk in question.

use std::time::{Duration, Instant};

use breeze_core::id::{Epoch, MessageId, UserId};

use super::{Change, Store};

fn keep(n: u64) -> Change {
    let from = UserId::new(&format!("user-{}", n % 100)).expect("user");
    let id = MessageId { epoch: Epoch::from_bits(5), seq: n };
    let (name, text) = ("Somebody".to_owned(), format!("message {n} {}", "x".repeat(90)));
    Change::Keep { from, id, name, text, sent_ms: n, arrived_ms: n }
}

#[test]
#[ignore = "prints timings"]
fn timing() {
    let dir = tempfile::tempdir().expect("dir");
    let path = dir.path().join("node.redb");
    let store = Store::open(&path).expect("open");
    let rate = |size: u64, limit: Duration, next: &mut dyn FnMut() -> Change| {
        let (start, mut applies) = (Instant::now(), 0);
        while start.elapsed() < limit {
            let batch: Vec<_> = (0..size).map(|_| next()).collect();
            store.apply(&batch).expect("apply");
            applies += 1;
        }
        let applies = applies as f64 / start.elapsed().as_secs_f64();
        println!(
            "batches of {size}: {applies:.0} applies/s, {:.0} changes/s",
            applies * size as f64
        );
    };
    let mut n = 0;
    let mut next_keep = || {
        n += 1;
        keep(n)
    };
    println!("keep:");
    rate(1, Duration::from_secs(2), &mut next_keep);
    rate(100, Duration::from_secs(2), &mut next_keep);
    let to = UserId::new("bob").expect("user");
    let mut next_accept = || Change::Accept { to: to.clone(), text: "x".repeat(100), sent_ms: 1 };
    println!("accept (full after 10,000 messages):");
    rate(1, Duration::from_millis(500), &mut next_accept);
    let start = Instant::now();
    for _ in 0..300 {
        let batch: Vec<_> = (0..1000).map(|_| next_keep()).collect();
        store.apply(&batch).expect("apply");
    }
    println!("300,000 more in batches of 1,000: {:?}", start.elapsed());
    let mut next_keep = || {
        n += 1;
        keep(n)
    };
    rate(1, Duration::from_secs(2), &mut next_keep);
    rate(100, Duration::from_secs(2), &mut next_keep);

    let time = |what: &str, call: &dyn Fn() -> usize| {
        let start = Instant::now();
        let found = call();
        println!("{what}: {found} in {:?}", start.elapsed());
    };
    let with = UserId::new("user-7").expect("user");
    time("history, 50", &|| store.history(&with, 50, None).expect("history").len());
    let middle = store.history(&with, 1500, None).expect("history")[0].number;
    time("history, 50 before", &|| store.history(&with, 50, Some(middle)).expect("history").len());
    time("search, nothing found", &|| store.search("nowhere", 50).expect("search").len());
    time("unsettled", &|| store.unsettled().expect("unsettled").len());
    let crashed = dir.path().join("crashed.redb");
    std::fs::copy(&path, &crashed).expect("copy");
    println!("file: {} MiB", std::fs::metadata(&path).expect("metadata").len() >> 20);
    drop(store);
    time("open", &|| usize::from(Store::open(&path).is_ok()));
    time("open after a crash", &|| usize::from(Store::open(&crashed).is_ok()));
}
