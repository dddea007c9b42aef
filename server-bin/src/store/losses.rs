use std::collections::BTreeMap;

use breeze_core::error::RelayRefusal;
use breeze_core::id::{Epoch, MessageId, UserId};
use redb::ReadableTable;

use super::batch::{Batch, Result};
use super::keeping::bytes;
use super::schema::read_user;
use super::usage::Usage;
use super::{GivenUp, custody_row};

/// Messages that a purge gives up at most, so that nobody waits long for it.
pub(super) const PURGE: usize = 4096;
/// Pairs of users of which a purge forgets what was known at most; the next one goes on.
const FORGET: usize = 16_384;

/// The last number, for each sender and epoch.
type Lasts = BTreeMap<(UserId, u64), u64>;

/// Kept messages that leave, delivered or given up.
impl Batch<'_> {
    /// Removes what is kept of an epoch up to a number.
    pub(super) fn remove_kept(
        &mut self,
        from: &UserId,
        to: &UserId,
        upto: MessageId,
    ) -> Result<()> {
        let (user, sender, epoch) = (to.as_str(), from.as_str(), upto.epoch.to_bits());
        let range = (user, sender, epoch, 0)..=(user, sender, epoch, upto.seq);
        let mut gone = Usage::default();
        for row in self.index.extract_from_if(range, |_, _| true)? {
            let place = row?.1.value();
            let Some(row) = self.queue.remove((user, place))? else {
                return Err(redb::Error::Corrupted(format!(
                    "message {place} to {user} is missing"
                )));
            };
            let (_, _, _, envelope, body, _) = row.value();
            gone.add(bytes(envelope, body));
        }
        if gone.messages > 0 {
            let mut usage = self.usage(to)?;
            usage.remove(gone);
            self.set_usage(to, usage)?;
            self.total.remove(gone);
            self.changed = true;
        }
        Ok(())
    }

    /// Gives up all that is kept for a user.
    pub(super) fn give_up_all_for(
        &mut self,
        to: &UserId,
        reason: RelayRefusal,
    ) -> Result<Vec<GivenUp>> {
        let mut lasts = Lasts::new();
        for row in self.index.range((to.as_str(), "", 0, 0)..)? {
            let row = row?.0;
            let (user, sender, epoch, seq) = row.value();
            if user != to.as_str() {
                break;
            }
            lasts.insert((read_user(sender)?, epoch), seq);
        }
        self.give_up(to, lasts, reason)
    }

    fn give_up(&mut self, to: &UserId, lasts: Lasts, reason: RelayRefusal) -> Result<Vec<GivenUp>> {
        let mut given_up = Vec::with_capacity(lasts.len());
        for ((from, epoch), upto) in lasts {
            let epoch = Epoch::from_bits(epoch);
            self.remove_kept(&from, to, MessageId { epoch, seq: upto })?;
            if let Some(mut custody) = self.custody(&from, to)?
                && custody.epoch == epoch
            {
                custody.on_lost(upto, reason);
                self.set_custody(&from, to, &custody)?;
            }
            given_up.push(GivenUp { from, to: to.clone(), epoch, upto, reason });
        }
        Ok(given_up)
    }

    /// Removes what is kept from a user, and what is known of its messages.
    pub(super) fn forget_sender(&mut self, from: &UserId) -> Result<()> {
        for to in self.recipients()? {
            let (user, sender) = (to.as_str(), from.as_str());
            let range = (user, sender, 0, 0)..=(user, sender, u64::MAX, u64::MAX);
            let mut epochs = Vec::new();
            for row in self.index.range(range)? {
                epochs.push(row?.0.value().2);
            }
            epochs.dedup();
            for epoch in epochs.into_iter().map(Epoch::from_bits) {
                self.remove_kept(from, &to, MessageId { epoch, seq: u64::MAX })?;
            }
        }
        self.custody.retain(|(_, sender), _| sender != from.as_str())?;
        self.receipts.retain(|(sender, _), _| sender != from.as_str())?;
        self.changed = true;
        Ok(())
    }

    /// Gives up what has been kept for too long, and forgets what was known of earlier messages.
    ///
    /// Each recipient's queue is looked at from its front, up to the first message that is young
    /// enough: so a sender's messages go in order. A clock that was ahead delays it, and loses
    /// nothing.
    pub(super) fn purge(&mut self) -> Result<Vec<GivenUp>> {
        let age_ms = u64::try_from(self.limits.age.as_millis()).unwrap_or(u64::MAX);
        let Some(oldest_ms) = self.now_ms.checked_sub(age_ms) else { return Ok(Vec::new()) };
        let (mut given_up, mut budget) = (Vec::new(), PURGE);
        for to in self.recipients()? {
            let lasts = self.too_old(&to, oldest_ms, &mut budget)?;
            given_up.extend(self.give_up(&to, lasts, RelayRefusal::Expired)?);
            if budget == 0 {
                return Ok(given_up);
            }
        }
        self.forget_custodies(oldest_ms)?;
        Ok(given_up)
    }

    /// Finds the messages to a user that were kept before a time, as many as the budget allows.
    fn too_old(&self, to: &UserId, oldest_ms: u64, budget: &mut usize) -> Result<Lasts> {
        let mut lasts = Lasts::new();
        for row in self.queue.range((to.as_str(), 0)..=(to.as_str(), u64::MAX))? {
            let row = row?.1;
            let (sender, epoch, seq, _, _, kept_ms) = row.value();
            if kept_ms >= oldest_ms || *budget == 0 {
                break;
            }
            *budget -= 1;
            lasts.insert((read_user(sender)?, epoch), seq);
        }
        Ok(lasts)
    }

    /// Forgets what has not changed since a time, unless it is of messages that are still kept.
    fn forget_custodies(&mut self, oldest_ms: u64) -> Result<()> {
        let mut forgotten = Vec::new();
        for row in self.custody.iter()? {
            let (pair, row) = row?;
            let (to, from) = pair.value();
            let all = (to, from, 0, 0)..=(to, from, u64::MAX, u64::MAX);
            if custody_row::touched_ms(row.value()) < oldest_ms
                && self.index.range(all)?.next().is_none()
            {
                forgotten.push((to.to_owned(), from.to_owned()));
            }
            if forgotten.len() == FORGET {
                break;
            }
        }
        for (to, from) in &forgotten {
            self.custody.remove((to.as_str(), from.as_str()))?;
            self.receipts.remove((from.as_str(), to.as_str()))?;
            self.changed = true;
        }
        Ok(())
    }

    /// Returns all users for whom something is kept.
    fn recipients(&self) -> Result<Vec<UserId>> {
        self.usage.iter()?.map(|row| read_user(row?.0.value())).collect()
    }
}
