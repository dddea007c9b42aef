use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use breeze_core::id::{PublicKey, UserId};
use breeze_core::io::Backlog;
use redb::Database;

use super::batch::Batch;
use super::dir_lock::DirLock;
use super::medium::{CACHE, FileMedium, Medium};
use super::schema::{MIGRATIONS, SCHEMA};
use super::snapshot::Snapshot;
use super::{Change, Limits, Outcome, Page, StoreError};
use crate::host::{DatabaseFault, database, private_file};

const FILE: &str = "server.redb";
/// The file of version 1, which held accounts alone.
const FILE_1: &str = "accounts.redb";

/// Keeps accounts, and messages for users that are not there, durably.
///
/// Every call blocks, for as long as the disk takes, and may be made from any thread: changes wait
/// for each other, questions for nothing. After the disk has failed a call, the next one opens the
/// database anew, so that everything works again as soon as the disk does.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    limits: Limits,
    medium: Box<dyn Medium>,
    state: RwLock<State>,
    /// A call has failed, and no change has succeeded since.
    is_ailing: AtomicBool,
    /// Keeps other processes away; none for a store that is no file.
    _lock: Option<DirLock>,
}

#[derive(Debug)]
struct State {
    /// None from when it failed until it is opened anew.
    db: Option<Database>,
    /// How often it was opened.
    opened: u64,
}

impl Store {
    /// Opens the store in a directory, and creates it if there is none.
    ///
    /// The whole database is checked: one that was damaged is refused here rather than trusted.
    pub(crate) fn open(dir: &Path, limits: Limits) -> Result<Self, StoreError> {
        let lock = DirLock::take(dir)?;
        let (path, path_1) = (dir.join(FILE), dir.join(FILE_1));
        if exists(&path)? {
            if exists(&path_1)? {
                log::warn!("{} is of an old version, and not used any more", path_1.display());
            }
        } else if exists(&path_1)? {
            adopt(&path_1, &path)?;
        } else {
            let fill = |db: &Database| database::migrate(db, &MIGRATIONS).map(drop);
            database::create(&path, CACHE, fill).map_err(|fault| StoreError::new(&path, fault))?;
        }
        Self::on_medium(FileMedium::new(&path), &path, limits, Some(lock))
    }

    pub(super) fn on_medium(
        medium: impl Medium + 'static,
        path: &Path,
        limits: Limits,
        lock: Option<DirLock>,
    ) -> Result<Self, StoreError> {
        let db = open(&medium, path)?;
        Ok(Self {
            path: path.to_owned(),
            limits,
            medium: Box::new(medium),
            state: RwLock::new(State { db: Some(db), opened: 1 }),
            is_ailing: AtomicBool::new(false),
            _lock: lock,
        })
    }

    /// Tells whether a call has failed, and no change has reached the disk since.
    pub(crate) fn is_ailing(&self) -> bool {
        self.is_ailing.load(Ordering::Relaxed)
    }

    /// Applies changes in order, in one transaction that is on disk when this returns: all of them,
    /// or none if it fails. What changes nothing does not wait for the disk.
    ///
    /// When the disk fails, it remains open until the next call whether the changes are kept.
    pub(crate) fn apply(
        &self,
        changes: &[Change],
        now_ms: u64,
    ) -> Result<Vec<Outcome>, StoreError> {
        self.change(now_ms, |batch| changes.iter().map(|change| batch.apply(change)).collect())
    }

    /// Returns what there is for a user that logs in: messages to it, and what was seen of its own.
    pub(crate) fn backlog(&self, user: &UserId) -> Result<Backlog, StoreError> {
        self.ask(|snapshot| snapshot.backlog(user))
    }

    /// Returns messages that are kept for a user, in order of arrival, from the first one behind a
    /// place: at most 64 messages and 256 KiB, and at least one if there are any.
    pub(crate) fn page(&self, user: &UserId, after: u64) -> Result<Page, StoreError> {
        self.ask(|snapshot| snapshot.page(user, after))
    }

