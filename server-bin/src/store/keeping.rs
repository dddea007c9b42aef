use breeze_core::error::RelayRefusal;
use breeze_core::id::{Epoch, MessageId, UserId};
use breeze_core::io::Keep;
use breeze_core::{Answer, Custody};
use redb::ReadableTable;

use super::account::Account;
use super::batch::{Batch, Result};
use super::custody_row;
use super::usage::Usage;

/// Bytes that a frame needs besides a message's envelope and body: names, numbers and lengths.
const FRAME_HEAD: u64 = 128;

/// Messages for users that are not there, and what their senders are told of them.
///
/// [`Custody`] decides which is kept; here it is made to last.
impl Batch<'_> {
    pub(super) fn keep(&mut self, keep: &Keep) -> Result<Answer> {
        let Keep { from, to, id, back, gap, .. } = keep;
        let Some(account) = self.account(to)? else {
            return Ok(Answer::Refused(RelayRefusal::UnknownUser));
        };
        match account.key {
            None => return Ok(Answer::Refused(RelayRefusal::UnknownUser)),
            Some(key) if !keep.is_for(&key) => {
                return Ok(Answer::Refused(RelayRefusal::KeyChanged));
            }
            Some(_) => {}
        }
        if self.account(from)?.is_none() {
            // Removed while the message was on its way here; its session is about to end.
            return Ok(Answer::Refused(RelayRefusal::Unavailable));
        }
        if *back >= id.seq || gap > back {
            return Ok(Answer::Gap);
        }
        let before = self.custody(from, to)?.unwrap_or(Custody::new(id.epoch));
        let mut custody = before;
        if let Err(answer) = custody.admit(id.epoch, id.seq, *back, *gap) {
            if custody != before {
                self.set_custody(from, to, &custody)?;
            }
            return Ok(answer);
        }
        // A message that is refused leaves the custody as it was: it is not the last one.
        if let Some(refusal) = self.refusal(&account, keep)? {
            return Ok(Answer::Refused(refusal));
        }
        self.enter(keep)?;
        self.set_custody(from, to, &custody)?;
        Ok(Answer::Stored { upto: custody.last })
    }

    fn refusal(&self, recipient: &Account, keep: &Keep) -> Result<Option<RelayRefusal>> {
        let bytes = bytes(&keep.envelope, &keep.body);
        if recipient.max_frame != 0 && bytes + FRAME_HEAD > u64::from(recipient.max_frame) {
            return Ok(Some(RelayRefusal::TooLarge));
        }
        let limits = self.limits;
        let for_one = Usage { messages: limits.messages, bytes: limits.bytes };
        let in_all = Usage { messages: limits.total_messages, bytes: limits.total_bytes };
        let fits = self.usage(&keep.to)?.has_room(bytes, recipient.most(for_one))
            && self.total.has_room(bytes, in_all);
        Ok((!fits).then_some(RelayRefusal::Quota))
    }

    /// Puts a message at the end of its recipient's queue.
    fn enter(&mut self, keep: &Keep) -> Result<()> {
        let Keep { from, to, id, envelope, body, .. } = keep;
        let (from, epoch) = (from.as_str(), id.epoch.to_bits());
        self.places += 1;
        let row = (from, epoch, id.seq, &envelope[..], &body[..], self.now_ms);
        self.queue.insert((to.as_str(), self.places), row)?;
        self.index.insert((to.as_str(), from, epoch, id.seq), self.places)?;
        let bytes = bytes(envelope, body);
        let mut usage = self.usage(to)?;
        usage.add(bytes);
        self.set_usage(to, usage)?;
        self.total.add(bytes);
        self.changed = true;
        Ok(())
    }

    pub(super) fn on_acked(&mut self, from: &UserId, to: &UserId, id: MessageId) -> Result<()> {
        self.remove_kept(from, to, id)?;
        if let Some(mut custody) = self.custody_or_new(from, to, id.epoch)?
            && custody.on_ack(id.epoch, id.seq)
        {
            self.set_custody(from, to, &custody)?;
        }
        Ok(())
    }

    pub(super) fn on_read(&mut self, from: &UserId, to: &UserId, id: MessageId) -> Result<()> {
        if let Some(mut custody) = self.custody_or_new(from, to, id.epoch)?
            && custody.on_read(id.epoch, id.seq)
        {
            self.set_custody(from, to, &custody)?;
            self.receipts.insert((from.as_str(), to.as_str()), ())?;
        }
        Ok(())
    }

    pub(super) fn on_read_told(
        &mut self,
        user: &UserId,
        read: &[(UserId, MessageId)],
    ) -> Result<()> {
        for (to, id) in read {
            // A person may have seen more since.
            let is_all = self
                .custody(user, to)?
                .is_none_or(|custody| custody.epoch == id.epoch && custody.read <= id.seq);
            if is_all && self.receipts.remove((user.as_str(), to.as_str()))?.is_some() {
                self.changed = true;
            }
        }
        Ok(())
    }

    pub(super) fn answers(
        &mut self,
        from: &UserId,
        to: &UserId,
        epoch: Epoch,
    ) -> Result<Vec<Answer>> {
        let custody = self.custody(from, to)?.unwrap_or(Custody::new(epoch));
        Ok(custody.answers(epoch).collect())
    }

    pub(super) fn custody(&self, from: &UserId, to: &UserId) -> Result<Option<Custody>> {
        let row = self.custody.get((to.as_str(), from.as_str()))?;
        row.map(|row| custody_row::read(row.value())).transpose()
    }

    /// Returns what is known of a pair of users, or a new beginning; none if there are no such two:
    /// or else a client could fill the table with names that it makes up.
    fn custody_or_new(&self, from: &UserId, to: &UserId, epoch: Epoch) -> Result<Option<Custody>> {
        let known = self.custody(from, to)?;
        if known.is_some() {
            return Ok(known);
        }
        let exist = self.account(from)?.is_some() && self.account(to)?.is_some();
        Ok(exist.then_some(Custody::new(epoch)))
    }

    pub(super) fn set_custody(
        &mut self,
        from: &UserId,
        to: &UserId,
        custody: &Custody,
    ) -> Result<()> {
        let row = custody_row::write(custody, self.now_ms);
        self.custody.insert((to.as_str(), from.as_str()), row)?;
        self.changed = true;
        Ok(())
    }

    pub(super) fn usage(&self, user: &UserId) -> Result<Usage> {
        let row = self.usage.get(user.as_str())?.map(|row| row.value());
        Ok(row.map_or(Usage::default(), |(messages, bytes)| Usage { messages, bytes }))
    }

    pub(super) fn set_usage(&mut self, user: &UserId, usage: Usage) -> Result<()> {
        match usage {
            Usage { messages: 0, .. } => drop(self.usage.remove(user.as_str())?),
            Usage { messages, bytes } => {
                drop(self.usage.insert(user.as_str(), (messages, bytes))?);
            }
        }
        Ok(())
    }
}

/// Returns the bytes for which a message counts.
pub(super) fn bytes(envelope: &[u8], body: &[u8]) -> u64 {
    (envelope.len() + body.len()) as u64
}
