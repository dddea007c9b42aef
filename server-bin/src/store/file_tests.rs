use std::fs;
use std::path::PathBuf;

use breeze_core::error::LoginRefusal;
use breeze_core::id::PublicKey;
use redb::{Database, ReadableDatabase, TableDefinition};

use super::bench::*;
use super::*;

const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
const USERS_1: TableDefinition<'_, &str, &[u8; 32]> = TableDefinition::new("users");
const KEYS: TableDefinition<'_, &[u8; 32], &str> = TableDefinition::new("keys");
const FUTURE: TableDefinition<'_, &str, &str> = TableDefinition::new("future");

struct Data {
    dir: tempfile::TempDir,
}

impl Data {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("dir") }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("server.redb")
    }

    fn path_1(&self) -> PathBuf {
        self.dir.path().join("accounts.redb")
    }

    fn open(&self) -> Store {
        Store::open(self.dir.path(), Limits::default()).expect("open")
    }

    fn refusal(&self) -> StoreError {
        Store::open(self.dir.path(), Limits::default()).expect_err("refused")
    }

    /// Leaves what a server of version 1 would, with these users.
    fn write_version_1(&self, users: &[(&str, PublicKey)]) -> Database {
        let db = Database::create(self.path_1()).expect("create");
        let write = db.begin_write().expect("write");
        write.open_table(META).expect("meta").insert("schema", 1).expect("insert");
        {
            let mut by_name = write.open_table(USERS_1).expect("users");
            let mut by_key = write.open_table(KEYS).expect("keys");
            for (name, key) in users {
                by_name.insert(*name, key.as_bytes()).expect("insert");
                by_key.insert(key.as_bytes(), *name).expect("insert");
            }
        }
        write.commit().expect("commit");
        db
    }

    fn set_schema(&self, path: PathBuf, version: u64) {
        let db = Database::open(path).expect("open");
        let write = db.begin_write().expect("write");
        write.open_table(META).expect("meta").insert("schema", version).expect("insert");
        write.open_table(FUTURE).expect("future").insert("a", "b").expect("insert");
        write.commit().expect("commit");
    }
}

#[test]
fn the_accounts_of_version_1_are_taken_over() {
    let data = Data::new();
    let key = PublicKey::from_bytes([9; 32]);
    drop(data.write_version_1(&[("al", key_of("al")), ("bo", key)]));
    for _ in 0..2 {
        let store = data.open();
        assert_eq!(store.key(&user("bo")).expect("key"), Some(key));
        assert_eq!(apply(&store, claim("al")), Outcome::Claimed(Ok(vec![])));
        let taken = Outcome::Claimed(Err(LoginRefusal::NameTaken));
        assert_eq!(apply(&store, claim_with("al", PublicKey::from_bytes([8; 32]), 0)), taken);
        let known = Outcome::Claimed(Err(LoginRefusal::KeyHasOtherName));
        assert_eq!(apply(&store, claim_with("eve", key, 0)), known);
        assert!(!data.path_1().exists());
    }
    let store = data.open();
    keep_all(&store, "bo", "al", 3);
    drop(store);
    assert_eq!(texts(&kept_for(&data.open(), "al")), ["bo 1", "bo 2", "bo 3"]);
    // They had keys: whoever loses one is let in again.
    let store = data.open();
    store.reset_key(&user("bo"), &code("a"), NOW).expect("reset");
    let (key, secret) = (key_of("bo"), code("a"));
    let registration = Registration::Closed;
    let enrol = Change::Enrol { user: user("bo"), key, max_frame: 0, secret, registration };
    assert_eq!(apply(&store, enrol), Outcome::Claimed(Ok(vec![])));
}

#[test]
fn a_server_of_version_1_that_runs_keeps_its_file() {
    let data = Data::new();
    let running = data.write_version_1(&[("al", key_of("al"))]);
    let error = data.refusal();
    assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    assert!(error.to_string().contains("accounts.redb is locked"), "{error}");
    assert!(data.path_1().exists() && !data.path().exists());
    drop(running);
    assert_eq!(data.open().key(&user("al")).expect("key"), Some(key_of("al")));
}

#[test]
fn a_file_of_version_1_beside_a_newer_one_is_left_alone() {
    let data = Data::new();
    apply(&data.open(), claim("bo"));
    drop(data.write_version_1(&[("al", key_of("al"))]));
    let store = data.open();
    assert_eq!(store.key(&user("al")).expect("key"), None);
    assert_eq!(store.key(&user("bo")).expect("key"), Some(key_of("bo")));
    assert!(data.path_1().exists());
}

#[test]
fn a_takeover_that_power_failed_is_completed() {
    let data = Data::new();
    drop(data.write_version_1(&[("al", key_of("al"))]));
    fs::rename(data.path_1(), data.path()).expect("rename");
    assert_eq!(data.open().key(&user("al")).expect("key"), Some(key_of("al")));
}