    /// Returns a user's key; none if there is no such user, or no key of it is enrolled.
    pub(crate) fn key(&self, user: &UserId) -> Result<Option<PublicKey>, StoreError> {
        self.ask(|snapshot| snapshot.key(user))
    }

    /// Answers a question as of this moment.
    pub(super) fn ask<T>(
        &self,
        question: impl Fn(&Snapshot) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        self.on_database(|db| question(&Snapshot::take(db)?))
    }

    /// Carries out changes in one transaction, durably.
    pub(super) fn change<T>(
        &self,
        now_ms: u64,
        changes: impl Fn(&mut Batch<'_>) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let outcome = self.on_database(|db| {
            let write = db.begin_write()?;
            let mut batch = Batch::open(&write, self.limits, now_ms)?;
            let done = changes(&mut batch)?;
            // What is there already is durable: repetitions do not wait for the disk.
            if !batch.finish()? {
                write.abort()?;
                return Ok(Ok(done));
            }
            // A commit that fails costs everybody a check of the whole database.
            if self.is_ailing()
                && let Err(error) = self.medium.probe()
            {
                write.abort()?;
                return Ok(Err(error));
            }
            write.commit()?;
            self.is_ailing.store(false, Ordering::Relaxed);
            Ok(Ok(done))
        })?;
        outcome.map_err(|error| self.error(error))
    }

    /// Does something with the database, which is opened anew if it failed before.
    pub(super) fn on_database<T>(
        &self,
        act: impl Fn(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        loop {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(db) = &state.db {
                let (outcome, opened) = (act(db), state.opened);
                drop(state);
                return outcome.map_err(|error| {
                    self.close(opened);
                    self.error(error)
                });
            }
            drop(state);
            self.reopen()?;
        }
    }

    /// Closes the database that failed: redb answers nothing from then on. Another call may have
    /// opened it anew since.
    pub(super) fn close(&self, opened: u64) {
        self.is_ailing.store(true, Ordering::Relaxed);
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.opened == opened {
            state.db = None;
        }
    }

    fn reopen(&self) -> Result<(), StoreError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.db.is_none() {
            state.db = Some(open(&*self.medium, &self.path)?);
            state.opened += 1;
            log::warn!("{} was opened anew after it had failed", self.path.display());
        }
        Ok(())
    }

    pub(super) fn error(&self, error: impl Into<DatabaseFault>) -> StoreError {
        StoreError::new(&self.path, error)
    }
}

/// Opens a database, and brings it up to date.
fn open(medium: &dyn Medium, path: &Path) -> Result<Database, StoreError> {
    let db = medium.open().map_err(|fault| StoreError::new(path, fault))?;
    match database::migrate(&db, &MIGRATIONS).map_err(|error| StoreError::new(path, error))? {
        SCHEMA => Ok(db),
        found => Err(newer(path, found)),
    }
}

/// Gives the database of version 1 its present name, unless it is in use or not of that version.
/// What remains of the change is done when it is opened.
fn adopt(path_1: &Path, path: &Path) -> Result<(), StoreError> {
    let db = database::open(path_1, CACHE).map_err(|fault| StoreError::new(path_1, fault))?;
    match database::version(&db).map_err(|error| StoreError::new(path_1, error))? {
        Some(found) if found > SCHEMA => return Err(newer(path_1, found)),
        Some(_) | None => {}
    }
    // Under its lock: a server of the old version would go on, and then begin a file of its own.
    private_file::rename(path_1, path).map_err(|error| StoreError::new(path_1, error))
}

fn newer(path: &Path, found: u64) -> StoreError {
    StoreError::NewerSchema { path: path.to_owned(), found, known: SCHEMA }
}

fn exists(path: &Path) -> Result<bool, StoreError> {
    path.try_exists().map_err(|error| StoreError::new(path, error))
}
