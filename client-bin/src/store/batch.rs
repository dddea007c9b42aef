use std::io;

use breeze_core::id::{Epoch, MessageId, UserId};
use breeze_server::host::database::META;
use redb::{ReadableTable, ReadableTableMetadata, Table, WriteTransaction};

use super::numbering::Numbering;
use super::quota::Quota;
use super::schema::{self, ContactRow, EntryRow, MessageKey, NumberingKey, NumberingRow};
use super::schema::{LAST_ENTRY, OUTBOX_BYTES, UserEntryKey};
use super::station::Station;
use super::{Applied, Change, Contact};

type Result<T> = std::result::Result<T, redb::Error>;

/// Carries out changes in one transaction.
pub(super) struct Batch<'t> {
    meta: Table<'t, &'static str, u64>,
    entries: Table<'t, u64, EntryRow<'static>>,
    conversations: Table<'t, UserEntryKey<'static>, ()>,
    received: Table<'t, MessageKey<'static>, u64>,
    sent: Table<'t, MessageKey<'static>, u64>,
    epochs: Table<'t, &'static str, u64>,
    numbers: Table<'t, NumberingKey<'static>, NumberingRow>,
    outbox: Table<'t, UserEntryKey<'static>, u64>,
    failures: Table<'t, u64, &'static str>,
    contacts: Table<'t, &'static str, ContactRow<'static>>,
    found_keys: Table<'t, &'static str, &'static [u8; 32]>,
    quota: Quota,
    /// The last entry's number, and the bytes in the outbox: written when the batch is done.
    last_entry: u64,
    outbox_bytes: u64,
    changed: bool,
}

impl<'t> Batch<'t> {
    pub(super) fn open(write: &'t WriteTransaction, quota: Quota) -> Result<Self> {
        let meta = write.open_table(META)?;
        let last_entry = meta.get(LAST_ENTRY)?.map_or(0, |number| number.value());
        let outbox_bytes = meta.get(OUTBOX_BYTES)?.map_or(0, |bytes| bytes.value());
        Ok(Self {
            meta,
            entries: write.open_table(schema::ENTRIES)?,
            conversations: write.open_table(schema::CONVERSATIONS)?,
            received: write.open_table(schema::RECEIVED)?,
            sent: write.open_table(schema::SENT)?,
            epochs: write.open_table(schema::EPOCHS)?,
            numbers: write.open_table(schema::NUMBERS)?,
            outbox: write.open_table(schema::OUTBOX)?,
            failures: write.open_table(schema::FAILURES)?,
            contacts: write.open_table(schema::CONTACTS)?,
            found_keys: write.open_table(schema::FOUND_KEYS)?,
            quota,
            last_entry,
            outbox_bytes,
            changed: false,
        })
    }

    pub(super) fn apply(&mut self, change: &Change) -> Result<Applied> {
        match change {
            Change::Accept { to, text, sent_ms } => self.accept(to, text, *sent_ms),
            Change::Keep { from, id, name, text, sent_ms, arrived_ms } => {
                self.keep(from, *id, name, text, (*sent_ms, *arrived_ms))
            }
            Change::Stored { to, epoch, upto } => self.advance(to, *epoch, *upto, Station::Stored),
            Change::Delivered { to, epoch, upto } => {
                self.advance(to, *epoch, *upto, Station::Delivered)
            }
            Change::Read { to, epoch, upto } => self.advance(to, *epoch, *upto, Station::Read),
            Change::Failed { to, id, reason } => self.fail(to, *id, reason).map(Applied::Failed),
            Change::Contact { user, contact } => self.set_contact(user, contact),
        }
    }

    /// Ends the batch; tells whether there is anything to commit.
    pub(super) fn finish(mut self) -> Result<bool> {
        if self.changed {
            self.meta.insert(LAST_ENTRY, self.last_entry)?;
            self.meta.insert(OUTBOX_BYTES, self.outbox_bytes)?;
        }
        Ok(self.changed)
    }

    fn accept(&mut self, to: &UserId, text: &str, sent_ms: u64) -> Result<Applied> {
        let bytes = text.len() as u64;
        if !self.quota.has_room(self.outbox.len()?, self.outbox_bytes, bytes) {
            return Ok(Applied::Full);
        }
        let user = to.as_str();
        let epoch = self.epoch(user)?;
        let mut numbering = self.numbering(user, epoch)?.unwrap_or_default();
        let seq = numbering.next();
        self.numbers.insert((user, epoch), numbering.to_row())?;
        let row = (true, user, epoch, seq, sent_ms, sent_ms, "", text);
        let entry = self.enter(row)?;
        self.sent.insert((user, epoch, seq), entry)?;
        self.outbox.insert((user, entry), bytes)?;
        self.outbox_bytes += bytes;
        Ok(Applied::Accepted(MessageId { epoch: Epoch::from_bits(epoch), seq }))
    }

