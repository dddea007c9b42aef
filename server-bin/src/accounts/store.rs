use std::path::{Path, PathBuf};

use breeze_core::error::LoginRefusal;
use breeze_core::id::{PublicKey, UserId};
use redb::backends::FileBackend;
use redb::{
    Database, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, TableError,
};

use super::{Registration, StoreError};
use crate::host::private_file;

const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
const USERS: TableDefinition<'_, &str, &[u8; 32]> = TableDefinition::new("users");
const KEYS: TableDefinition<'_, &[u8; 32], &str> = TableDefinition::new("keys");

const FILE: &str = "accounts.redb";
const SCHEMA_ENTRY: &str = "schema";
const SCHEMA: u64 = 1;
/// Bytes of the database kept in memory: a hundred thousand accounts.
const CACHE: usize = 16 * 1024 * 1024;

/// Knows which key owns which user name, durably.
///
/// Every call blocks, for as long as the disk takes, and may be made from any thread.
#[derive(Debug)]
pub(crate) struct Accounts {
    db: Database,
    path: PathBuf,
}

impl Accounts {
    /// Opens the database in `dir`, and creates it if there is none.
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        let file = private_file::open(&path)
            .map_err(|error| StoreError::new(&path, redb::Error::Io(error)))?;
        let backend = FileBackend::new(file).map_err(|error| StoreError::new(&path, error))?;
        let db = Database::builder()
            .set_cache_size(CACHE)
            .create_with_backend(backend)
            .map_err(|error| StoreError::new(&path, error))?;
        let accounts = Self { db, path };
        match accounts.schema().map_err(|error| accounts.error(error))? {
            Some(SCHEMA) => {}
            Some(found) if found > SCHEMA => {
                return Err(StoreError::NewerSchema { path: accounts.path, found, known: SCHEMA });
            }
            Some(found) => {
                let reason = format!("there never was a schema {found}");
                return Err(StoreError::Damaged { path: accounts.path, reason });
            }
            None => accounts.create_tables().map_err(|error| accounts.error(error))?,
        }
        Ok(accounts)
    }

    /// Answers claims in order: does the key own the user name? Registers both where they are new
    /// and that is allowed.
    ///
    /// New registrations are on disk when this returns: one commit serves them all.
    pub(crate) fn claim(
        &self,
        claims: &[(UserId, PublicKey)],
        registration: Registration,
    ) -> Result<Vec<Result<(), LoginRefusal>>, StoreError> {
        self.try_claim(claims, registration).map_err(|error| self.error(error))
    }

    /// Tells whether there is a user of this name.
    pub(crate) fn exists(&self, user: &UserId) -> Result<bool, StoreError> {
        let find = || Ok(self.read()?.open_table(USERS)?.get(user.as_str())?.is_some());
        find().map_err(|error| self.error(error))
    }

    fn try_claim(
        &self,
        claims: &[(UserId, PublicKey)],
        registration: Registration,
    ) -> Result<Vec<Result<(), LoginRefusal>>, redb::Error> {
        // The usual case first: it only reads, and waits for no disk.
        let read = self.read()?;
        let (users, keys) = (read.open_table(USERS)?, read.open_table(KEYS)?);
        let known: Vec<_> = claims
            .iter()
            .map(|(user, key)| check(&users, &keys, user, key))
            .collect::<Result<_, _>>()?;
        let refusal = match registration {
            Registration::Open if known.iter().all(Option::is_some) => None,
            Registration::Open => return self.register(claims),
            Registration::Invite => Some(LoginRefusal::InviteRequired),
            Registration::Closed => Some(LoginRefusal::RegistrationClosed),
        };
        Ok(known.into_iter().map(|known| known.unwrap_or(refusal.map_or(Ok(()), Err))).collect())
    }

    /// Answers claims and registers what is new, in one transaction.
    fn register(
        &self,
        claims: &[(UserId, PublicKey)],
    ) -> Result<Vec<Result<(), LoginRefusal>>, redb::Error> {
        let write = self.db.begin_write()?;
        let mut answers = Vec::with_capacity(claims.len());
        {
            let mut users = write.open_table(USERS)?;
            let mut keys = write.open_table(KEYS)?;
            for (user, key) in claims {
                // An earlier claim may have been for the same name, or key.
                let known = check(&users, &keys, user, key)?;
                if known.is_none() {
                    users.insert(user.as_str(), key.as_bytes())?;
                    keys.insert(key.as_bytes(), user.as_str())?;
                }
                answers.push(known.unwrap_or(Ok(())));
            }
        }
        write.commit()?;
        Ok(answers)
    }

    fn schema(&self) -> Result<Option<u64>, redb::Error> {
        match self.read()?.open_table(META) {
            Ok(meta) => Ok(meta.get(SCHEMA_ENTRY)?.map(|version| version.value())),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn create_tables(&self) -> Result<(), redb::Error> {
        let write = self.db.begin_write()?;
        write.open_table(META)?.insert(SCHEMA_ENTRY, SCHEMA)?;
        write.open_table(USERS)?;
        write.open_table(KEYS)?;
        write.commit()?;
        Ok(())
    }

    fn read(&self) -> Result<ReadTransaction, redb::Error> {
        Ok(self.db.begin_read()?)
    }

    fn error(&self, error: redb::Error) -> StoreError {
        StoreError::new(&self.path, error)
    }
}

/// Answers a claim of which the user or the key is known; none, if both are new.
fn check(
    users: &impl ReadableTable<&'static str, &'static [u8; 32]>,
    keys: &impl ReadableTable<&'static [u8; 32], &'static str>,
    user: &UserId,
    key: &PublicKey,
) -> Result<Option<Result<(), LoginRefusal>>, redb::Error> {
    if let Some(owner) = users.get(user.as_str())? {
        let owned = owner.value() == key.as_bytes();
        return Ok(Some(if owned { Ok(()) } else { Err(LoginRefusal::NameTaken) }));
    }
    // A key that is known here has another name, or the name would have been found.
    let known = keys.get(key.as_bytes())?.is_some();
    Ok(known.then_some(Err(LoginRefusal::KeyHasOtherName)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const ONE: PublicKey = PublicKey::from_bytes([1; 32]);
    const TWO: PublicKey = PublicKey::from_bytes([2; 32]);

    fn user(name: &str) -> UserId {
        UserId::new(name).expect("user")
    }

    fn claim(accounts: &Accounts, name: &str, key: &PublicKey) -> Result<(), LoginRefusal> {
        claim_if(accounts, name, key, Registration::Open)
    }

    fn claim_if(
        accounts: &Accounts,
        name: &str,
        key: &PublicKey,
        registration: Registration,
    ) -> Result<(), LoginRefusal> {
        accounts.claim(&[(user(name), *key)], registration).expect("store")[0]
    }

    #[test]
    fn claims_of_one_batch_see_each_other() {
        let dir = tempfile::tempdir().expect("dir");
        let accounts = Accounts::open(dir.path()).expect("open");
        let batch = [(user("al"), ONE), (user("al"), TWO), (user("bo"), ONE), (user("bo"), TWO)];
        let answers = accounts.claim(&batch, Registration::Open).expect("store");
        let refused = [LoginRefusal::NameTaken, LoginRefusal::KeyHasOtherName].map(Err);
        assert_eq!(answers, [Ok(()), refused[0], refused[1], Ok(())]);
        let answers = accounts.claim(&batch, Registration::Closed).expect("store");
        assert_eq!(answers, [Ok(()), refused[0], refused[0], Ok(())]);
    }

    #[test]
    fn the_first_key_owns_the_name_from_then_on() {
        let dir = tempfile::tempdir().expect("dir");
        let accounts = Accounts::open(dir.path()).expect("open");
        assert!(!accounts.exists(&user("al")).expect("store"));
        for _ in 0..2 {
            assert_eq!(claim(&accounts, "al", &ONE), Ok(()));
        }
        assert!(accounts.exists(&user("al")).expect("store"));
        drop(accounts);

        let accounts = Accounts::open(dir.path()).expect("reopen");
        assert!(accounts.exists(&user("al")).expect("store"));
        assert_eq!(claim(&accounts, "al", &ONE), Ok(()));
        assert_eq!(claim(&accounts, "al", &TWO), Err(LoginRefusal::NameTaken));
        assert_eq!(claim(&accounts, "bo", &ONE), Err(LoginRefusal::KeyHasOtherName));
        assert!(!accounts.exists(&user("bo")).expect("store"));
        assert_eq!(claim(&accounts, "bo", &TWO), Ok(()));
        // Each of the two belongs to somebody else: the name is what the user asked for.
        assert_eq!(claim(&accounts, "bo", &ONE), Err(LoginRefusal::NameTaken));
    }

    #[test]
    fn registration_is_for_new_users_only() {
        let dir = tempfile::tempdir().expect("dir");
        let accounts = Accounts::open(dir.path()).expect("open");
        assert_eq!(claim(&accounts, "al", &ONE), Ok(()));
        for (registration, refusal) in [
            (Registration::Invite, LoginRefusal::InviteRequired),
            (Registration::Closed, LoginRefusal::RegistrationClosed),
        ] {
            let claim = |name, key| claim_if(&accounts, name, key, registration);
            assert_eq!(claim("al", &ONE), Ok(()));
            assert_eq!(claim("al", &TWO), Err(LoginRefusal::NameTaken));
            assert_eq!(claim("bo", &ONE), Err(LoginRefusal::KeyHasOtherName));
            assert_eq!(claim("bo", &TWO), Err(refusal));
            assert!(!accounts.exists(&user("bo")).expect("store"));
        }
    }

    #[test]
    fn of_claims_at_the_same_instant_one_wins() {
        let dir = tempfile::tempdir().expect("dir");
        let accounts = Accounts::open(dir.path()).expect("open");
        let answers = std::thread::scope(|scope| {
            let start = |n| {
                let accounts = &accounts;
                scope.spawn(move || claim(accounts, "al", &PublicKey::from_bytes([n; 32])))
            };
            let threads: Vec<_> = (0..8).map(start).collect();
            threads.into_iter().map(|t| t.join().expect("thread")).collect::<Vec<_>>()
        });
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        let refused = answers.iter().filter(|a| **a == Err(LoginRefusal::NameTaken)).count();
        assert_eq!(refused, 7);
    }

    #[test]
    fn one_server_at_a_time() {
        let dir = tempfile::tempdir().expect("dir");
        let _accounts = Accounts::open(dir.path()).expect("open");
        let error = Accounts::open(dir.path()).expect_err("in use").to_string();
        assert!(error.contains("another breeze-server uses this data directory"), "{error}");
    }

    #[test]
    fn a_newer_schema_is_refused_and_its_accounts_stay() {
        let dir = tempfile::tempdir().expect("dir");
        let accounts = Accounts::open(dir.path()).expect("open");
        assert_eq!(claim(&accounts, "al", &ONE), Ok(()));
        let set_schema = |db: &Database, version| {
            let write = db.begin_write().expect("write");
            write.open_table(META).expect("meta").insert(SCHEMA_ENTRY, version).expect("insert");
            write.commit().expect("commit");
        };
        set_schema(&accounts.db, 2);
        drop(accounts);
        for _ in 0..2 {
            let error = Accounts::open(dir.path()).expect_err("newer").to_string();
            assert!(error.contains("newer breeze-server (schema 2"), "{error}");
        }

        let db = Database::open(dir.path().join(FILE)).expect("open");
        set_schema(&db, SCHEMA);
        drop(db);
        let accounts = Accounts::open(dir.path()).expect("open");
        assert_eq!(claim(&accounts, "al", &ONE), Ok(()));
    }

    #[test]
    fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join(FILE);
        for content in [vec![b'x'; 10], vec![b'x'; 100_000]] {
            fs::write(&path, &content).expect("write");
            let error = Accounts::open(dir.path()).expect_err("damaged").to_string();
            assert!(error.contains("is damaged") && error.contains("backup"), "{error}");
            assert!(fs::read(&path).expect("read") == content);
        }
    }

    #[test]
    fn a_missing_directory_is_named() {
        let dir = tempfile::tempdir().expect("dir");
        let error = Accounts::open(&dir.path().join("none")).expect_err("missing").to_string();
        assert!(error.contains("accounts.redb") && error.contains("permissions"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_private() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().expect("dir");
        drop(Accounts::open(dir.path()).expect("open"));
        let metadata = fs::metadata(dir.path().join(FILE)).expect("metadata");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
}
