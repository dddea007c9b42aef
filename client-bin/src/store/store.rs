use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use breeze_core::id::{MessageId, UserId};
use breeze_server::host::database;
use redb::Database;

use super::batch::Batch;
use super::quota::Quota;
use super::schema::{MIGRATIONS, SCHEMA};
use super::snapshot::Snapshot;
use super::{Applied, Change, Contact, Entry, HistoryId, StoreError, Unsettled};

/// Bytes of the database kept in memory: the indexes of some hundred thousand messages.
pub(super) const CACHE: usize = 16 * 1024 * 1024;

/// Keeps outbox, numbering, history and contacts of a node, durably.
///
/// Every call blocks, for as long as the disk takes, and may be made from any thread: changes wait
/// for each other, questions for nothing.
#[derive(Debug)]
pub(crate) struct Store {
    pub(super) db: Database,
    path: PathBuf,
    quota: Quota,
}

impl Store {
    /// Opens the database, and creates it if there is none.
    ///
    /// The whole file is checked: one that was damaged is refused here rather than trusted.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.try_exists().map_err(|error| StoreError::new(path, error))? {
            Self::create(path)?;
        }
        let db = database::open(path, CACHE).map_err(|fault| StoreError::new(path, fault))?;
        Self::on_database(db, path, Quota::default())
    }

    /// Applies changes in order, in one transaction that is on disk when this returns: all of them,
    /// or none if it fails.
    ///
    /// When the disk fails, it remains open whether the changes are kept until the store is opened
    /// anew, and no call on this one succeeds any more.
    pub(crate) fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        self.try_apply(changes).map_err(|error| self.error(error))
    }

    /// Returns the messages that are neither delivered nor failed, by recipient, each one's in
    /// order of acceptance.
    pub(crate) fn unsettled(&self) -> Result<Vec<Unsettled>, StoreError> {
        self.ask(|snapshot| snapshot.unsettled())
    }

    /// Returns those of them to one user that are not before a message, in order of acceptance.
    pub(crate) fn unsettled_to(
        &self,
        to: &UserId,
        from: MessageId,
    ) -> Result<Vec<Unsettled>, StoreError> {
        self.ask(|snapshot| snapshot.unsettled_to(to, from))
    }

    /// Tells whether a message of somebody else's is in the history.
    pub(crate) fn has_received(&self, from: &UserId, id: MessageId) -> Result<bool, StoreError> {
        self.ask(|snapshot| snapshot.has_received(from, id))
    }

    /// Returns the newest page of what [`unsettled`](Self::unsettled) returns, or the newest one
    /// before an entry, oldest message first.
    pub(crate) fn outbox(
        &self,
        limit: usize,
        before: Option<HistoryId>,
    ) -> Result<Vec<Entry>, StoreError> {
        self.ask(|snapshot| snapshot.outbox(limit, before))
    }

    /// Returns the newest page of the conversation with a user, or the newest one before an entry,
    /// oldest message first.
    pub(crate) fn history(
        &self,
        with: &UserId,
        limit: usize,
        before: Option<HistoryId>,
    ) -> Result<Vec<Entry>, StoreError> {
        self.ask(|snapshot| snapshot.history(with, limit, before))
    }

    /// Returns the newest messages of all conversations that contain a text, upper and lower case
    /// being the same, newest first.
    ///
    /// It reads the whole history if need be, and holds one text of it at a time.
    pub(crate) fn search(&self, text: &str, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.ask(|snapshot| snapshot.search(text, limit))
    }

    /// Returns the users with whom messages were exchanged, the latest first.
    pub(crate) fn correspondents(&self, limit: usize) -> Result<Vec<UserId>, StoreError> {
        self.ask(|snapshot| snapshot.correspondents(limit))
    }

    /// Returns what is known of a user.
    pub(crate) fn contact(&self, user: &UserId) -> Result<Option<Contact>, StoreError> {
        self.ask(|snapshot| snapshot.contact(user))
    }

    /// Returns what is known of all users.
    pub(crate) fn contacts(&self) -> Result<BTreeMap<UserId, Contact>, StoreError> {
        self.ask(Snapshot::contacts)
    }

    fn create(path: &Path) -> Result<(), StoreError> {
        match database::create(path, CACHE, |db| database::migrate(db, &MIGRATIONS).map(drop)) {
            // Another process was faster.
            Err(fault) if fault.is_existing_file() => Ok(()),
            created => created.map_err(|fault| StoreError::new(path, fault)),
        }
    }

    pub(super) fn on_database(db: Database, path: &Path, quota: Quota) -> Result<Self, StoreError> {
        let path = path.to_owned();
        match database::migrate(&db, &MIGRATIONS).map_err(|error| StoreError::new(&path, error))? {
            SCHEMA => Ok(Self { db, path, quota }),
            found => Err(StoreError::NewerSchema { path, found, known: SCHEMA }),
        }
    }

    fn try_apply(&self, changes: &[Change]) -> Result<Vec<Applied>, redb::Error> {
        let write = self.db.begin_write()?;
        let mut batch = Batch::open(&write, self.quota)?;
        let applied =
            changes.iter().map(|change| batch.apply(change)).collect::<Result<Vec<_>, _>>()?;
        // What is there already is durable: repetitions do not wait for the disk.
        if batch.finish()? {
            write.commit()?;
        } else {
            write.abort()?;
        }
        Ok(applied)
    }

    fn ask<T>(
        &self,
        question: impl FnOnce(&Snapshot) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        Snapshot::take(&self.db)
            .and_then(|snapshot| question(&snapshot))
            .map_err(|error| self.error(error))
    }

    fn error(&self, error: redb::Error) -> StoreError {
        StoreError::new(&self.path, error)
    }
}
