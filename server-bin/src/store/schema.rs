use breeze_core::id::{PublicKey, UserId};
use redb::{ReadableTable, TableDefinition, WriteTransaction};

use super::account::Account;
use crate::host::database::Migration;

/// Is public key, was enrolled, largest frame, quota in messages and bytes.
pub(super) type AccountRow<'a> = (Option<&'a [u8; 32]>, bool, u32, (Option<u64>, Option<u64>));
/// Is kind, hash.
pub(super) type SecretRow<'a> = (u8, &'a str);
/// Is recipient, place.
pub(super) type QueueKey<'a> = (&'a str, u64);
/// Is sender, epoch, number, envelope, body, time kept.
pub(super) type QueueRow<'a> = (&'a str, u64, u64, &'a [u8], &'a [u8], u64);
/// Is recipient, sender, epoch, number.
pub(super) type IndexKey<'a> = (&'a str, &'a str, u64, u64);
/// Is messages, bytes.
pub(super) type UsageRow = (u64, u64);
/// Is two users.
pub(super) type PairKey<'a> = (&'a str, &'a str);
/// Is epoch, epoch before, acknowledged, read, lost, reason, last, time touched.
pub(super) type CustodyRow = (u64, Option<u64>, u64, u64, u64, u8, u64, u64);

type Table<K, V> = TableDefinition<'static, K, V>;

pub(super) const USERS: Table<&str, AccountRow<'static>> = Table::new("users");
pub(super) const KEYS: Table<&[u8; 32], &str> = Table::new("keys");
pub(super) const SECRETS: Table<&str, SecretRow<'static>> = Table::new("secrets");
pub(super) const QUEUE: Table<QueueKey<'static>, QueueRow<'static>> = Table::new("queue");
pub(super) const INDEX: Table<IndexKey<'static>, u64> = Table::new("index");
pub(super) const USAGE: Table<&str, UsageRow> = Table::new("usage");
pub(super) const CUSTODY: Table<PairKey<'static>, CustodyRow> = Table::new("custody");
pub(super) const RECEIPTS: Table<PairKey<'static>, ()> = Table::new("receipts");

pub(super) const MESSAGES: &str = "messages";
pub(super) const BYTES: &str = "bytes";
pub(super) const PLACES: &str = "places";

/// Each brings a database from the version that is its index to the next one.
pub(super) const MIGRATIONS: [Migration; 2] = [begin_accounts, begin_keeping];
/// The version that this program writes.
pub(super) const SCHEMA: u64 = MIGRATIONS.len() as u64;

/// Holds the users of version 1: user name, public key.
pub(super) const USERS_1: Table<&str, &[u8; 32]> = Table::new("users");

fn begin_accounts(write: &WriteTransaction) -> Result<(), redb::Error> {
    write.open_table(USERS_1)?;
    write.open_table(KEYS)?;
    Ok(())
}

fn begin_keeping(write: &WriteTransaction) -> Result<(), redb::Error> {
    let mut accounts = Vec::new();
    for row in write.open_table(USERS_1)?.iter()? {
        let (user, key) = row?;
        let key = PublicKey::from_bytes(*key.value());
        accounts.push((read_user(user.value())?, Account::enrolled(key, 0)));
    }
    write.delete_table(USERS_1)?;
    let mut users = write.open_table(USERS)?;
    for (user, account) in &accounts {
        users.insert(user.as_str(), account.to_row())?;
    }
    write.open_table(SECRETS)?;
    write.open_table(QUEUE)?;
    write.open_table(INDEX)?;
    write.open_table(USAGE)?;
    write.open_table(CUSTODY)?;
    write.open_table(RECEIPTS)?;
    Ok(())
}

/// Reads a user name that a table holds.
pub(super) fn read_user(name: &str) -> Result<UserId, redb::Error> {
    UserId::new(name)
        .map_err(|error| redb::Error::Corrupted(format!("'{name}' is no user name: {error}")))
}
