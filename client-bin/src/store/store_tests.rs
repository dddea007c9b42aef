use std::fs;
use std::path::PathBuf;

use breeze_core::id::{Epoch, MessageId, PublicKey, UserId};
use breeze_server::test_disk::TestDisk;
use redb::{Database, ReadableDatabase, TableDefinition};

use super::bench::open;
use super::quota::Quota;
use super::{Applied, Change, Contact, DeliveryState, Entry, Origin, Store, StoreError};

struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("dir") }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("node.redb")
    }

    fn open(&self) -> Store {
        Store::open(&self.path()).expect("open")
    }

    fn refusal(&self) -> StoreError {
        Store::open(&self.path()).expect_err("refused")
    }
}

fn user(name: &str) -> UserId {
    UserId::new(name).expect("user")
}

fn apply(store: &Store, change: Change) -> Applied {
    store.apply(&[change]).expect("apply").remove(0)
}

fn accept(to: &str, text: &str) -> Change {
    Change::Accept { to: user(to), text: text.into(), sent_ms: 7 }
}

fn accepted(store: &Store, to: &str, text: &str) -> MessageId {
    match apply(store, accept(to, text)) {
        Applied::Accepted(id) => id,
        other => panic!("{other:?}"),
    }
}

fn keep(from: &str, seq: u64, text: &str, sent_ms: u64) -> Change {
    let id = MessageId { epoch: Epoch::from_bits(9), seq };
    let (name, text) = (from.to_uppercase(), text.into());
    Change::Keep { from: user(from), id, name, text, sent_ms, arrived_ms: 8 }
}

fn texts(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.text.as_str()).collect()
}

fn states(store: &Store, with: &str) -> Vec<DeliveryState> {
    let state = |entry: Entry| match entry.origin {
        Origin::Sent(state) => state,
        Origin::Received { .. } => panic!("received: {entry:?}"),
    };
    store.history(&user(with), 100, None).expect("history").into_iter().map(state).collect()
}

#[test]
fn numbers_go_on_after_a_restart_and_stand_for_each_recipient() {
    let home = Home::new();
    let store = home.open();
    let [one, two, other] =
        [("bob", "a"), ("bob", "b"), ("eve", "c")].map(|(to, text)| accepted(&store, to, text));
    assert_eq!((one.seq, two.seq, other.seq), (1, 2, 1));
    assert_eq!(one.epoch, two.epoch);
    assert_ne!(one.epoch, other.epoch);
    drop(store);
    let store = home.open();
    assert_eq!(accepted(&store, "bob", "d"), MessageId { epoch: one.epoch, seq: 3 });
    let unsettled = store.unsettled().expect("unsettled");
    let sent: Vec<_> = unsettled.iter().map(|m| (m.to.as_str(), m.text.as_str())).collect();
    assert_eq!(sent, [("bob", "a"), ("bob", "b"), ("bob", "d"), ("eve", "c")]);
    assert_eq!((unsettled[1].id, unsettled[1].sent_ms), (two, 7));
    assert_eq!(unsettled[1].state, DeliveryState::Queued);
}

#[test]
fn correspondents_are_those_of_any_message_the_latest_first() {
    let home = Home::new();
    let store = home.open();
    assert_eq!(store.correspondents(9).expect("none"), []);
    for to in ["eve", "bob", "bob", "carol", "eve"] {
        accepted(&store, to, "hello");
    }
    apply(&store, keep("dan", 1, "hi", 7));
    let names = |limit| store.correspondents(limit).expect("all");
    assert_eq!(names(9), ["dan", "eve", "carol", "bob"].map(user));
    assert_eq!(names(2), ["dan", "eve"].map(user));
}

