use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use breeze_core::files::{BLOCK, FileKind};
use proptest::prelude::*;

use super::testing::{
    ID, Offered, WATCH, begun, check_proofs, contents, copy, feed, noise, tempdir,
};
use super::{HashError, Resumed, Sink, SinkError, Source, SourceError, Survey, Tree, Watch, hash};

/// A folder with all that there is: large, small and empty files and folders, at several depths.
fn a_folder(at: &Path) {
    fs::create_dir_all(at.join("b/inner/innermost")).expect("folders");
    fs::create_dir_all(at.join("c empty")).expect("a folder");
    fs::create_dir_all(at.join("z")).expect("a folder");
    fs::write(at.join("a.bin"), noise(BLOCK as usize * 2 + 77, 1)).expect("a file");
    fs::write(at.join("b/zero"), []).expect("a file");
    fs::write(at.join("b/inner/run.sh"), b"#!/bin/sh\n").expect("a file");
    fs::write(at.join("b/inner/innermost/x"), noise(3000, 2)).expect("a file");
    let mut holes = noise(400_000, 3);
    holes[10_000..300_000].fill(0);
    holes[390_000..].fill(0);
    fs::write(at.join("holes"), holes).expect("a file");
    fs::write(at.join("z/last, empty"), []).expect("a file");
    executable(&at.join("b/inner/run.sh"));
    let past = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789);
    for file in ["a.bin", "b/zero", "b/inner/run.sh", "z/last, empty"] {
        File::options()
            .write(true)
            .open(at.join(file))
            .expect("a file")
            .set_modified(past)
            .expect("set");
    }
}

fn executable(path: &Path) {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(path, mode).expect("set");
    }
    #[cfg(not(unix))]
    let _ = path;
}

#[test]
fn files_and_folders_arrive_as_they_were() {
    let dir = tempdir();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    fs::create_dir_all(&to).expect("a folder");
    a_folder(&from.join("all"));
    fs::write(from.join("empty"), []).expect("a file");
    fs::create_dir(from.join("empty folder")).expect("a folder");
    fs::write(from.join("exact"), noise(BLOCK as usize * 3, 5)).expect("a file");
    fs::write(from.join("run me"), noise(100, 5)).expect("a file");
    executable(&from.join("run me"));
    for (name, piece) in
        [("all", 10_000), ("empty", 1), ("empty folder", 1), ("exact", 1 << 20), ("run me", 7)]
    {
        let offered = Offered::new(&from.join(name));
        assert_eq!(offered.tree.root(), root_of_hashes(&offered.stream));
        check_proofs(&offered);
        let mut sink = Sink::create(&to, ID, &offered.offer()).expect("a sink");
        assert!(
            matches!(sink.finish(false), Err(SinkError::Incomplete)) || offered.stream.is_empty()
        );
        feed(&mut sink, &offered.stream, offered.survey.size(), piece).expect("all");
        let path = sink.finish(false).expect("finished");
        assert_eq!(path, to.join(name));
        assert_eq!(sink.finish(false).expect("again"), path);
        assert_eq!(contents(&path), contents(&from.join(name)), "{name}");
        sink.tidy().expect("tidy");
    }
    assert_eq!(fs::read_dir(&to).expect("a folder").count(), 5, "nothing but what was sent");
}

fn root_of_hashes(stream: &[u8]) -> [u8; 32] {
    // By the rule for joining, which the core has tested against the whole hash.
    let dir = tempdir();
    let path = dir.path().join("hashes");
    let blocks = breeze_core::files::blocks(stream.len() as u64);
    let hashes: Vec<u8> =
        (0..blocks).flat_map(|block| super::testing::hash_of(stream, block)).collect();
    fs::write(&path, hashes).expect("hashes");
    let file = File::open(path).expect("hashes");
    super::root::root_of(&file, blocks).expect("read").expect("a root")
}

