use std::fs;
use std::path::Path;

use breeze_core::files::{
    EntryKind, FileDetails, FileKind, FolderEntry, MAX_DEPTH, MAX_ENTRIES, MAX_LIST, NameError,
    Offer, blocks,
};

use super::list_error::ListError;
use super::survey::Skipped;
use super::testing::{ID, Offered, WATCH, feed, hash_of, tempdir};
use super::{Resumed, Sink, SinkError, SourceError, Survey};

const DETAILS: FileDetails = FileDetails { modified: 0, executable: false };

fn file(up: u8, name: &str, size: u64) -> FolderEntry<'_> {
    FolderEntry { up, name, what: EntryKind::File { size, details: DETAILS } }
}

fn folder(up: u8, name: &str) -> FolderEntry<'_> {
    FolderEntry { up, name, what: EntryKind::Folder }
}

fn list_of(entries: &[FolderEntry<'_>]) -> Vec<u8> {
    entries
        .iter()
        .fold(Vec::new(), |list, entry| postcard::to_extend(entry, list).expect("an entry"))
}

/// Sends a folder's stream, and says what was wrong with it. Nothing but the list is on the disk then.
#[track_caller]
fn refusal(list: &[u8], entries: u32, size: u64) -> ListError {
    let dir = tempdir();
    let to = dir.path().join("to");
    fs::create_dir(&to).expect("a folder");
    let kind = FileKind::Folder { entries, list: list.len() as u32 };
    let offer = Offer { name: "evil", kind, size, root: [0; 32] };
    let refused = match Sink::create(&to, ID, &offer) {
        Ok(mut sink) => sink.write(0, list).expect_err("refused"),
        Err(error) => error,
    };
    let content = to.join(format!(".evil.{ID:x}.breeze-part/content"));
    assert_eq!(fs::read_dir(content).expect("a folder").count(), 0);
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1);
    match refused {
        SinkError::List(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn lists_are_refused_for_what_is_wrong_before_anything_is_created() {
    let names = [
        ("..", NameError::Dots),
        (".", NameError::Dots),
        ("", NameError::Length),
        ("../../x", NameError::Character('/')),
        ("/etc/passwd", NameError::Character('/')),
        ("a\\b", NameError::Character('\\')),
        ("C:x", NameError::Character(':')),
        ("a\u{7}", NameError::Character('\u{7}')),
        ("a\0", NameError::Character('\0')),
        ("nul", NameError::Device),
        ("COM1.txt", NameError::Device),
        ("a. ", NameError::End),
    ];
    for (name, why) in names {
        for bad in [file(0, name, 1), folder(0, name)] {
            let list = list_of(&[file(0, "fine", 1), bad]);
            let error = refusal(&list, 2, list.len() as u64 + 2);
            assert_eq!(error, ListError::Name { entry: 1, why }, "{name:?}");
        }
    }
    let refused = |entries: &[FolderEntry<'_>], content: u64| {
        let list = list_of(entries);
        refusal(&list, entries.len() as u32, list.len() as u64 + content)
    };
    assert_eq!(refused(&[file(0, "a", 1), file(0, "A", 1)], 2), ListError::Clash(1));
    assert_eq!(refused(&[folder(0, "ä"), file(1, "Ä", 1)], 1), ListError::Clash(1));
    assert_eq!(refused(&[folder(0, "a"), folder(1, "b"), folder(1, "a")], 0), ListError::Clash(2));
    // A name that was a file's does not become a folder's.
    assert_eq!(
        refused(&[file(0, "a", 1), folder(0, "a"), file(0, "x", 1)], 2),
        ListError::Clash(1)
    );
    assert_eq!(refused(&[file(1, "a", 1)], 1), ListError::Up(0));
    assert_eq!(refused(&[folder(0, "a"), file(2, "b", 1)], 1), ListError::Up(1));
    assert_eq!(refused(&[file(0, "a", 5)], 4), ListError::Size);
    assert_eq!(refused(&[file(0, "a", 5)], 6), ListError::Size);
    assert_eq!(refused(&[file(0, "a", u64::MAX), file(0, "b", u64::MAX)], 6), ListError::Size);
    let deep = vec![folder(0, "d"); MAX_DEPTH + 1];
    assert_eq!(refused(&deep, 0), ListError::Depth(MAX_DEPTH as u32));
    let list = list_of(&[file(0, "a", 1)]);
    let size = list.len() as u64 + 1;
    assert_eq!(refusal(&list, 2, size), ListError::Count);
    assert_eq!(refusal(&list, 0, size), ListError::Count);
    let trailing = [&list[..], &[0, 5, b'x']].concat();
    assert_eq!(refusal(&trailing, 2, size + 3), ListError::Entry(1));
    let not_text = [0, 1, 0xff, 0];
    assert_eq!(refusal(&not_text, 1, 4), ListError::Entry(0));
}

#[test]
fn offers_that_make_no_sense_are_refused_before_anything_is_created() {
    let dir = tempdir();
    let create = |name, kind, size| {
        let error = Sink::create(dir.path(), ID, &Offer { name, kind, size, root: [0; 32] });
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 0);
        error.expect_err("refused")
    };
    let error = create("../x", FileKind::File(DETAILS), 5);
    assert!(matches!(error, SinkError::Name(NameError::Character('/'))));
    let many = FileKind::Folder { entries: MAX_ENTRIES + 1, list: 5 };
    assert!(matches!(create("x", many, 5), SinkError::List(ListError::TooLarge)));
    let long = FileKind::Folder { entries: 1, list: MAX_LIST + 1 };
    assert!(matches!(create("x", long, u64::MAX), SinkError::List(ListError::TooLarge)));
    let longer = FileKind::Folder { entries: 1, list: 6 };
    assert!(matches!(create("x", longer, 5), SinkError::List(ListError::Longer)));
}

#[test]
fn the_deepest_folder_and_the_longest_names_arrive() {
    let dir = tempdir();
    let long = "ü".repeat(127) + "x";
    let mut entries = vec![folder(0, &long); MAX_DEPTH];
    entries.push(file(0, &long, 3));
    entries.push(file(MAX_DEPTH as u8, "outermost", 0));
    let list = list_of(&entries);
    let stream = [&list[..], b"abc"].concat();
    let size = stream.len() as u64;
    assert_eq!(blocks(size), 1);
    let kind = FileKind::Folder { entries: entries.len() as u32, list: list.len() as u32 };
    let offer = Offer { name: &long, kind, size, root: hash_of(&stream, 0) };
    let mut sink = Sink::create(dir.path(), u128::MAX, &offer).expect("a sink");
    feed(&mut sink, &stream, size - 1, 1000).expect("all");
    drop(sink);
    let resumed = Sink::resume(dir.path(), u128::MAX, &offer, WATCH);
    let Ok(Resumed::Begun(mut sink)) = resumed else { panic!("{resumed:?}") };
    assert_eq!(sink.held(), size - 1);
    feed(&mut sink, &stream, size, 1000).expect("all");
    let path = sink.finish(false).expect("finished");
    // What was received can be sent on as it is.
    let offered = Offered::new(&path);
    assert_eq!(offered.survey.offer(offered.tree.root()).kind, kind);
    let mut sink = Sink::create(dir.path(), 1, &offer).expect("a sink");
    feed(&mut sink, &stream, size, 1000).expect("all");
    let path = sink.finish(false).expect("finished");
    let name = path.file_name().expect("a name").to_str().expect("text");
    assert!(name.len() <= 255 && name.ends_with("ü (2)"), "{name}");
    sink.tidy().expect("tidy");
}

#[test]
fn bytes_out_of_turn_and_wrong_content_are_refused() {
    let dir = tempdir();
    let stream = [7; 1000];
    let kind = FileKind::File(DETAILS);
    let offer = Offer { name: "x", kind, size: 1000, root: hash_of(&stream, 0) };
    let mut sink = Sink::create(dir.path(), ID, &offer).expect("a sink");
    assert!(matches!(sink.write(1, &stream[1..]), Err(SinkError::Order { expected: 0 })));
    assert!(matches!(sink.write(0, &[7; 1001]), Err(SinkError::Order { expected: 0 })));
    assert!(matches!(sink.verified(0, &[0; 32]), Err(SinkError::Order { .. })));
    sink.write(0, &stream).expect("all");
    assert!(matches!(sink.verified(1, &[0; 32]), Err(SinkError::Order { .. })));
    assert!(matches!(sink.finish(false), Err(SinkError::Incomplete)));
    sink.verified(0, &[1; 32]).expect("a hash");
    assert!(matches!(sink.verified(0, &[1; 32]), Err(SinkError::Order { .. })));
    assert!(matches!(sink.finish(false), Err(SinkError::Mismatch)));
    drop(sink);
    Sink::discard(dir.path(), ID, &offer).expect("discarded");
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 0);
}

#[cfg(unix)]
#[test]
fn links_in_the_place_of_parts_are_not_followed() {
    use std::os::unix::fs::symlink;

    let dir = tempdir();
    let (to, victim) = (dir.path().join("to"), dir.path().join("victim"));
    fs::create_dir(&to).expect("a folder");
    let (part, hashes) =
        (to.join(format!(".x.{ID:x}.breeze-part")), to.join(format!(".x.{ID:x}.breeze-hashes")));
    let stream = [7; 1000];
    let kind = FileKind::File(DETAILS);
    let offer = Offer { name: "x", kind, size: 1000, root: hash_of(&stream, 0) };
    let untouched = || {
        assert_eq!(fs::read(&victim).expect("the victim"), [1; 2000]);
    };
    fs::write(&victim, [1; 2000]).expect("a victim");
    symlink(&victim, &part).expect("a link");
    let created = Sink::create(&to, ID, &offer);
    assert!(matches!(created, Err(SinkError::Io { .. })), "{created:?}");
    untouched();
    let resumed = Sink::resume(&to, ID, &offer, WATCH);
    assert!(matches!(resumed, Err(SinkError::Foreign { .. })), "{resumed:?}");
    untouched();
    // Another name of the victim's is no better than a link.
    fs::remove_file(&part).expect("removed");
    fs::hard_link(&victim, &part).expect("a link");
    let resumed = Sink::resume(&to, ID, &offer, WATCH);
    assert!(matches!(resumed, Err(SinkError::Foreign { .. })), "{resumed:?}");
    untouched();
    fs::remove_file(&part).expect("removed");
    fs::write(&part, []).expect("a part");
    for link in [true, false] {
        let _ = fs::remove_file(&hashes);
        let linked = if link { symlink(&victim, &hashes) } else { fs::hard_link(&victim, &hashes) };
        linked.expect("a link");
        let resumed = Sink::resume(&to, ID, &offer, WATCH);
        assert!(matches!(resumed, Err(SinkError::Foreign { .. })), "{resumed:?}");
        untouched();
    }
    Sink::discard(&to, ID, &offer).expect("discarded");
    untouched();
    // A pipe holds nobody up.
    let status = std::process::Command::new("mkfifo").arg(&part).status().expect("mkfifo");
    assert!(status.success());
    let resumed = Sink::resume(&to, ID, &offer, WATCH);
    assert!(matches!(resumed, Err(SinkError::Foreign { .. })), "{resumed:?}");
    Sink::discard(&to, ID, &offer).expect("discarded");
}

#[cfg(unix)]
#[test]
fn links_in_a_part_folder_are_not_followed() {
    use std::os::unix::fs::symlink;

    let dir = tempdir();
    let (to, victim) = (dir.path().join("to"), dir.path().join("victim"));
    fs::create_dir_all(&to).expect("a folder");
    fs::create_dir_all(&victim).expect("a folder");
    fs::write(victim.join("f"), [1; 50]).expect("a victim");
    let list = list_of(&[folder(0, "d"), file(0, "f", 100)]);
    let kind = FileKind::Folder { entries: 2, list: list.len() as u32 };
    let stream = [&list[..], &[5; 100]].concat();
    let size = stream.len() as u64;
    let offer = Offer { name: "x", kind, size, root: hash_of(&stream, 0) };
    let mut sink = Sink::create(&to, ID, &offer).expect("a sink");
    feed(&mut sink, &stream, size - 10, 1000).expect("most");
    drop(sink);
    let d = to.join(format!(".x.{ID:x}.breeze-part/content/d"));
    fs::remove_file(d.join("f")).expect("removed");
    symlink(victim.join("f"), d.join("f")).expect("a link");
    assert!(Sink::resume(&to, ID, &offer, WATCH).is_err());
    fs::remove_dir_all(&d).expect("removed");
    symlink(&victim, &d).expect("a link");
    assert!(Sink::resume(&to, ID, &offer, WATCH).is_err());
    Sink::discard(&to, ID, &offer).expect("discarded");
    assert_eq!(fs::read(victim.join("f")).expect("the victim"), [1; 50]);
    assert_eq!(fs::read_dir(&to).expect("a folder").count(), 0);
}

#[test]
fn what_cannot_be_offered_is_refused_by_name() {
    let dir = tempdir();
    let path = dir.path().join("f");
    let survey = |path: &Path| Survey::new(path).map(|survey| survey.skipped());
    assert!(matches!(survey(&path), Err(SourceError::Missing { .. })));
    fs::create_dir(&path).expect("a folder");
    assert!(matches!(survey(&path), Ok(Skipped { links: 0, others: 0 })));
    assert!(matches!(survey(Path::new("/")), Err(SourceError::NotText { .. })));
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::symlink;

        let bad = |name: &[u8]| {
            let bad = path.join(std::ffi::OsStr::from_bytes(name));
            fs::write(&bad, []).expect("a file");
            let error = survey(&path).expect_err("refused");
            fs::remove_file(bad).expect("removed");
            error
        };
        assert!(
            matches!(bad(b"\xff"), SourceError::NotText { path } if path.starts_with(dir.path()))
        );
        assert!(matches!(bad(b"a:b"), SourceError::Name { path, .. } if path.ends_with("a:b")));
        fs::write(path.join("Name"), []).expect("a file");
        assert!(matches!(bad(b"name"), SourceError::Clash { path } if path.ends_with("name")));
        symlink("/etc", path.join("link")).expect("a link");
        symlink("nowhere", path.join("link2")).expect("a link");
        let fifo = path.join("fifo");
        let status = std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo");
        assert!(status.success());
        assert!(matches!(survey(&path), Ok(Skipped { links: 2, others: 1 })));
        assert!(matches!(survey(&fifo), Err(SourceError::Neither { .. })));
        // The path itself may be one, and has the link's name.
        symlink(&path, dir.path().join("alias")).expect("a link");
        let alias = Survey::new(&dir.path().join("alias")).expect("a survey");
        assert_eq!(alias.offer([0; 32]).name, "alias");
        assert_eq!(alias.path(), fs::canonicalize(&path).expect("a path"));
    }
}