#[test]
fn states_move_on_together_and_never_back() {
    use DeliveryState::{Delivered, Failed, Queued, Read, Stored};

    let home = Home::new();
    let store = home.open();
    let batch: Vec<_> = (0..5).map(|n| accept("bob", &n.to_string())).collect();
    let applied = store.apply(&batch).expect("apply");
    let Applied::Accepted(MessageId { epoch, .. }) = applied[0] else { panic!("{applied:?}") };
    let id = |seq| MessageId { epoch, seq };
    let to = user("bob");
    let stored = |upto| Change::Stored { to: to.clone(), epoch, upto };
    let delivered = |upto| Change::Delivered { to: to.clone(), epoch, upto };
    let read = |upto| Change::Read { to: to.clone(), epoch, upto };
    let failed = |seq| Change::Failed { to: to.clone(), id: id(seq), reason: "quota".into() };

    assert_eq!(apply(&store, stored(3)), Applied::Advanced(vec![id(1), id(2), id(3)]));
    assert_eq!(apply(&store, failed(2)), Applied::Failed(true));
    assert_eq!(apply(&store, failed(2)), Applied::Failed(false));
    assert_eq!(apply(&store, delivered(3)), Applied::Advanced(vec![id(1), id(3)]));
    assert_eq!(apply(&store, stored(3)), Applied::Advanced(vec![]));
    assert_eq!(apply(&store, failed(1)), Applied::Failed(false));
    assert_eq!(apply(&store, failed(6)), Applied::Failed(false));
    assert_eq!(apply(&store, read(1)), Applied::Advanced(vec![id(1)]));
    assert_eq!(apply(&store, delivered(1)), Applied::Advanced(vec![]));
    // A receipt for more than was ever sent is taken for what it can mean.
    assert_eq!(apply(&store, stored(u64::MAX)), Applied::Advanced(vec![id(4), id(5)]));
    let foreign = Change::Read { to, epoch: Epoch::from_bits(epoch.to_bits() ^ 1), upto: 5 };
    assert_eq!(apply(&store, foreign), Applied::Advanced(vec![]));
    let expected = [Read, Failed("quota".into()), Delivered, Stored, Stored];
    assert_eq!(states(&store, "bob"), expected);
    let ids: Vec<_> = store.unsettled().expect("unsettled").iter().map(|m| m.id.seq).collect();
    assert_eq!(ids, [4, 5]);
    accepted(&store, "bob", "5");
    drop(store);
    let store = home.open();
    assert_eq!(states(&store, "bob")[..5], expected);
    assert_eq!(states(&store, "bob")[5], Queued);
    assert_eq!(texts(&store.outbox(9, None).expect("outbox")), ["3", "4", "5"]);
}

#[test]
fn a_message_is_kept_once() {
    let disk = TestDisk::default();
    let store = open(&disk, Quota::default()).expect("open");
    let twice = [keep("bob", 1, "first", 1), keep("bob", 1, "forged", 2), keep("eve", 1, "c", 3)];
    let kept = [true, false, true].map(|new| Applied::Kept { new });
    assert_eq!(store.apply(&twice).expect("apply"), kept);
    drop(store);
    let store = open(&disk, Quota::default()).expect("reopen");
    let before = disk.position();
    let known = [false; 3].map(|new| Applied::Kept { new });
    assert_eq!(store.apply(&twice).expect("apply"), known);
    assert_eq!(disk.position(), before, "a repetition went to the disk");
    let history = store.history(&user("bob"), 10, None).expect("history");
    assert_eq!(texts(&history), ["first"]);
    assert_eq!(history[0].origin, Origin::Received { name: "BOB".into() });
    assert_eq!((history[0].sent_ms, history[0].arrived_ms, history[0].id.seq), (1, 8, 1));
}

