use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;

use breeze_core::id::{Epoch, MessageId, PublicKey, UserId};
use breeze_core::io::{Backlog, Kept};
use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable};

use super::account::Account;
use super::batch::Result;
use super::keeping::bytes;
use super::schema::{self, AccountRow, CustodyRow, IndexKey, PairKey, QueueKey, QueueRow};
use super::schema::{SecretRow, UsageRow, read_user};
use super::{Page, Secret, SecretKind, UserRow, custody_row};

/// Messages on a page at most.
const PAGE: usize = 64;
/// Bytes of their bodies and envelopes at most, unless there is a single one.
const PAGE_BYTES: u64 = 256 * 1024;

/// Answers questions as of one moment, whatever is written meanwhile.
pub(super) struct Snapshot {
    users: ReadOnlyTable<&'static str, AccountRow<'static>>,
    secrets: ReadOnlyTable<&'static str, SecretRow<'static>>,
    queue: ReadOnlyTable<QueueKey<'static>, QueueRow<'static>>,
    index: ReadOnlyTable<IndexKey<'static>, u64>,
    usage: ReadOnlyTable<&'static str, UsageRow>,
    custody: ReadOnlyTable<PairKey<'static>, CustodyRow>,
    receipts: ReadOnlyTable<PairKey<'static>, ()>,
}

impl Snapshot {
    pub(super) fn take(db: &Database) -> Result<Self> {
        let read = db.begin_read()?;
        Ok(Self {
            users: read.open_table(schema::USERS)?,
            secrets: read.open_table(schema::SECRETS)?,
            queue: read.open_table(schema::QUEUE)?,
            index: read.open_table(schema::INDEX)?,
            usage: read.open_table(schema::USAGE)?,
            custody: read.open_table(schema::CUSTODY)?,
            receipts: read.open_table(schema::RECEIPTS)?,
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

    pub(super) fn backlog(&self, user: &UserId) -> Result<Backlog> {
        Ok(Backlog { kept: self.senders(user)?, read: self.read(user)? })
    }

    /// Returns the senders of messages that are kept for a user.
    fn senders(&self, to: &UserId) -> Result<Vec<UserId>> {
        let mut senders = Vec::<UserId>::new();
        // From one sender to the next: the messages between them are not read.
        while let Some(from) = self.next_sender(to.as_str(), senders.last())? {
            senders.push(from);
        }
        Ok(senders)
    }

    fn next_sender(&self, user: &str, after: Option<&UserId>) -> Result<Option<UserId>> {
        let begin = match after {
            None => Bound::Included((user, "", 0, 0)),
            Some(from) => Bound::Excluded((user, from.as_str(), u64::MAX, u64::MAX)),
        };
        let Some(row) = self.index.range((begin, Bound::Unbounded))?.next() else {
            return Ok(None);
        };
        let key = row?.0;
        let (to, from, _, _) = key.value();
        if to == user { read_user(from).map(Some) } else { Ok(None) }
    }

    /// Returns how far persons have seen a sender's messages, where it was not told so.
    fn read(&self, from: &UserId) -> Result<Vec<(UserId, MessageId)>> {
        let mut read = Vec::new();
        for row in self.receipts.range((from.as_str(), "")..)? {
            let key = row?.0;
            let (sender, to) = key.value();
            if sender != from.as_str() {
                break;
            }
            let Some(row) = self.custody.get((to, sender))? else { continue };
            let custody = custody_row::read(row.value())?;
            // It has begun to count anew if the sender has.
            if custody.read > 0 {
                let id = MessageId { epoch: custody.epoch, seq: custody.read };
                read.push((read_user(to)?, id));
            }
        }
        Ok(read)
    }

    pub(super) fn page(&self, to: &UserId, after: u64) -> Result<Page> {
        let user = to.as_str();
        let mut page = Page { kept: Vec::new(), last: after, more: false };
        let mut size = 0;
        // The lowest number of each sender and epoch. What was open when a message came may have
        // been acknowledged since.
        let mut lowest = BTreeMap::<(UserId, u64), u64>::new();
        for row in self.queue.range((user, after.saturating_add(1))..=(user, u64::MAX))? {
            let (key, row) = row?;
            let (sender, bits, seq, envelope, body, _) = row.value();
            size += bytes(envelope, body);
            if !page.kept.is_empty() && (page.kept.len() == PAGE || size > PAGE_BYTES) {
                page.more = true;
                break;
            }
            let from = read_user(sender)?;
            let lowest = match lowest.entry((from.clone(), bits)) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(new) => *new.insert(self.lowest((user, sender, bits, seq))?),
            };
            let back = seq.saturating_sub(lowest);
            let id = MessageId { epoch: Epoch::from_bits(bits), seq };
            let (envelope, body) = (envelope.to_vec(), body.to_vec());
            page.kept.push(Kept { from, id, back, envelope, body });
            page.last = key.value().1;
        }
        Ok(page)
    }

    /// Returns the lowest number that is kept of the sender and epoch of a message.
    fn lowest(&self, (to, from, epoch, seq): IndexKey<'_>) -> Result<u64> {
        let first = self.index.range((to, from, epoch, 0)..=(to, from, epoch, seq))?.next();
        first.map_or(Ok(seq), |row| Ok(row?.0.value().3))
    }
}
