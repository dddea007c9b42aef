use std::cmp::Reverse;
use std::collections::BTreeMap;

use breeze_core::id::{Epoch, MessageId, PublicKey, UserId};
use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable};

use super::numbering::Numbering;
use super::schema::{self, ContactRow, EntryRow, MessageKey};
use super::schema::{NumberingKey, NumberingRow, UserEntryKey};
use super::{Contact, DeliveryState, Entry, HistoryId, Origin, Unsettled};

type Result<T> = std::result::Result<T, redb::Error>;

/// Answers questions as of one moment, whatever is written meanwhile.
pub(super) struct Snapshot {
    entries: ReadOnlyTable<u64, EntryRow<'static>>,
    conversations: ReadOnlyTable<UserEntryKey<'static>, ()>,
    received: ReadOnlyTable<MessageKey<'static>, u64>,
    numbers: ReadOnlyTable<NumberingKey<'static>, NumberingRow>,
    outbox: ReadOnlyTable<UserEntryKey<'static>, u64>,
    failures: ReadOnlyTable<u64, &'static str>,
    contacts: ReadOnlyTable<&'static str, ContactRow<'static>>,
    found_keys: ReadOnlyTable<&'static str, &'static [u8; 32]>,
}

impl Snapshot {
    pub(super) fn take(db: &Database) -> Result<Self> {
        let read = db.begin_read()?;
        Ok(Self {
            entries: read.open_table(schema::ENTRIES)?,
            conversations: read.open_table(schema::CONVERSATIONS)?,
            received: read.open_table(schema::RECEIVED)?,
            numbers: read.open_table(schema::NUMBERS)?,
            outbox: read.open_table(schema::OUTBOX)?,
            failures: read.open_table(schema::FAILURES)?,
            contacts: read.open_table(schema::CONTACTS)?,
            found_keys: read.open_table(schema::FOUND_KEYS)?,
        })
    }

    /// Returns the messages of the outbox, as whoever sends them needs them: by recipient, each
    /// one's in order of acceptance.
    pub(super) fn unsettled(&self) -> Result<Vec<Unsettled>> {
        let mut messages = Vec::new();
        for item in self.outbox.iter()? {
            messages.push(unsettled(self.entry(item?.0.value().1)?)?);
        }
        Ok(messages)
    }

    /// Returns those of them to one user that are not before a message.
    pub(super) fn unsettled_to(&self, to: &UserId, from: MessageId) -> Result<Vec<Unsettled>> {
        let mut messages = Vec::new();
        for item in self.outbox.range((to.as_str(), 0)..=(to.as_str(), u64::MAX))? {
            let message = unsettled(self.entry(item?.0.value().1)?)?;
            if message.id.epoch != from.epoch || message.id.seq >= from.seq {
                messages.push(message);
            }
        }
        Ok(messages)
    }

    pub(super) fn has_received(&self, from: &UserId, id: MessageId) -> Result<bool> {
        let key = (from.as_str(), id.epoch.to_bits(), id.seq);
        Ok(self.received.get(key)?.is_some())
    }

