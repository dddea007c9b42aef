use breeze_core::id::{PublicKey, UserId};
use breeze_core::io::Backlog;
use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable};

use super::account::Account;
use super::batch::Result;
use super::schema::{self, AccountRow, SecretRow, UsageRow, read_user};
use super::{Page, Secret, SecretKind, UserRow};

/// Answers questions as of one moment, whatever is written meanwhile.
pub(super) struct Snapshot {
    users: ReadOnlyTable<&'static str, AccountRow<'static>>,
    secrets: ReadOnlyTable<&'static str, SecretRow<'static>>,
    usage: ReadOnlyTable<&'static str, UsageRow>,
}

impl Snapshot {
    pub(super) fn take(db: &Database) -> Result<Self> {
        let read = db.begin_read()?;
        Ok(Self {
            users: read.open_table(schema::USERS)?,
            secrets: read.open_table(schema::SECRETS)?,
            usage: read.open_table(schema::USAGE)?,
        })
    }

    pub(super) fn key(&self, user: &UserId) -> Result<Option<PublicKey>> {
        Ok(self.users.get(user.as_str())?.and_then(|row| Account::from_row(row.value()).key))
    }

    pub(super) fn secret(&self, user: &UserId) -> Result<Option<Secret>> {
        let row = self.secrets.get(user.as_str())?;
        row.map(|row| Secret::from_row(row.value())).transpose()
    }

    pub(super) fn users(&self) -> Result<Vec<UserRow>> {
        let mut users = Vec::new();
        for row in self.users.iter()? {
            let (name, account) = row?;
            let name = name.value();
            let account = Account::from_row(account.value());
            let secret = self.secrets.get(name)?.map(|row| SecretKind::from_row(row.value().0));
            let usage = self.usage.get(name)?.map(|row| row.value());
            let (messages, bytes) = usage.unwrap_or_default();
            users.push(UserRow {
                user: read_user(name)?,
                key: account.key,
                has_secret: secret.transpose()?,
                quota: account.quota,
                messages,
                bytes,
            });
        }
        Ok(users)
    }

    pub(super) fn backlog(&self, _user: &UserId) -> Result<Backlog> {
        Ok(Backlog::default())
    }

    pub(super) fn page(&self, _user: &UserId, after: u64) -> Result<Page> {
        Ok(Page { kept: Vec::new(), last: after, more: false })
    }
}
