use breeze_server::host::database::Migration;
use redb::{TableDefinition, WriteTransaction};

/// Is sent by this user, other user, epoch, number, time sent, time arrived, name, text.
pub(super) type EntryRow<'a> = (bool, &'a str, u64, u64, u64, u64, &'a str, &'a str);
/// Is public key, verified, name.
pub(super) type ContactRow<'a> = (&'a [u8; 32], bool, &'a str);
/// Is user, epoch, number.
pub(super) type MessageKey<'a> = (&'a str, u64, u64);
/// Is user, entry.
pub(super) type UserEntryKey<'a> = (&'a str, u64);
/// Is recipient, epoch.
pub(super) type NumberingKey<'a> = (&'a str, u64);
/// Is last, stored, delivered, read.
pub(super) type NumberingRow = (u64, u64, u64, u64);

type Table<K, V> = TableDefinition<'static, K, V>;

pub(super) const ENTRIES: Table<u64, EntryRow<'static>> = Table::new("entries");
pub(super) const CONVERSATIONS: Table<UserEntryKey<'static>, ()> = Table::new("conversations");
pub(super) const RECEIVED: Table<MessageKey<'static>, u64> = Table::new("received");
pub(super) const SENT: Table<MessageKey<'static>, u64> = Table::new("sent");
pub(super) const EPOCHS: Table<&str, u64> = Table::new("epochs");
pub(super) const NUMBERS: Table<NumberingKey<'static>, NumberingRow> = Table::new("numbers");
pub(super) const OUTBOX: Table<UserEntryKey<'static>, u64> = Table::new("outbox");
pub(super) const FAILURES: Table<u64, &str> = Table::new("failures");
pub(super) const CONTACTS: Table<&str, ContactRow<'static>> = Table::new("contacts");
pub(super) const FOUND_KEYS: Table<&str, &[u8; 32]> = Table::new("found_keys");

pub(super) const LAST_ENTRY: &str = "entries";
pub(super) const OUTBOX_BYTES: &str = "outbox_bytes";

/// Each brings a database from the version that is its index to the next one.
pub(super) const MIGRATIONS: [Migration; 2] = [create_tables, create_found_keys];
/// The version that this program writes.
pub(super) const SCHEMA: u64 = MIGRATIONS.len() as u64;

fn create_tables(write: &WriteTransaction) -> Result<(), redb::Error> {
    write.open_table(ENTRIES)?;
    write.open_table(CONVERSATIONS)?;
    write.open_table(RECEIVED)?;
    write.open_table(SENT)?;
    write.open_table(EPOCHS)?;
    write.open_table(NUMBERS)?;
    write.open_table(OUTBOX)?;
    write.open_table(FAILURES)?;
    write.open_table(CONTACTS)?;
    Ok(())
}

/// Version 2 remembers keys that nobody has accepted yet.
fn create_found_keys(write: &WriteTransaction) -> Result<(), redb::Error> {
    write.open_table(FOUND_KEYS)?;
    Ok(())
}
