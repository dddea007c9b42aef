use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use super::bench::*;
use super::*;

fn open_dir(dir: &tempfile::TempDir) -> Store {
    Store::open(dir.path(), Limits::default()).expect("open")
}

/// Makes a backup, and opens it where a server would.
fn restored(store: &Store) -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().expect("dir");
    store.backup(&dir.path().join("server.redb")).expect("backup");
    let restored = open_dir(&dir);
    (dir, restored)
}

#[test]
fn a_backup_opens_as_a_store_with_the_same_content() {
    let dir = tempfile::tempdir().expect("dir");
    let store = open_dir(&dir);
    store.apply(&[claim("al"), claim_with("bo", key_of("bo"), 777)], NOW).expect("apply");
    store.add_user(&user("eve"), &password("p")).expect("add");
    store.set_quota(&user("bo"), Quota { messages: Some(5), bytes: Some(1000) }).expect("quota");
    keep_all(&store, "al", "bo", 4);
    keep_all(&store, "bo", "al", 2);
    apply(&store, acked("al", "bo", 1));
    apply(&store, read("al", "bo", 1));
    let (_dir, copy) = restored(&store);
    assert_eq!(content(&copy), content(&store));
    // It goes on where the other was: the quota and the places are known.
    assert_eq!(apply(&copy, keep("al", "bo", 5)), stored(5));
    assert_eq!(copy.page(&user("bo"), 6).expect("page").last, 7);
    assert_eq!(apply(&copy, keep("al", "bo", 6)), stored(6));
    assert_ne!(apply(&copy, keep("al", "bo", 7)), stored(7));
}

#[test]
fn a_backup_under_writes_is_of_one_moment() {
    let dir = tempfile::tempdir().expect("dir");
    let store = open_dir(&dir);
    store.apply(&[claim("al"), claim("bo"), claim("eve")], NOW).expect("apply");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Both recipients get each number in one transaction, and acknowledge it in another.
        scope.spawn(|| {
            let mut seq = 0;
            while !done.load(Ordering::Relaxed) {
                seq += 1;
                let keeps = [keep("al", "bo", seq), keep("al", "eve", seq)];
                assert_eq!(store.apply(&keeps, NOW).expect("apply"), [stored(seq), stored(seq)]);
                if seq % 5 == 0 {
                    let acks = [acked("al", "bo", seq - 3), acked("al", "eve", seq - 3)];
                    store.apply(&acks, NOW).expect("apply");
                }
            }
        });
        let mut counts = Vec::new();
        while counts.len() < 5 {
            let (_dir, copy) = restored(&store);
            let (bo, eve) = (kept_for(&copy, "bo"), kept_for(&copy, "eve"));
            assert_eq!(texts(&bo), texts(&eve));
            assert_eq!(answers(&copy, "al", "bo", 1), answers(&copy, "al", "eve", 1));
            if let Some(last) = bo.last() {
                let next = last.id.seq + 1;
                assert_eq!(apply(&copy, keep("al", "bo", next)), stored(next));
                counts.push(next);
            }
        }
        done.store(true, Ordering::Relaxed);
        assert!(counts.is_sorted(), "{counts:?}");
    });
}

#[test]
fn a_file_that_exists_is_not_overwritten() {
    let dir = tempfile::tempdir().expect("dir");
    let store = open_dir(&dir);
    for to in [dir.path().join("copy"), dir.path().join("server.redb")] {
        if !to.exists() {
            fs::write(&to, "something else").expect("write");
        }
        let before = fs::read(&to).expect("read");
        let error = store.backup(&to).expect_err("exists");
        assert!(matches!(error, StoreError::BackupExists { .. }), "{error:?}");
        assert!(error.to_string().contains("exists already"), "{error}");
        assert!(fs::read(&to).expect("read") == before);
    }
}

#[test]
fn a_backup_that_cannot_be_written_is_named_and_harms_nothing() {
    let dir = tempfile::tempdir().expect("dir");
    let store = open_dir(&dir);
    let to = dir.path().join("none/copy");
    let error = store.backup(&to).expect_err("no directory");
    assert!(matches!(error, StoreError::Failed { .. }), "{error:?}");
    assert!(error.to_string().contains("none/copy"), "{error}");
    assert_eq!(apply(&store, claim("al")), Outcome::Claimed(Ok(vec![])));
}

#[cfg(unix)]
#[test]
fn a_backup_is_private_and_alone() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().expect("dir");
    let store = store_of(&["al"], Limits::default()).1;
    let to = dir.path().join("copy");
    store.backup(&to).expect("backup");
    assert_eq!(fs::metadata(&to).expect("metadata").permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(dir.path()).expect("list").count(), 1);
}