#[test]
fn history_is_in_order_of_arrival_whatever_the_clocks_say() {
    let home = Home::new();
    let store = home.open();
    store.apply(&[keep("bob", 5, "a", 2_000_000_000_000), accept("eve", "x")]).expect("apply");
    store.apply(&[keep("bob", 1, "b", 0), accept("bob", "c"), keep("bo", 1, "y", 9)]).expect("b");
    store.apply(&[keep("bob", 2, "d", u64::MAX)]).expect("apply");
    let page = |limit, before| store.history(&user("bob"), limit, before).expect("history");
    assert_eq!(texts(&page(10, None)), ["a", "b", "c", "d"]);
    let last = page(3, None);
    assert_eq!(texts(&last), ["b", "c", "d"]);
    assert_eq!(texts(&page(3, Some(last[0].number))), ["a"]);
    assert_eq!(texts(&page(2, Some(last[2].number))), ["b", "c"]);
    let typed = last[2].number.to_string().parse().expect("number");
    assert_eq!(texts(&page(2, Some(typed))), ["b", "c"]);
    assert!(page(0, None).is_empty());
    assert!(store.history(&user("nobody"), 10, None).expect("history").is_empty());
    // This device's own clock goes back, to 1970 in the end.
    for (seq, arrived_ms) in [(3, 2_000_000_000_000), (4, 1_000), (5, 1), (6, 0), (7, 0)] {
        let mut late = keep("al", seq, &seq.to_string(), 5);
        if let Change::Keep { arrived_ms: clock, .. } = &mut late {
            *clock = arrived_ms;
        }
        apply(&store, late);
        apply(&store, Change::Accept { to: user("al"), text: "r".into(), sent_ms: arrived_ms });
    }
    let history = store.history(&user("al"), 100, None).expect("history");
    assert_eq!(texts(&history), ["3", "r", "4", "r", "5", "r", "6", "r", "7", "r"]);
    let last = store.history(&user("al"), 3, Some(history[6].number)).expect("history");
    assert_eq!(texts(&last), ["r", "5", "r"]);
}

#[test]
fn search_finds_parts_in_any_case_newest_first() {
    let home = Home::new();
    let store = home.open();
    let long = "x".repeat(65_000) + "ÄRGER 你好";
    store
        .apply(&[keep("bob", 1, "Hello, World", 1), accept("eve", "hello"), accept("al", &long)])
        .expect("apply");
    let search = |text, limit| store.search(text, limit).expect("search");
    assert_eq!(texts(&search("HELLO", 10)), ["hello", "Hello, World"]);
    assert_eq!(texts(&search("hello", 1)), ["hello"]);
    assert_eq!(texts(&search("ärger 你", 10)), [long.as_str()]);
    assert!(search("hello world", 10).is_empty());
    assert_eq!(search("", 10).len(), 3);
    assert!(search("", 0).is_empty());
}

#[test]
fn contacts_are_what_was_last_said_of_them() {
    let home = Home::new();
    let store = home.open();
    assert_eq!(store.contact(&user("bob")).expect("contact"), None);
    assert!(store.contacts().expect("contacts").is_empty());
    let known = |verified, found: Option<u8>| Contact {
        key: PublicKey::from_bytes([3; 32]),
        verified,
        name: "Bob 鲍勃".into(),
        found: found.map(|byte| PublicKey::from_bytes([byte; 32])),
    };
    let other = (user("al"), Contact::met(PublicKey::from_bytes([9; 32]), "Al"));
    apply(&store, Change::Contact { user: other.0.clone(), contact: other.1.clone() });
    for (verified, found) in [
        (false, None),
        (true, None),
        (true, Some(4)),
        (true, Some(5)),
        (true, None),
        (true, Some(6)),
    ] {
        let contact = known(verified, found);
        let change = Change::Contact { user: user("bob"), contact: contact.clone() };
        assert_eq!(apply(&store, change), Applied::Contact);
        assert_eq!(store.contact(&user("bob")).expect("contact"), Some(contact));
    }
    drop(store);
    let all = home.open().contacts().expect("contacts");
    assert_eq!(Vec::from_iter(all), [other, (user("bob"), known(true, Some(6)))]);
}

#[test]
fn the_outbox_is_in_order_of_arrival_page_by_page() {
    let home = Home::new();
    let store = home.open();
    let batch = ["bob", "al", "bob", "eve", "al"].map(|to| accept(to, to));
    store.apply(&batch).expect("apply");
    let page = |limit, before| store.outbox(limit, before).expect("outbox");
    let all = page(9, None);
    assert_eq!(texts(&all), ["bob", "al", "bob", "eve", "al"]);
    let last = page(2, None);
    assert_eq!(last, all[3..]);
    let before = page(2, Some(last[0].number));
    assert_eq!(before, all[1..3]);
    assert_eq!(page(2, Some(before[0].number)), all[..1]);
    assert!(page(2, Some(all[0].number)).is_empty() && page(0, None).is_empty());
}