#[test]
fn one_server_at_a_time() {
    let data = Data::new();
    let store = data.open();
    let error = data.refusal();
    assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    let error = error.to_string();
    assert!(error.contains("another breeze-server uses this data directory"), "{error}");
    drop(store);
    // Whatever else has the database open has no lock on the directory.
    let db = Database::open(data.path()).expect("open");
    assert!(matches!(data.refusal(), StoreError::InUse { .. }));
    drop(db);
    data.open();
}

#[test]
fn a_newer_schema_is_refused_and_stays_as_it_is() {
    let data = Data::new();
    apply(&data.open(), claim("al"));
    data.set_schema(data.path(), 3);
    for _ in 0..2 {
        let error = data.refusal();
        assert!(matches!(error, StoreError::NewerSchema { found: 3, known: 2, .. }), "{error:?}");
        assert!(error.to_string().contains("newer breeze-server (schema 3"), "{error}");
    }
    let db = Database::open(data.path()).expect("open");
    let future = db.begin_read().expect("read").open_table(FUTURE).expect("future");
    assert_eq!(future.get("a").expect("get").expect("entry").value(), "b");
    drop((future, db));
    data.set_schema(data.path(), 2);
    assert_eq!(data.open().key(&user("al")).expect("key"), Some(key_of("al")));
    data.set_schema(data.path(), 0);
    let error = data.refusal();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_newer_schema_in_the_old_file_is_refused_too() {
    let data = Data::new();
    drop(data.write_version_1(&[("al", key_of("al"))]));
    data.set_schema(data.path_1(), 3);
    let error = data.refusal();
    assert!(matches!(error, StoreError::NewerSchema { found: 3, known: 2, .. }), "{error:?}");
    assert!(data.path_1().exists() && !data.path().exists());
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    for path in [Data::path, Data::path_1] {
        let data = Data::new();
        for content in [vec![], vec![b'x'; 10], vec![b'x'; 100_000], vec![0; 5000]] {
            fs::write(path(&data), &content).expect("write");
            let error = data.refusal();
            assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
            let error = error.to_string();
            assert!(error.contains("is damaged") && error.contains("backup"), "{error}");
            assert!(fs::read(path(&data)).expect("read") == content);
        }
    }
}

#[test]
fn a_damaged_page_is_found_when_the_store_is_opened() {
    let data = Data::new();
    let store = data.open();
    let body = b"a body that is easy to find";
    store.apply(&[claim("al"), claim("bo")], NOW).expect("apply");
    assert_eq!(apply(&store, Change::Keep { keep: message("al", "bo", 1, body) }), stored(1));
    drop(store);
    let mut content = fs::read(data.path()).expect("read");
    let at: Vec<_> = (0..content.len()).filter(|&n| content[n..].starts_with(body)).collect();
    assert!(!at.is_empty());
    for at in at {
        content[at] = b'A';
    }
    fs::write(data.path(), content).expect("write");
    let error = data.refusal();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_database_that_is_gone_is_not_begun_anew_by_a_running_server() {
    let data = Data::new();
    let store = data.open();
    apply(&store, claim("al"));
    fs::remove_file(data.path()).expect("remove");
    // As after a disk that failed.
    store.close(1);
    let error = store.key(&user("al")).expect_err("gone");
    assert!(matches!(error, StoreError::Failed { .. }), "{error:?}");
    assert!(!data.path().exists());
}

#[test]
fn a_missing_directory_is_named() {
    let data = Data::new();
    let missing = Store::open(&data.dir.path().join("none"), Limits::default());
    let error = missing.expect_err("missing").to_string();
    assert!(error.contains("none") && error.contains("permissions"), "{error}");
}

#[test]
fn a_file_of_version_2_has_all_its_tables() {
    let data = Data::new();
    drop(data.open());
    let db = Database::open(data.path()).expect("open");
    let read = db.begin_read().expect("read");
    let mut tables: Vec<_> = read
        .list_tables()
        .expect("tables")
        .map(|table| redb::TableHandle::name(&table).to_owned())
        .collect();
    tables.sort();
    let expected =
        ["custody", "index", "keys", "meta", "queue", "receipts", "secrets", "usage", "users"];
    assert_eq!(tables, expected);
    let meta = read.open_table(META).expect("meta");
    assert_eq!(meta.get("schema").expect("get").expect("schema").value(), 2);
}

#[cfg(unix)]
#[test]
fn the_files_are_private_and_no_others_stay() {
    use std::os::unix::fs::PermissionsExt;

    let data = Data::new();
    drop(data.open());
    let mut names: Vec<_> = fs::read_dir(data.dir.path())
        .expect("list")
        .map(|entry| entry.expect("entry").file_name().into_string().expect("name"))
        .collect();
    names.sort();
    assert_eq!(names, ["server.lock", "server.redb"]);
    for name in names {
        let metadata = fs::metadata(data.dir.path().join(name)).expect("metadata");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
}
