//! A disk that fails, and works again.

use super::bench::*;
use super::*;
use crate::test_disk::TestDisk;

/// Returns the image of a store that keeps three messages.
fn image() -> Vec<u8> {
    let (disk, store) = store_of(&["al", "bo"], Limits::default());
    keep_all(&store, "al", "bo", 3);
    drop(store);
    disk.image()
}

fn large(seq: u64) -> Change {
    Change::Keep { keep: message("al", "bo", seq, &[b'x'; 20_000]) }
}

#[test]
fn a_full_disk_fails_the_change_and_everything_works_once_it_has_room() {
    let image = image();
    for writes in 0.. {
        let disk = TestDisk::new(image.clone());
        let store = open(&disk, Limits::default()).expect("open");
        disk.fail_after(writes);
        let outcome = store.apply(&[large(4), acked("al", "bo", 1)], NOW);
        let Err(error) = outcome else {
            assert!(writes > 2, "{writes}");
            break;
        };
        assert!(matches!(error, StoreError::Failed { .. }), "{error:?}");
        assert!(error.to_string().contains("room on the disk"), "{error}");
        disk.recover();
        // It may have reached the disk, whole, but was not reported done.
        let kept: Vec<_> = kept_for(&store, "bo").iter().map(|kept| kept.id.seq).collect();
        assert!(kept == [1, 2, 3] || kept == [2, 3, 4], "after {writes} writes: {kept:?}");
        // Its sender tries again, and goes on.
        let outcomes = store.apply(&[large(4), large(5), acked("al", "bo", 2)], NOW);
        assert_eq!(outcomes.expect("apply"), [stored(4), stored(5), Outcome::Done]);
        let now = content(&store);
        drop(store);
        let store = open(&TestDisk::new(disk.image()), Limits::default()).expect("reopen");
        assert_eq!(content(&store), now);
        let kept: Vec<_> = kept_for(&store, "bo").iter().map(|kept| kept.id.seq).collect();
        assert_eq!(kept, [3, 4, 5]);
    }
}

#[test]
fn while_nothing_can_be_written_what_is_there_can_be_read() {
    let disk = TestDisk::new(image());
    let store = open(&disk, Limits::default()).expect("open");
    disk.fail_after(0);
    store.apply(&[large(4)], NOW).expect_err("full");
    // Opening it anew writes a little, where there was something before: a full disk takes that.
    disk.recover();
    assert_eq!(kept_for(&store, "bo").len(), 3);
    disk.fail_after(0);
    let opened = disk.opened();
    for _ in 0..3 {
        let error = store.apply(&[large(4)], NOW).expect_err("full");
        assert!(matches!(error, StoreError::Failed { .. }), "{error:?}");
        assert_eq!(apply(&store, claim("bo")), Outcome::Claimed(Ok(vec![])));
        assert_eq!(store.key(&user("bo")).expect("key"), Some(key_of("bo")));
        assert_eq!(apply(&store, keep("al", "bo", 3)), stored(3), "a repetition");
        assert_eq!(kept_for(&store, "bo").len(), 3);
        assert_eq!(store.backlog(&user("bo")).expect("backlog").kept.len(), 1);
    }
    // Nobody waited for the database to be checked again and again.
    assert_eq!(disk.opened(), opened);
    disk.recover();
    assert_eq!(apply(&store, large(4)), stored(4));
    assert_eq!(disk.opened(), opened);
}

#[test]
fn a_disk_that_cannot_be_read_fails_every_call_until_it_can() {
    let disk = TestDisk::new(image());
    let store = open(&disk, Limits::default()).expect("open");
    disk.fail_after(0);
    disk.set_dead(true);
    store.apply(&[large(4)], NOW).expect_err("dead");
    for _ in 0..2 {
        for error in [
            store.key(&user("bo")).expect_err("dead"),
            store.page(&user("bo"), 0).expect_err("dead"),
            store.backlog(&user("bo")).expect_err("dead"),
            store.apply(&[claim("bo")], NOW).expect_err("dead"),
            store.users().expect_err("dead"),
        ] {
            assert!(matches!(error, StoreError::Failed { .. }), "{error:?}");
        }
    }
    disk.set_dead(false);
    disk.recover();
    assert_eq!(store.key(&user("bo")).expect("key"), Some(key_of("bo")));
    assert_eq!(apply(&store, large(4)), stored(4));
}