#[test]
fn a_recall_finds_what_is_unsettled_from_a_message_on() {
    let home = Home::new();
    let store = home.open();
    let batch: Vec<_> = (1..=6).map(|n| accept("bob", &n.to_string())).collect();
    let applied = store.apply(&batch).expect("apply");
    let Applied::Accepted(MessageId { epoch, .. }) = applied[0] else { panic!("{applied:?}") };
    let (to, id) = (user("bob"), |seq| MessageId { epoch, seq });
    accepted(&store, "bo", "other");
    accepted(&store, "bobby", "other");
    apply(&store, Change::Delivered { to: to.clone(), epoch, upto: 2 });
    apply(&store, Change::Stored { to: to.clone(), epoch, upto: 4 });
    apply(&store, Change::Failed { to: to.clone(), id: id(5), reason: "quota".into() });
    let from = |seq| {
        let messages = store.unsettled_to(&to, id(seq)).expect("unsettled");
        messages.into_iter().map(|m| (m.text, m.state)).collect::<Vec<_>>()
    };
    let all = [("3", DeliveryState::Stored), ("4", DeliveryState::Stored)];
    let all = all.into_iter().chain([("6", DeliveryState::Queued)]);
    let all: Vec<_> = all.map(|(text, state)| (text.to_owned(), state)).collect();
    assert_eq!(from(1), all);
    assert_eq!(from(4), all[1..]);
    assert_eq!(from(7), []);
}

#[test]
fn what_came_in_is_known_by_its_number() {
    let home = Home::new();
    let store = home.open();
    store.apply(&[keep("bob", 3, "a", 1)]).expect("apply");
    let sent = accepted(&store, "bob", "b");
    let has = |from: &str, id| store.has_received(&user(from), id).expect("received");
    let id = |epoch, seq| MessageId { epoch: Epoch::from_bits(epoch), seq };
    assert!(has("bob", id(9, 3)));
    assert!(!has("bob", id(9, 2)) && !has("bob", id(8, 3)) && !has("eve", id(9, 3)));
    assert!(!has("bob", sent));
}

#[test]
fn a_full_outbox_refuses_until_something_is_delivered() {
    let store =
        |messages, bytes| open(&TestDisk::default(), Quota { messages, bytes }).expect("store");
    for store in [store(2, 1000), store(1000, 10)] {
        let one = accepted(&store, "bob", "12345");
        accepted(&store, "eve", "67890");
        let applied = store.apply(&[accept("bob", "x"), keep("bob", 1, "y", 1)]).expect("apply");
        assert_eq!(applied, [Applied::Full, Applied::Kept { new: true }]);
        assert_eq!(store.search("x", 9).expect("search"), []);
        let delivered = Change::Delivered { to: user("bob"), epoch: one.epoch, upto: 1 };
        apply(&store, delivered);
        // No number was used up by what was refused.
        assert_eq!(accepted(&store, "bob", "x").seq, 2);
    }
}

#[test]
fn the_usual_outbox_takes_ten_thousand_messages_or_64_mib() {
    let store = open(&TestDisk::default(), Quota::default()).expect("store");
    let batch = vec![accept("bob", "x"); 10_001];
    let applied = store.apply(&batch).expect("apply");
    assert!(matches!(applied[9_999], Applied::Accepted(MessageId { seq: 10_000, .. })));
    assert_eq!(applied[10_000], Applied::Full);
    let quota = Quota::default();
    assert!(quota.has_room(0, 63 * 1024 * 1024, 1024 * 1024));
    assert!(!quota.has_room(0, 63 * 1024 * 1024, 1024 * 1024 + 1));
}

#[test]
fn one_node_at_a_time() {
    let home = Home::new();
    let store = home.open();
    let error = home.refusal();
    assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    assert!(error.to_string().contains("another breeze uses this home directory"), "{error}");
    drop(store);
    home.open();
}