#[test]
fn what_is_there_is_not_overwritten_unless_that_is_asked() {
    let dir = tempdir();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    a_folder(&from.join("f.d"));
    fs::write(from.join("a.txt"), b"new").expect("a file");
    fs::create_dir_all(to.join("f.d/old")).expect("a folder");
    fs::write(to.join("a.txt"), b"old").expect("a file");
    let receive = |name: &str, replace| {
        let offered = Offered::new(&from.join(name));
        let mut sink = Sink::create(&to, ID, &offered.offer()).expect("a sink");
        feed(&mut sink, &offered.stream, offered.survey.size(), 100_000).expect("all");
        let path = sink.finish(replace).expect("finished");
        sink.tidy().expect("tidy");
        assert_eq!(contents(&path), contents(&from.join(name)));
        path.file_name().expect("a name").to_str().expect("text").to_owned()
    };
    assert_eq!(receive("a.txt", false), "a (2).txt");
    assert_eq!(receive("a.txt", false), "a (3).txt");
    assert_eq!(receive("f.d", false), "f.d (2)");
    assert_eq!(fs::read(to.join("a.txt")).expect("a file"), b"old");
    assert!(to.join("f.d/old").exists());
    assert_eq!(receive("a.txt", true), "a.txt");
    assert_eq!(receive("f.d", true), "f.d");
    // One of the other kind stays.
    fs::remove_file(to.join("a.txt")).expect("removed");
    fs::create_dir(to.join("a.txt")).expect("a folder");
    assert_eq!(receive("a.txt", true), "a (4).txt");
    assert_eq!(fs::read_dir(&to).expect("a folder").count(), 6);
}

#[test]
fn a_finished_one_is_found_though_nobody_noted_it() {
    let dir = tempdir();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    a_folder(&from.join("f"));
    fs::write(from.join("a.txt"), noise(1_000_000, 8)).expect("a file");
    fs::write(from.join("empty"), []).expect("a file");
    fs::create_dir_all(to.join("f")).expect("a folder");
    fs::write(to.join("a.txt"), b"other").expect("a file");
    for (name, placed) in [("f", "f (2)"), ("a.txt", "a (2).txt"), ("empty", "empty")] {
        let offered = Offered::new(&from.join(name));
        let offer = offered.offer();
        assert!(matches!(Sink::resume(&to, ID, &offer, WATCH), Ok(Resumed::Nothing)));
        let mut sink = Sink::create(&to, ID, &offer).expect("a sink");
        feed(&mut sink, &offered.stream, offered.survey.size(), 50_000).expect("all");
        sink.finish(false).expect("finished");
        drop(sink);
        match Sink::resume(&to, ID, &offer, WATCH) {
            Ok(Resumed::Finished(path)) => assert_eq!(path, to.join(placed)),
            other => panic!("{other:?}"),
        }
        assert!(matches!(Sink::resume(&to, ID, &offer, WATCH), Ok(Resumed::Nothing)));
    }
    assert_eq!(fs::read_dir(&to).expect("a folder").count(), 5);
}

#[test]
fn a_crash_at_any_byte_loses_at_most_what_was_not_written() {
    let dir = tempdir();
    let from = dir.path().join("all");
    a_folder(&from);
    let offered = Offered::new(&from);
    let (offer, stream) = (offered.offer(), &offered.stream);
    let size = stream.len() as u64;
    let FileKind::Folder { list, .. } = offer.kind else { panic!("a folder") };
    let list = u64::from(list);
    let cuts = [0, 1, list - 1, list, list + 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5];
    let later = (0..12).map(|part| 2 * BLOCK + (size - 2 * BLOCK) * part / 12);
    for (number, cut) in cuts.into_iter().chain(later).chain([size - 1, size]).enumerate() {
        let to = dir.path().join(format!("to{number}"));
        fs::create_dir(&to).expect("a folder");
        let mut sink = Sink::create(&to, ID, &offer).expect("a sink");
        feed(&mut sink, stream, cut, 4000).expect("the beginning");
        let verified = sink.verified_blocks();
        drop(sink);
        let mut sink = begun(Sink::resume(&to, ID, &offer, WATCH).expect("resumed"));
        assert_eq!(sink.verified_blocks(), verified, "{cut}");
        let good = (verified * BLOCK).min(size);
        // But for holes, all of it.
        assert!(sink.position() <= cut && sink.position() >= good, "{cut}");
        let mut held = vec![0; sink.held() as usize];
        assert_eq!(sink.read_at(good, &mut held).expect("read"), held.len());
        let at = good as usize;
        assert!(held == stream[at..at + held.len()], "{cut}");
        feed(&mut sink, stream, size, 100_000).expect("the rest");
        let path = sink.finish(false).expect("finished");
        assert_eq!(contents(&path), contents(&from));
    }
}

