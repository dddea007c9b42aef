use redb::{ReadableTable, Table, WriteTransaction};

use super::schema::{self, AccountRow, BYTES, CustodyRow, IndexKey, MESSAGES, PLACES, PairKey};
use super::schema::{QueueKey, QueueRow, SecretRow, UsageRow};
use super::usage::Usage;
use super::{Change, Limits, Outcome};
use crate::host::database::META;

pub(super) type Result<T> = std::result::Result<T, redb::Error>;

/// Carries out changes in one transaction.
///
/// `accounts.rs`, `keeping.rs` and `losses.rs` say how.
pub(super) struct Batch<'t> {
    meta: Table<'t, &'static str, u64>,
    pub(super) users: Table<'t, &'static str, AccountRow<'static>>,
    pub(super) keys: Table<'t, &'static [u8; 32], &'static str>,
    pub(super) secrets: Table<'t, &'static str, SecretRow<'static>>,
    pub(super) queue: Table<'t, QueueKey<'static>, QueueRow<'static>>,
    pub(super) index: Table<'t, IndexKey<'static>, u64>,
    pub(super) usage: Table<'t, &'static str, UsageRow>,
    pub(super) custody: Table<'t, PairKey<'static>, CustodyRow>,
    pub(super) receipts: Table<'t, PairKey<'static>, ()>,
    pub(super) limits: Limits,
    pub(super) now_ms: u64,
    /// What is kept in all, and the last place given out: written when the batch is done.
    pub(super) total: Usage,
    pub(super) places: u64,
    pub(super) changed: bool,
}

impl<'t> Batch<'t> {
    pub(super) fn open(write: &'t WriteTransaction, limits: Limits, now_ms: u64) -> Result<Self> {
        let meta = write.open_table(META)?;
        let count = |name| Ok::<_, redb::Error>(meta.get(name)?.map_or(0, |count| count.value()));
        let total = Usage { messages: count(MESSAGES)?, bytes: count(BYTES)? };
        let places = count(PLACES)?;
        Ok(Self {
            meta,
            users: write.open_table(schema::USERS)?,
            keys: write.open_table(schema::KEYS)?,
            secrets: write.open_table(schema::SECRETS)?,
            queue: write.open_table(schema::QUEUE)?,
            index: write.open_table(schema::INDEX)?,
            usage: write.open_table(schema::USAGE)?,
            custody: write.open_table(schema::CUSTODY)?,
            receipts: write.open_table(schema::RECEIPTS)?,
            limits,
            now_ms,
            total,
            places,
            changed: false,
        })
    }

    pub(super) fn apply(&mut self, change: &Change) -> Result<Outcome> {
        match change {
            Change::Claim { user, key, max_frame, registration } => {
                self.claim(user, key, *max_frame, *registration).map(Outcome::Claimed)
            }
            Change::Enrol { user, key, max_frame, secret, registration } => {
                self.enrol(user, key, *max_frame, secret, *registration).map(Outcome::Claimed)
            }
            Change::Keep { keep } => self.keep(keep).map(Outcome::Kept),
            Change::Acked { from, to, id } => self.on_acked(from, to, *id).map(|()| Outcome::Done),
            Change::Read { from, to, id } => self.on_read(from, to, *id).map(|()| Outcome::Done),
            Change::Ask { from, to, epoch } => self.answers(from, to, *epoch).map(Outcome::Answers),
            Change::ReadTold { user, read } => {
                self.on_read_told(user, read).map(|()| Outcome::Done)
            }
            Change::Purge => self.purge().map(Outcome::GivenUp),
        }
    }

    /// Ends the batch; tells whether there is anything to commit.
    pub(super) fn finish(mut self) -> Result<bool> {
        if self.changed {
            self.meta.insert(MESSAGES, self.total.messages)?;
            self.meta.insert(BYTES, self.total.bytes)?;
            self.meta.insert(PLACES, self.places)?;
        }
        Ok(self.changed)
    }
}