#[test]
fn a_newer_schema_is_refused_and_stays_as_it_is() {
    const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
    const FUTURE: TableDefinition<'_, &str, &str> = TableDefinition::new("future");

    let home = Home::new();
    let store = home.open();
    accepted(&store, "bob", "a");
    drop(store);
    let set_schema = |version| {
        let db = Database::open(home.path()).expect("open");
        let write = db.begin_write().expect("write");
        write.open_table(META).expect("meta").insert("schema", version).expect("insert");
        write.open_table(FUTURE).expect("future").insert("a", "b").expect("insert");
        write.commit().expect("commit");
    };
    set_schema(3);
    for _ in 0..2 {
        let error = home.refusal();
        assert!(matches!(error, StoreError::NewerSchema { found: 3, known: 2, .. }), "{error:?}");
        assert!(error.to_string().contains("newer breeze (schema 3"), "{error}");
    }
    let db = Database::open(home.path()).expect("open");
    let future = db.begin_read().expect("read").open_table(FUTURE).expect("future");
    assert_eq!(future.get("a").expect("get").expect("entry").value(), "b");
    drop((future, db));
    set_schema(2);
    assert_eq!(home.open().unsettled().expect("unsettled").len(), 1);
    set_schema(0);
    let error = home.refusal();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_store_of_version_1_is_brought_up_to_date() {
    const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
    const FOUND_KEYS: TableDefinition<'_, &str, &[u8; 32]> = TableDefinition::new("found_keys");

    let home = Home::new();
    let store = home.open();
    accepted(&store, "bob", "a");
    let contact = Contact::met(PublicKey::from_bytes([3; 32]), "Bob");
    apply(&store, Change::Contact { user: user("bob"), contact: contact.clone() });
    drop(store);
    // As the version before left it.
    let db = Database::open(home.path()).expect("open");
    let write = db.begin_write().expect("write");
    write.open_table(META).expect("meta").insert("schema", 1).expect("insert");
    assert!(write.delete_table(FOUND_KEYS).expect("delete"));
    write.commit().expect("commit");
    drop(db);

    let store = home.open();
    assert_eq!(texts(&store.outbox(9, None).expect("outbox")), ["a"]);
    assert_eq!(store.contact(&user("bob")).expect("contact"), Some(contact.clone()));
    let contact = Contact { found: Some(PublicKey::from_bytes([4; 32])), ..contact };
    apply(&store, Change::Contact { user: user("bob"), contact: contact.clone() });
    drop(store);
    let store = home.open();
    assert_eq!(store.contact(&user("bob")).expect("contact"), Some(contact));
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let home = Home::new();
    for content in [vec![], vec![b'x'; 10], vec![b'x'; 100_000], vec![0; 5000]] {
        fs::write(home.path(), &content).expect("write");
        let error = home.refusal();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
        assert!(error.to_string().contains("is damaged"), "{error}");
        assert!(fs::read(home.path()).expect("read") == content);
    }
}

#[test]
fn a_damaged_page_is_found_when_the_store_is_opened() {
    let home = Home::new();
    let store = home.open();
    accepted(&store, "bob", "a text that is easy to find");
    drop(store);
    let mut content = fs::read(home.path()).expect("read");
    let text = b"a text that is easy to find";
    let at: Vec<_> = (0..content.len()).filter(|&n| content[n..].starts_with(text)).collect();
    assert!(!at.is_empty());
    for at in at {
        content[at] = b'A';
    }
    fs::write(home.path(), content).expect("write");
    let error = home.refusal();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_missing_directory_is_named() {
    let dir = tempfile::tempdir().expect("dir");
    let error = Store::open(&dir.path().join("none/node.redb")).expect_err("missing");
    assert!(matches!(error, StoreError::Failed { .. }), "{error:?}");
    let error = error.to_string();
    assert!(error.contains("none/node.redb") && error.contains("permissions"), "{error}");
}

#[cfg(unix)]
#[test]
fn the_file_is_private_and_alone() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new();
    drop(home.open());
    let metadata = fs::metadata(home.path()).expect("metadata");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(home.dir.path()).expect("list").count(), 1);
}