#[test]
fn calls_of_many_threads_survive_a_disk_that_comes_and_goes() {
    let disk = TestDisk::new(image());
    let store = open(&disk, Limits::default()).expect("open");
    std::thread::scope(|scope| {
        let reader = || {
            let mut found = 0;
            while found < 200 {
                if let Ok(page) = store.page(&user("bo"), 0) {
                    assert!(page.kept.len() >= 3);
                    found += 1;
                }
            }
        };
        let readers: Vec<_> = (0..3).map(|_| scope.spawn(reader)).collect();
        let mut seq = 4;
        while readers.iter().any(|reader| !reader.is_finished()) {
            disk.fail_after(seq as usize % 7);
            if let Ok(outcomes) = store.apply(&[keep("al", "bo", seq)], NOW) {
                assert_eq!(outcomes, [stored(seq)]);
                seq += 1;
            }
            disk.recover();
            if let Ok(outcomes) = store.apply(&[keep("al", "bo", seq)], NOW) {
                assert_eq!(outcomes, [stored(seq)]);
                seq += 1;
            }
        }
        assert_eq!(kept_for(&store, "bo").len() as u64, seq - 1);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_small_file_system_that_fills_up_and_is_emptied() {
    use std::fs;
    use std::io::Write;

    let Some(mount) = small_disk::SmallDisk::mount(24 << 20) else { return };
    let store = Store::open(mount.path(), Limits::default()).expect("open");
    store.apply(&[claim("al"), claim("bo")], NOW).expect("apply");
    let filler = mount.path().join("filler");
    let mut file = fs::File::create(&filler).expect("create");
    let (mut chunk, mut seq) = (1 << 20, 0);
    // Full to the last byte, but for what the store has already.
    while chunk > 0 {
        while file.write_all(&vec![1; chunk]).is_ok() {}
        chunk /= 2;
    }
    let error = loop {
        match store.apply(&[large(seq + 1)], NOW) {
            Ok(outcomes) => assert_eq!(outcomes, [stored(seq + 1)]),
            Err(error) => break error,
        }
        seq += 1;
    };
    assert!(matches!(error, StoreError::Failed { .. }), "{error:?}");
    for _ in 0..3 {
        assert_eq!(apply(&store, claim("bo")), Outcome::Claimed(Ok(vec![])), "{seq}");
        assert_eq!(store.key(&user("al")).expect("key"), Some(key_of("al")));
        let kept = kept_for(&store, "bo").len() as u64;
        assert!(kept == seq || kept == seq + 1, "{kept} of {seq}");
        store.apply(&[large(seq + 1), large(seq + 2)], NOW).expect_err("full");
    }
    let busy = Store::open(mount.path(), Limits::default()).expect_err("open already");
    assert!(matches!(busy, StoreError::InUse { .. }), "{busy:?}");
    drop(file);
    fs::remove_file(&filler).expect("remove");
    let outcomes = store.apply(&[large(seq + 1), large(seq + 2)], NOW).expect("apply");
    assert_eq!(outcomes, [stored(seq + 1), stored(seq + 2)]);
    drop(store);
    let store = Store::open(mount.path(), Limits::default()).expect("reopen");
    assert_eq!(kept_for(&store, "bo").len() as u64, seq + 2);
}

#[cfg(target_os = "linux")]
mod small_disk {
    use std::env;
    use std::io::{Write, stderr};
    use std::path::Path;
    use std::process::Command;

    /// Is a file system in memory of a given size, for as long as it is held.
    pub(super) struct SmallDisk {
        dir: tempfile::TempDir,
    }

    impl SmallDisk {
        /// Mounts it, or says loudly that this machine does not allow it.
        pub(super) fn mount(bytes: u64) -> Option<Self> {
            let dir = tempfile::tempdir().expect("dir");
            let size = format!("size={bytes}");
            let outcome = Command::new("mount")
                .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
                .arg(dir.path())
                .output();
            match outcome {
                Ok(output) if output.status.success() => return Some(Self { dir }),
                Ok(output) => skip(String::from_utf8_lossy(&output.stderr).trim()),
                Err(error) => skip(&error.to_string()),
            }
            None
        }

        pub(super) fn path(&self) -> &Path {
            self.dir.path()
        }
    }

    impl Drop for SmallDisk {
        fn drop(&mut self) {
            // Lazily: a test that failed may have files open.
            let _ = Command::new("umount").arg("-l").arg(self.dir.path()).output();
        }
    }

    /// Says that a test cannot run, or fails it where everything must run.
    fn skip(why: &str) {
        assert!(
            !env::var("BREEZE_REQUIRE_NETNS").is_ok_and(|value| value == "1"),
            "BREEZE_REQUIRE_NETNS is set, but no file system can be mounted: {why}"
        );
        // Not `eprintln`, which is shown for failed tests only.
        let _ = writeln!(stderr(), "SKIPPED: no file system can be mounted: {why}");
    }
}