#[test]
fn a_rewind_forgets_what_was_wrong() {
    let dir = tempdir();
    let from = dir.path().join("all");
    a_folder(&from);
    let offered = Offered::new(&from);
    let (offer, stream) = (offered.offer(), &offered.stream);
    let mut sink = Sink::create(dir.path(), ID, &offer).expect("a sink");
    let size = stream.len() as u64;
    feed(&mut sink, stream, BLOCK, 4000).expect("the beginning");
    sink.write(BLOCK, &noise(size as usize - BLOCK as usize, 99)).expect("rubbish");
    assert!(matches!(sink.rewind(size + 1), Err(SinkError::Order { .. })));
    sink.rewind(BLOCK).expect("back");
    assert_eq!((sink.position(), sink.verified_blocks()), (BLOCK, 1));
    sink.rewind(10).expect("back into the list");
    assert_eq!((sink.position(), sink.verified_blocks()), (10, 0));
    feed(&mut sink, stream, size, 9999).expect("all");
    sink.rewind(2 * BLOCK).expect("back");
    feed(&mut sink, stream, size, 9999).expect("all");
    let other = dir.path().join("all (2)");
    assert_eq!(sink.finish(false).expect("finished"), other);
    assert_eq!(contents(&other), contents(&from));
}

#[test]
fn changes_after_the_survey_are_noticed() {
    let dir = tempdir();
    let path = dir.path().join("f");
    let changed = |change: &dyn Fn()| {
        let _ = fs::remove_file(&path);
        fs::write(&path, noise(10_000, 1)).expect("a file");
        let past = SystemTime::now() - Duration::from_secs(10);
        File::options().write(true).open(&path).expect("a file").set_modified(past).expect("set");
        let survey = Arc::new(Survey::new(&path).expect("a survey"));
        let mut open = Source::new(Arc::clone(&survey));
        let mut buf = [0; 100];
        open.read_at(0, &mut buf).expect("unchanged");
        change();
        let again = Source::new(survey).read_at(200, &mut buf);
        match again {
            Err(SourceError::Changed { path: changed }) => assert_eq!(changed, path),
            other => panic!("{other:?}"),
        }
        open.read_at(200, &mut buf)
    };
    let resize = |len| {
        let file = File::options().write(true).open(&path).expect("a file");
        file.set_len(len).expect("resized");
    };
    // What was open notices as well, but for what only has another file by its name.
    assert!(changed(&|| fs::write(&path, noise(10_000, 1)).expect("the same, later")).is_err());
    assert!(changed(&|| resize(10_001)).is_err());
    assert!(changed(&|| resize(100)).is_err());
    assert!(changed(&|| fs::remove_file(&path).expect("removed")).is_ok());
    #[cfg(unix)]
    {
        let other = dir.path().join("other");
        let link = || {
            fs::rename(&path, &other).expect("renamed");
            std::os::unix::fs::symlink(&other, &path).expect("a link");
        };
        assert!(changed(&link).is_ok());
    }
}