    fn keep(
        &mut self,
        from: &UserId,
        id: MessageId,
        name: &str,
        text: &str,
        (sent_ms, arrived_ms): (u64, u64),
    ) -> Result<Applied> {
        let (user, epoch) = (from.as_str(), id.epoch.to_bits());
        let key = (user, epoch, id.seq);
        let new = self.received.get(key)?.is_none();
        if new {
            let row = (false, user, epoch, id.seq, sent_ms, arrived_ms, name, text);
            let entry = self.enter(row)?;
            self.received.insert(key, entry)?;
        }
        Ok(Applied::Kept { new })
    }

    fn advance(
        &mut self,
        to: &UserId,
        epoch: Epoch,
        upto: u64,
        station: Station,
    ) -> Result<Applied> {
        let (user, bits) = (to.as_str(), epoch.to_bits());
        let Some(mut numbering) = self.numbering(user, bits)? else {
            return Ok(Applied::Advanced(Vec::new()));
        };
        let news = numbering.advance(station, upto);
        if news.is_empty() {
            return Ok(Applied::Advanced(Vec::new()));
        }
        self.numbers.insert((user, bits), numbering.to_row())?;
        self.changed = true;
        let mut advanced = Vec::new();
        for seq in news {
            let Some(entry) = self.sent_entry(user, bits, seq)? else {
                return Err(redb::Error::Corrupted(format!("message {seq} to {user} is missing")));
            };
            if self.failures.get(entry)?.is_some() {
                continue;
            }
            if numbering.is_delivered(seq) {
                self.settle(user, entry)?;
            }
            advanced.push(MessageId { epoch, seq });
        }
        Ok(Applied::Advanced(advanced))
    }

    fn fail(&mut self, to: &UserId, id: MessageId, reason: &str) -> Result<bool> {
        let (user, epoch) = (to.as_str(), id.epoch.to_bits());
        let Some(entry) = self.sent_entry(user, epoch, id.seq)? else { return Ok(false) };
        let delivered = self.numbering(user, epoch)?.is_some_and(|n| n.is_delivered(id.seq));
        if delivered || self.failures.get(entry)?.is_some() {
            return Ok(false);
        }
        self.failures.insert(entry, reason)?;
        self.settle(user, entry)?;
        self.changed = true;
        Ok(true)
    }

    fn set_contact(&mut self, user: &UserId, contact: &Contact) -> Result<Applied> {
        let row = (contact.key.as_bytes(), contact.verified, contact.name.as_str());
        if self.contacts.get(user.as_str())?.is_none_or(|known| known.value() != row) {
            self.contacts.insert(user.as_str(), row)?;
            self.changed = true;
        }
        let known = self.found_keys.get(user.as_str())?.map(|key| *key.value());
        let found = contact.found.map(|key| *key.as_bytes());
        if found != known {
            match &found {
                Some(key) => self.found_keys.insert(user.as_str(), key)?,
                None => self.found_keys.remove(user.as_str())?,
            };
            self.changed = true;
        }
        Ok(Applied::Contact)
    }

    /// Puts a message at the end of the history.
    fn enter(&mut self, row: EntryRow<'_>) -> Result<u64> {
        self.last_entry += 1;
        self.changed = true;
        self.entries.insert(self.last_entry, row)?;
        self.conversations.insert((row.1, self.last_entry), ())?;
        Ok(self.last_entry)
    }

    /// Takes a message out of the outbox, if it is in it.
    fn settle(&mut self, user: &str, entry: u64) -> Result<()> {
        if let Some(bytes) = self.outbox.remove((user, entry))? {
            self.outbox_bytes = self.outbox_bytes.saturating_sub(bytes.value());
        }
        Ok(())
    }

    /// Returns the epoch of the next message to a user, and draws one for the first.
    fn epoch(&mut self, user: &str) -> Result<u64> {
        if let Some(epoch) = self.epochs.get(user)? {
            return Ok(epoch.value());
        }
        let epoch = getrandom::u64().map_err(io::Error::other).map_err(redb::Error::Io)?;
        self.epochs.insert(user, epoch)?;
        Ok(epoch)
    }

    fn numbering(&self, user: &str, epoch: u64) -> Result<Option<Numbering>> {
        Ok(self.numbers.get((user, epoch))?.map(|row| Numbering::from_row(row.value())))
    }

    fn sent_entry(&self, user: &str, epoch: u64, seq: u64) -> Result<Option<u64>> {
        Ok(self.sent.get((user, epoch, seq))?.map(|entry| entry.value()))
    }
}
