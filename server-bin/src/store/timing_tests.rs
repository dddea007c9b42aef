//! How long things take, for people to look at: `cargo test -p breeze-server --release timing --
//! --ignored --nocapture`, with TMPDIR on the disk in question.

use std::time::{Duration, Instant};

use super::bench::*;
use super::*;

const RECIPIENTS: u64 = 200;

#[test]
#[ignore = "prints timings"]
fn timing() {
    let dir = tempfile::tempdir().expect("dir");
    let limits = Limits { messages: 1 << 20, bytes: 8 << 30, ..Limits::default() };
    let store = Store::open(dir.path(), limits).expect("open");
    let name = |n: u64| format!("user-{}", n % RECIPIENTS);
    let claims: Vec<_> = (0..RECIPIENTS).map(|n| claim(&name(n))).collect();
    store.apply(&claims, NOW).expect("claim");
    let mut n = 0;
    // One sender to each recipient in turn.
    let mut next = |size: usize| {
        let seq = n / RECIPIENTS + 1;
        let keep = message(&name(n + 1), &name(n), seq, &vec![b'x'; size]);
        n += 1;
        Change::Keep { keep }
    };
    let mut rate = |batch: u64, size: usize, limit: Duration| {
        let (start, mut applies) = (Instant::now(), 0);
        while start.elapsed() < limit {
            let changes: Vec<_> = (0..batch).map(|_| next(size)).collect();
            store.apply(&changes, NOW).expect("apply");
            applies += 1;
        }
        let applies = applies as f64 / start.elapsed().as_secs_f64();
        println!(
            "keep, {size} bytes, batches of {batch}: {applies:.0} applies/s, {:.0} messages/s",
            applies * batch as f64
        );
    };
    rate(1, 100, Duration::from_secs(2));
    rate(256, 100, Duration::from_secs(5));
    rate(256, 2000, Duration::from_secs(5));
    rate(256, 66_000, Duration::from_secs(2));
    let size = || std::fs::metadata(dir.path().join("server.redb")).expect("metadata").len() >> 20;
    let kept = || store.users().expect("users").iter().map(|user| user.messages).sum::<u64>();
    println!("{} messages in {} MiB", kept(), size());

    let time = |what: &str, call: &mut dyn FnMut() -> usize| {
        let start = Instant::now();
        let found = call();
        println!("{what}: {found} in {:?}", start.elapsed());
    };
    time("backlog", &mut || store.backlog(&user(&name(7))).expect("backlog").kept.len());
    time("all pages of one", &mut || kept_for(&store, &name(7)).len());
    time("known claims, 256", &mut || store.apply(&claims, NOW).expect("claim").len());
    time("acknowledge all of one", &mut || {
        store.apply(&[acked(&name(8), &name(7), 1 << 40)], NOW).expect("ack").len()
    });
    time("purge of nothing", &mut || purged(&store, NOW).len());
    time("a purge", &mut || purged(&store, NOW + 90 * DAY_MS).len());
    time("backup", &mut || {
        store.backup(&dir.path().join("copy")).expect("backup");
        1
    });
    drop(store);
    time("open", &mut || usize::from(Store::open(dir.path(), limits).is_ok()));
}