#[test]
fn hashing_can_be_cancelled_and_trees_be_opened_again() {
    let dir = tempdir();
    let path = dir.path().join("f");
    fs::write(&path, noise(BLOCK as usize * 21 - 9, 4)).expect("a file");
    let survey = Survey::new(&path).expect("a survey");
    let tree = dir.path().join("tree");
    let cancelled = AtomicBool::new(true);
    let watch = Watch { progress: &|_| {}, cancelled: &cancelled };
    assert!(matches!(hash(&survey, &tree, watch), Err(HashError::Cancelled)));
    let most = std::sync::atomic::AtomicU64::new(0);
    let progress = |done| {
        most.fetch_max(done, std::sync::atomic::Ordering::Relaxed);
    };
    let watch = Watch { progress: &progress, ..WATCH };
    let made = hash(&survey, &tree, watch).expect("a tree");
    assert_eq!(most.into_inner(), survey.size());
    let opened = Tree::open(&tree, survey.size(), made.root()).expect("the tree");
    for block in 0..21 {
        assert_eq!(opened.proof(block).expect("a proof"), made.proof(block).expect("a proof"));
    }
    let mut bytes = fs::read(&tree).expect("the tree");
    bytes[33] ^= 1;
    fs::write(&tree, &bytes).expect("the tree");
    assert!(Tree::open(&tree, survey.size(), made.root()).is_err());
    fs::write(&tree, &bytes[..100]).expect("the tree");
    assert!(Tree::open(&tree, survey.size(), made.root()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_crash_does_to_the_disk_is_put_right(
        pieces in proptest::collection::vec(1..300_000usize, 1..12),
        cut in 0.0..1.0f64,
        harm in proptest::collection::vec((0..8usize, any::<u16>(), 0..4u8), 0..4),
    ) {
        let dir = tempdir();
        let from = dir.path().join("all");
        a_folder(&from);
        let offered = Offered::new(&from);
        let (offer, stream) = (offered.offer(), &offered.stream);
        let size = stream.len() as u64;
        let before = dir.path().join("before");
        let to = dir.path().join("to");
        fs::create_dir(&before).expect("a folder");
        let mut sink = Sink::create(&before, ID, &offer).expect("a sink");
        let until = (size as f64 * cut) as u64;
        for piece in pieces.iter().cycle() {
            let next = until.min(sink.position() + *piece as u64);
            feed(&mut sink, stream, next, 70_000).expect("fed");
            if next == until {
                break;
            }
        }
        copy(&before, &to);
        drop(sink);
        let part = to.join(format!(".all.{ID:x}.breeze-part"));
        let targets = [
            "hashes", "list", "content/a.bin", "content/b/zero", "content/b/inner/run.sh",
            "content/holes", "content/b", "content",
        ];
        for (target, place, how) in harm {
            let target = part.join(targets[target]);
            if target.is_dir() {
                if how == 0 {
                    fs::remove_dir_all(target).expect("removed");
                }
                continue;
            }
            let Ok(mut bytes) = fs::read(&target) else { continue };
            let place = if bytes.is_empty() { 0 } else { usize::from(place) * 7 % bytes.len() };
            match how {
                0 => {
                    fs::remove_file(target).expect("removed");
                    continue;
                }
                1 => bytes.truncate(place),
                2 => bytes.extend([1, 2, 3]),
                _ => bytes.iter_mut().skip(place).take(100).for_each(|byte| *byte ^= 0x55),
            }
            fs::write(target, bytes).expect("harm");
        }
        let mut sink = begun(Sink::resume(&to, ID, &offer, WATCH).expect("resumed"));
        // What is held is not verified: here it is read again, as its hash would show it to be wrong.
        let good = (sink.verified_blocks() * BLOCK).min(size);
        let mut held = vec![0; sink.held() as usize];
        sink.read_at(good, &mut held).expect("read");
        if held != stream[good as usize..good as usize + held.len()] {
            sink.rewind(good).expect("back");
        }
        feed(&mut sink, stream, size, 100_000).expect("the rest");
        let path = sink.finish(false).expect("finished");
        prop_assert_eq!(contents(&path), contents(&from));
        sink.tidy().expect("tidy");
        prop_assert_eq!(fs::read_dir(&to).expect("a folder").count(), 1);
    }
}
