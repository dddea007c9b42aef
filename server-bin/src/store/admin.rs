use std::path::Path;

use breeze_core::id::UserId;
use redb::ReadableDatabase;

use super::{Quota, Removal, Secret, Store, StoreError, UserRow, backup};

/// What whoever runs the server does with it, while it works or not.
impl Store {
    /// Reserves a name for whoever shows a secret, durably. False, and nothing done, if there is
    /// such a user.
    pub(crate) fn add_user(&self, user: &UserId, secret: &Secret) -> Result<bool, StoreError> {
        self.change(0, |batch| batch.add_user(user, secret))
    }

    /// Removes a user with its key and secret, and all that is kept for it or from it, durably.
    /// None if there is no such user.
    ///
    /// Its name is free again. Its session, if there is one, goes on until it is ended.
    pub(crate) fn remove_user(
        &self,
        user: &UserId,
        now_ms: u64,
    ) -> Result<Option<Removal>, StoreError> {
        self.change(now_ms, |batch| batch.remove_user(user))
    }

    /// Forgets a user's key, to be replaced by whoever shows a new secret, durably. What is kept
    /// for the user is given up, since only the old key opens it. None if there is no such user.
    pub(crate) fn reset_key(
        &self,
        user: &UserId,
        secret: &Secret,
        now_ms: u64,
    ) -> Result<Option<Removal>, StoreError> {
        self.change(now_ms, |batch| batch.reset_key(user, secret))
    }

    /// Bounds what is kept for a user, durably; what is kept already stays. False if there is no
    /// such user.
    pub(crate) fn set_quota(&self, user: &UserId, quota: Quota) -> Result<bool, StoreError> {
        self.change(0, |batch| batch.set_quota(user, quota))
    }

    /// Returns all users, in order of their names.
    pub(crate) fn users(&self) -> Result<Vec<UserRow>, StoreError> {
        self.ask(|snapshot| snapshot.users())
    }

    /// Returns what a user has to show to enrol a key; none if there is no such user, or nothing
    /// that it could show.
    pub(crate) fn secret(&self, user: &UserId) -> Result<Option<Secret>, StoreError> {
        self.ask(|snapshot| snapshot.secret(user))
    }

    /// Writes all that the store holds at this moment to a new database, durably and all or
    /// nothing, for this user only. The store goes on meanwhile.
    ///
    /// The directory of the new file must have room for as much again. An existing file stays as it
    /// is and gives [`StoreError::BackupExists`].
    pub(crate) fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let read = self.on_database(|db| Ok(db.begin_read()?))?;
        backup::write(&read, to)
    }
}
