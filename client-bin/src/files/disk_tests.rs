#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use breeze_core::files::{BLOCK, FileDetails, FileKind, MAX_DEPTH, Offer};

use super::platform::Dir;
use super::testing::{ID, Offered, WATCH, begun, contents, feed, hash_of, noise, tempdir};
use super::{Sink, SinkError, SourceError, Survey};

/// A file system in memory, which can be full.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// Mounts it, or says that this machine does not allow it.
    fn mount(options: &str) -> Option<Self> {
        let dir = tempfile::tempdir().expect("a folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(dir.path());
        match mount.output() {
            Ok(output) if output.status.success() => Some(Self(dir)),
            why => {
                eprintln!("SKIPPED: needs root, to mount a file system: {why:?}");
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a test that failed may have files open.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}

#[test]
fn a_full_disk_stops_it_where_it_is_and_it_goes_on_once_there_is_room() {
    let Some(disk) = SmallDisk::mount("size=3m") else { return };
    let from = tempdir();
    let folder = from.path().join("all");
    fs::create_dir(&folder).expect("a folder");
    for number in 0..20 {
        fs::write(folder.join(format!("{number:02}")), noise(100_000, number)).expect("a file");
    }
    fs::write(from.path().join("one"), noise(2_000_000, 77)).expect("a file");
    for name in ["all", "one"] {
        let offered = Offered::new(&from.path().join(name));
        let (offer, size) = (offered.offer(), offered.survey.size());
        let filler = disk.0.path().join("filler");
        fs::write(&filler, noise(2_000_000, 5)).expect("room");
        let mut sink = Sink::create(disk.0.path(), ID, &offer).expect("a sink");
        let full = feed(&mut sink, &offered.stream, size, 30_000).expect_err("full");
        assert!(matches!(full, SinkError::Full { .. }), "{full:?}");
        let at = sink.position();
        assert!(at > 500_000 && at < size, "{at}");
        let again = feed(&mut sink, &offered.stream, size, 30_000).expect_err("still full");
        assert!(matches!(again, SinkError::Full { .. }), "{again:?}");
        // Another process goes on, once it has been given room.
        drop(sink);
        fs::remove_file(&filler).expect("removed");
        let mut sink = begun(Sink::resume(disk.0.path(), ID, &offer, WATCH).expect("resumed"));
        assert!(sink.position() >= at - at % BLOCK);
        feed(&mut sink, &offered.stream, size, 30_000).expect("room");
        let path = sink.finish(false).expect("finished");
        sink.tidy().expect("tidy");
        assert_eq!(contents(&path), contents(&from.path().join(name)));
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.expect("gone");
    }
}

#[test]
fn a_disk_without_room_for_names_stops_it_too() {
    // The disk itself, the part folder, its content, the list, the hashes: room for 3 of the files.
    let Some(disk) = SmallDisk::mount("nr_inodes=10") else { return };
    let from = tempdir();
    let folder = from.path().join("all");
    fs::create_dir_all(folder.join("d")).expect("a folder");
    for number in 0..20 {
        fs::write(folder.join(format!("d/{number:02}")), noise(10, number)).expect("a file");
    }
    let offered = Offered::new(&folder);
    let (offer, size) = (offered.offer(), offered.survey.size());
    let mut sink = Sink::create(disk.0.path(), ID, &offer).expect("a sink");
    for _ in 0..2 {
        let full = feed(&mut sink, &offered.stream, size, 7).expect_err("full");
        assert!(matches!(full, SinkError::Full { .. }), "{full:?}");
    }
    let mut remount = Command::new("mount");
    remount.args(["-o", "remount,nr_inodes=100"]).arg(disk.0.path());
    assert!(remount.status().expect("mount").success());
    // The same one goes on.
    feed(&mut sink, &offered.stream, size, 7).expect("room");
    let path = sink.finish(false).expect("finished");
    assert_eq!(contents(&path), contents(&folder));
}

#[test]
fn holes_stay_holes() {
    let dir = tempdir();
    let (from, to) = (dir.path().join("holes"), dir.path().join("to"));
    fs::create_dir(&to).expect("a folder");
    let file = File::create(&from).expect("a file");
    file.set_len(64 << 20).expect("a hole");
    std::os::unix::fs::FileExt::write_all_at(&file, b"here", 20 << 20).expect("written");
    let offered = Offered::new(&from);
    let (offer, size) = (offered.offer(), offered.survey.size());
    let mut sink = Sink::create(&to, ID, &offer).expect("a sink");
    feed(&mut sink, &offered.stream, size - 100_000, 16_000).expect("most");
    let verified = sink.verified_blocks();
    drop(sink);
    let mut sink = begun(Sink::resume(&to, ID, &offer, WATCH).expect("resumed"));
    assert_eq!(sink.verified_blocks(), verified, "holes count as what was verified");
    feed(&mut sink, &offered.stream, size, 16_000).expect("all");
    let path = sink.finish(false).expect("finished");
    let metadata = fs::metadata(&path).expect("metadata");
    assert_eq!(metadata.len(), 64 << 20);
    assert!(metadata.blocks() * 512 < 1 << 20, "{} blocks", metadata.blocks());
    assert_eq!(contents(&path), contents(&from));
}

#[test]
fn others_may_read_it_only_when_it_is_complete() {
    let dir = tempdir();
    let mode = |path: &Path| fs::metadata(path).expect("metadata").mode() & 0o777;
    let probe = dir.path().join("probe");
    fs::write(&probe, []).expect("a file");
    let masked = 0o666 & !mode(&probe);
    fs::remove_file(probe).expect("removed");
    for executable in [false, true] {
        let kind = FileKind::File(FileDetails { modified: -1, executable });
        let offer = Offer { name: "x", kind, size: 3, root: hash_of(b"abc", 0) };
        let mut sink = Sink::create(dir.path(), ID, &offer).expect("a sink");
        assert_eq!(mode(&dir.path().join(format!(".x.{ID:x}.breeze-part"))), 0o600);
        assert_eq!(mode(&dir.path().join(format!(".x.{ID:x}.breeze-hashes"))), 0o600);
        feed(&mut sink, b"abc", 3, 3).expect("all");
        let path = sink.finish(true).expect("finished");
        assert_eq!(mode(&path) & 0o666, 0o644 & !masked);
        assert_eq!(mode(&path) & 0o100 != 0, executable);
        let metadata = fs::metadata(&path).expect("metadata");
        assert_eq!((metadata.mtime(), metadata.mtime_nsec()), (-1, 999_999_999));
        sink.tidy().expect("tidy");
    }
    let kind = FileKind::Folder { entries: 0, list: 0 };
    let offer = Offer { name: "d", kind, size: 0, root: [0; 32] };
    let _sink = Sink::create(dir.path(), ID, &offer).expect("a sink");
    assert_eq!(mode(&dir.path().join(format!(".d.{ID:x}.breeze-part"))), 0o700);
}

#[test]
fn ten_thousand_small_files_arrive() {
    let dir = tempdir();
    let from = dir.path().join("many");
    for number in 0..10_000 {
        let folder = from.join(format!("{:02}", number / 100));
        if number % 100 == 0 {
            fs::create_dir_all(&folder).expect("a folder");
        }
        fs::write(folder.join(number.to_string()), noise(number % 300, 1)).expect("a file");
    }
    let offered = Offered::new(&from);
    let (offer, size) = (offered.offer(), offered.survey.size());
    let to = dir.path().join("to");
    fs::create_dir(&to).expect("a folder");
    let mut sink = Sink::create(&to, ID, &offer).expect("a sink");
    feed(&mut sink, &offered.stream, size * 2 / 3, 65_536).expect("most");
    drop(sink);
    let mut sink = begun(Sink::resume(&to, ID, &offer, WATCH).expect("resumed"));
    feed(&mut sink, &offered.stream, size, 65_536).expect("all");
    let path = sink.finish(false).expect("finished");
    sink.tidy().expect("tidy");
    assert_eq!(contents(&path), contents(&from));
}

#[test]
fn a_folder_that_is_far_too_deep_is_refused_and_not_walked() {
    let dir = tempdir();
    let mut at = Dir::open(dir.path()).expect("a folder");
    for _ in 0..10_000 {
        at = at.make_folder("d", true).expect("a folder");
    }
    drop(at);
    let path = dir.path().join("d");
    let error = Survey::new(&path).expect_err("too deep");
    let SourceError::TooDeep { path: deep } = error else { panic!("{error:?}") };
    // The outermost one is in none.
    let depth = deep.strip_prefix(dir.path()).expect("within").components().count();
    assert_eq!(depth, MAX_DEPTH + 2);
    // Too deep for whoever tidies up, too: from its middle to the top, again and again.
    let top = Dir::open(dir.path()).expect("a folder");
    let mut name = String::from("d");
    for round in 0.. {
        let mut at = top.folder(&name).expect("a folder");
        let mut middle = 0;
        while middle < 50 {
            match at.folder("d") {
                Ok(next) => at = next,
                Err(_) => break,
            }
            middle += 1;
        }
        if at.folder("d").is_err() {
            top.remove_all(&name).expect("removed");
            break;
        }
        let next = format!("next{round}");
        at.rename_new("d", &top, &next).expect("renamed");
        top.remove_all(&name).expect("removed");
        name = next;
    }
}