    /// Returns the last messages of the outbox, or the last ones before another, oldest first.
    pub(super) fn outbox(&self, limit: usize, before: Option<HistoryId>) -> Result<Vec<Entry>> {
        let end = before.map_or(u64::MAX, HistoryId::get);
        let mut numbers = Vec::new();
        // By recipient, and bounded by the quota.
        for item in self.outbox.iter()? {
            let number = item?.0.value().1;
            if number < end {
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        let skipped = numbers.len().saturating_sub(limit);
        numbers.into_iter().skip(skipped).map(|number| self.entry(number)).collect()
    }

    /// Returns the last messages of a conversation, or the last ones before another, oldest first.
    pub(super) fn history(
        &self,
        with: &UserId,
        limit: usize,
        before: Option<HistoryId>,
    ) -> Result<Vec<Entry>> {
        let end = before.map_or(u64::MAX, HistoryId::get);
        let mut page = Vec::new();
        for item in self.conversations.range((with.as_str(), 0)..(with.as_str(), end))?.rev() {
            if page.len() == limit {
                break;
            }
            page.push(self.entry(item?.0.value().1)?);
        }
        page.reverse();
        Ok(page)
    }

    /// Returns the users with whom messages were exchanged, the latest first.
    ///
    /// It reads one entry of each conversation, and holds the names of all.
    pub(super) fn correspondents(&self, limit: usize) -> Result<Vec<UserId>> {
        let mut latest = Vec::new();
        let mut last = self.conversations.last()?;
        while let Some((key, _)) = last {
            let (name, entry) = key.value();
            let user = UserId::new(name)
                .map_err(|error| redb::Error::Corrupted(format!("entry {entry}: {error}")))?;
            last = self.conversations.range(..(name, 0))?.next_back().transpose()?;
            latest.push((entry, user));
        }
        latest.sort_unstable_by_key(|(entry, _)| Reverse(*entry));
        Ok(latest.into_iter().take(limit).map(|(_, user)| user).collect())
    }

    /// Returns the newest messages that say something, in upper or lower case, newest first.
    pub(super) fn search(&self, text: &str, limit: usize) -> Result<Vec<Entry>> {
        let (mut wanted, mut text_folded) = (String::new(), String::new());
        fold_case(text, &mut wanted);
        let mut found = Vec::new();
        for item in self.entries.iter()?.rev() {
            if found.len() == limit {
                break;
            }
            let (number, row) = item?;
            fold_case(row.value().7, &mut text_folded);
            if text_folded.contains(&wanted) {
                found.push(self.read(number.value(), row.value())?);
            }
        }
        Ok(found)
    }

    pub(super) fn contact(&self, user: &UserId) -> Result<Option<Contact>> {
        match self.contacts.get(user.as_str())? {
            Some(row) => self.known(user.as_str(), row.value()).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn contacts(&self) -> Result<BTreeMap<UserId, Contact>> {
        let mut contacts = BTreeMap::new();
        for item in self.contacts.iter()? {
            let (name, row) = item?;
            let user = UserId::new(name.value())
                .map_err(|error| redb::Error::Corrupted(format!("a contact: {error}")))?;
            contacts.insert(user, self.known(name.value(), row.value())?);
        }
        Ok(contacts)
    }

    fn known(&self, user: &str, (key, verified, name): ContactRow<'_>) -> Result<Contact> {
        let found = self.found_keys.get(user)?.map(|key| PublicKey::from_bytes(*key.value()));
        let (key, name) = (PublicKey::from_bytes(*key), name.to_owned());
        Ok(Contact { key, verified, name, found })
    }

    fn entry(&self, number: u64) -> Result<Entry> {
        match self.entries.get(number)? {
            Some(row) => self.read(number, row.value()),
            None => Err(redb::Error::Corrupted(format!("entry {number} is missing"))),
        }
    }

    fn read(&self, number: u64, row: EntryRow<'_>) -> Result<Entry> {
        let (sent, with, epoch, seq, sent_ms, arrived_ms, name, text) = row;
        let origin = match sent {
            true => Origin::Sent(self.state(number, with, epoch, seq)?),
            false => Origin::Received { name: name.to_owned() },
        };
        let with = UserId::new(with)
            .map_err(|error| redb::Error::Corrupted(format!("entry {number}: {error}")))?;
        let id = MessageId { epoch: Epoch::from_bits(epoch), seq };
        let (number, text) = (HistoryId::new(number), text.to_owned());
        Ok(Entry { number, with, id, origin, sent_ms, arrived_ms, text })
    }

    fn state(&self, number: u64, to: &str, epoch: u64, seq: u64) -> Result<DeliveryState> {
        if let Some(reason) = self.failures.get(number)? {
            return Ok(DeliveryState::Failed(reason.value().to_owned()));
        }
        match self.numbers.get((to, epoch))? {
            Some(row) => Ok(Numbering::from_row(row.value()).state(seq)),
            None => Err(redb::Error::Corrupted(format!("the numbering to {to} is missing"))),
        }
    }
}

/// Reads a message of the outbox as whoever sends it needs it.
fn unsettled(entry: Entry) -> Result<Unsettled> {
    let Entry { number, with: to, id, origin, sent_ms, text, .. } = entry;
    match origin {
        Origin::Sent(state) => Ok(Unsettled { to, id, text, sent_ms, state }),
        Origin::Received { .. } => {
            Err(redb::Error::Corrupted(format!("entry {number} was not sent from here")))
        }
    }
}

/// Puts a text into a buffer in lower case, each character for itself, so that a part of a text
/// is folded like the whole.
fn fold_case(text: &str, buffer: &mut String) {
    buffer.clear();
    if text.is_ascii() {
        buffer.push_str(text);
        buffer.make_ascii_lowercase();
    } else {
        buffer.extend(text.chars().flat_map(char::to_lowercase));
    }
}
