use super::{Holes, Outbox, Queue};
use crate::error::DeliveryFailure;
use crate::id::{Epoch, MessageId};
use crate::limits::{RESEND_PAUSES, WINDOW};
use crate::random::Random;
use crate::time::Instant;
use crate::timer::Backoff;
use crate::wire::{Ack, ChatBody};

/// Numbers the messages to one recipient and keeps each until its outcome is known and told, or the
/// server has it.
///
/// ```text
///    told ≤ settled ≤ stored ≤ sent ≤ accepted      (each the next number of its kind)
///     │ outcome  │ the     │ in     │ waits for │
///     │ known    │ server  │ flight │ its turn  │
///     │          │ has it  │        │           │
/// ```
///
/// `stored` may lie below `settled`: then the server keeps nothing that is open.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    epoch: Epoch,
    queue: Queue,
    /// The number of the queue's head: those before were told, or the server has them.
    held: u64,
    /// Outcomes of those below were reported.
    told: u64,
    /// The lowest number without an outcome; none that was passed over.
    settled: u64,
    /// The numbers, and their end, that a failure settled last: all others were delivered.
    failed: Option<(u64, u64, DeliveryFailure)>,
    /// Numbers, up to this end, that fail as soon as the failure before was told.
    doomed: Option<(u64, DeliveryFailure)>,
    /// Numbers that failed, and were passed over, while earlier ones are open.
    holes: Holes,
    /// The lowest number that the server does not have in its keeping.
    stored: u64,
    /// The server's keeping was reported up to here.
    stored_told: u64,
    /// Messages have to be given by the host again, and it was not told yet.
    recalled: bool,
    /// The next number to send on the present path.
    sent: u64,
    /// The first block of message `sent`.
    cursor: Option<u32>,
    /// The next number to report as sent.
    logged: u64,
    /// The next number to give out.
    accepted: u64,
    /// Numbers below were given out before they were recalled: only the host gives them again.
    fresh: u64,
    /// A message failed: the others go one at a time until one has got somewhere.
    is_careful: bool,
    /// The recipient has acknowledged something since the last rewind.
    pub is_confirmed: bool,
    /// When to send what is in flight again.
    pub resend_at: Instant,
    /// Since when an acknowledgement has been waited for.
    pub waiting_since: Instant,
    /// Nothing is sent before this, since the recipient's queue was full.
    pub paused_until: Instant,
    resend: Backoff,
}

/// How a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The recipient has it.
    Delivered,
    /// It will not arrive.
    Failed(DeliveryFailure),
}

/// A message to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Next {
    pub id: MessageId,
    /// How many numbers before it are not settled.
    pub back: u64,
    /// How many numbers right before it were given up, of those.
    pub gap: u64,
    /// Its first block.
    pub head: u32,
}

/// A message whose outcome is known and not yet told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    pub id: MessageId,
    pub outcome: Outcome,
}

impl Outgoing {
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self::starting_at(MessageId { epoch, seq: 1 })
    }

    fn starting_at(next: MessageId) -> Self {
        let MessageId { epoch, seq } = next;
        Self {
            epoch,
            queue: Queue::EMPTY,
            held: seq,
            told: seq,
            settled: seq,
            failed: None,
            doomed: None,
            holes: Holes::default(),
            stored: seq,
            stored_told: seq,
            recalled: false,
            sent: seq,
            cursor: None,
            logged: seq,
            accepted: seq,
            fresh: seq,
            is_careful: false,
            is_confirmed: false,
            resend_at: Instant::NEVER,
            waiting_since: Instant::NEVER,
            paused_until: Instant::ZERO,
            resend: Backoff::new(RESEND_PAUSES),
        }
    }

    /// Goes on with a numbering that the host remembers, from the number of its next message. Only
    /// while nothing is kept can the numbering change; otherwise numbers can be passed over, of
    /// messages that have failed. Returns whether the number is the next one now.
    pub(crate) fn resume(&mut self, next: MessageId) -> bool {
        let is_other = self.id(self.accepted) != next;
        if self.is_empty() && next.seq > 0 && is_other {
            self.restart(next);
        } else if next.epoch == self.epoch && next.seq > self.accepted {
            // Why they failed was told by an earlier run.
            let failure = DeliveryFailure::Lost;
            if self.holes.push(self.accepted, next.seq, true, failure) {
                if self.sent == self.accepted {
                    self.sent = next.seq;
                }
                if self.held == self.accepted {
                    self.held = next.seq;
                }
                if self.settled == self.accepted {
                    self.settled = next.seq;
                }
                self.accepted = next.seq;
            }
        }
        self.id(self.accepted) == next
    }

    /// Goes on with a numbering of which the server has all from `first` to `stored`. Only while
    /// nothing is kept; returns whether it does.
    pub(crate) fn resume_stored(&mut self, first: MessageId, stored: u64) -> bool {
        let is_sound = self.is_empty() && first.seq > 0 && (first.seq..u64::MAX).contains(&stored);
        if is_sound {
            self.restart(MessageId { epoch: first.epoch, seq: stored + 1 });
            (self.told, self.settled) = (first.seq, first.seq);
        }
        is_sound
    }

    /// Begins at a number. Those that were given before in the same numbering stay given.
    fn restart(&mut self, next: MessageId) {
        let given = if next.epoch == self.epoch { self.fresh.max(self.accepted) } else { 0 };
        *self = Self::starting_at(next);
        self.fresh = self.fresh.max(given);
    }

    /// Returns the number of the next message to be accepted, if the host does not number them.
    pub(crate) fn fresh_id(&self) -> MessageId {
        self.id(self.accepted.max(self.fresh))
    }

    /// Returns the number of the next message to be accepted.
    pub(crate) const fn next_id(&self) -> MessageId {
        self.id(self.accepted)
    }

    /// Returns the numbering.
    pub(crate) const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Takes a message in, or returns `None` if there is no room for it.
    pub(crate) fn accept(&mut self, outbox: &mut Outbox, body: &ChatBody<'_>) -> Option<MessageId> {
        let head = outbox.push(&mut self.queue, body)?;
        self.cursor = self.cursor.or(Some(head));
        self.accepted += 1;
        Some(self.id(self.accepted - 1))
    }

    /// Tells whether messages wait for an outcome.
    pub(crate) const fn is_unsettled(&self) -> bool {
        self.settled < self.accepted
    }

    /// Tells whether the server keeps messages that wait for an outcome.
    pub(crate) const fn is_stored(&self) -> bool {
        self.settled < self.stored
    }

    /// Tells whether sent messages wait for an acknowledgement.
    pub(crate) fn in_flight(&self) -> bool {
        self.unsent() < self.sent
    }

    /// Tells whether nothing at all is kept for this recipient.
    pub(crate) const fn is_empty(&self) -> bool {
        self.told == self.accepted && !self.recalled
    }

    /// Tells whether nothing has to be known of this recipient any more: nothing is kept for it, and the
    /// host has given again what it was asked for.
    pub(crate) const fn is_done(&self) -> bool {
        self.is_empty() && self.fresh <= self.accepted
    }

    /// The lowest number that still has to get anywhere.
    fn unsent(&self) -> u64 {
        self.holes.skip(self.settled.max(self.stored))
    }

    /// Returns the next message to send.
    pub(crate) fn next(&self, now: Instant) -> Option<Next> {
        let window = if self.is_careful { 1 } else { WINDOW };
        let open = self.sent < self.unsent() + window && now >= self.paused_until;
        let head = if open { self.cursor? } else { return None };
        let back = self.sent - self.settled;
        let gap = self.holes.before(self.sent).min(back);
        Some(Next { id: self.id(self.sent), back, gap, head })
    }

    /// Tells whether there is something to send at `now`.
    pub(crate) fn wants_to_send(&self, now: Instant) -> bool {
        self.next(now).is_some()
    }

    /// Notes that the message that [`next`](Self::next) gave was sent.
    pub(crate) fn on_sent(&mut self, now: Instant, outbox: &Outbox, random: &mut Random) {
        self.cursor = self.cursor.and_then(|head| outbox.next_message(head));
        self.sent = self.holes.skip(self.sent + 1);
        if !self.resend_at.is_set() {
            self.start_waiting(now, random);
        }
    }

    /// Goes back to the first message that has to get somewhere: the path changed, or what was sent
    /// got lost.
    pub(crate) fn rewind(&mut self, outbox: &Outbox) {
        self.sent = self.unsent();
        let mut head = outbox.first(&self.queue);
        let mut seq = self.held;
        while seq < self.sent {
            head = head.and_then(|head| outbox.next_message(head));
            seq = self.holes.skip(seq + 1);
        }
        self.cursor = head;
        self.logged = self.sent;
        self.is_confirmed = false;
        self.paused_until = Instant::ZERO;
        self.stop_waiting();
    }

    /// Takes an acknowledgement in. Returns whether it settled anything.
    pub(crate) fn on_ack(
        &mut self,
        now: Instant,
        outbox: &Outbox,
        ack: Ack,
        random: &mut Random,
    ) -> bool {
        // What was never sent on any path cannot be acknowledged; a rewind may have moved `sent`
        // below a number that was.
        if ack.epoch != self.epoch || ack.upto >= self.accepted || ack.upto < self.settled {
            return false;
        }
        self.settled = self.holes.skip(ack.upto + 1);
        self.on_progress(now, outbox, random);
        self.is_confirmed = true;
        true
    }

    /// Takes in that the server keeps all that is open, up to a number: there is no need to keep it
    /// here. Returns whether that is news.
    pub(crate) fn on_stored(
        &mut self,
        now: Instant,
        outbox: &mut Outbox,
        stored: Ack,
        random: &mut Random,
    ) -> bool {
        if stored.epoch != self.epoch || stored.upto >= self.accepted || stored.upto < self.stored {
            return false;
        }
        self.stored = self.holes.skip(stored.upto + 1);
        while self.held < self.stored {
            self.pop_held(outbox);
        }
        if self.sent < self.stored {
            (self.sent, self.logged) = (self.stored, self.stored);
            self.cursor = outbox.first(&self.queue);
        }
        self.on_progress(now, outbox, random);
        true
    }

    /// Tells whether the server has less than it has said: of what it still has, `upto` is the last.
    pub(crate) fn is_missing_after(&self, epoch: Epoch, upto: u64) -> bool {
        epoch == self.epoch
            && self.is_stored()
            && self.holes.skip(upto.saturating_add(1)) < self.stored
    }

    /// Lets go of all messages that have no outcome, for the host to give them again: those that
    /// the server has are needed here. Their outcomes are told first.
    pub(crate) fn recall(&mut self, outbox: &mut Outbox) {
        while outbox.first(&self.queue).is_some() {
            outbox.pop(&mut self.queue);
        }
        self.holes = Holes::default();
        self.fresh = self.fresh.max(self.accepted);
        let next = self.settled;
        (self.held, self.stored, self.stored_told) = (next, next, next);
        (self.sent, self.logged, self.accepted) = (next, next, next);
        self.cursor = None;
        self.is_careful = false;
        self.doomed = None;
        self.recalled = true;
        self.stop_waiting();
    }

    /// Takes a refusal of one message in. Returns whether it settled that message; otherwise
    /// earlier ones are still open, and all go out again in order.
    pub(crate) fn on_failed(
        &mut self,
        outbox: &mut Outbox,
        id: MessageId,
        failure: DeliveryFailure,
    ) -> bool {
        if !self.is_in_flight(id) {
            return false;
        }
        let first = id.seq == self.unsent() && self.fail_first(outbox, failure);
        if first {
            self.resend.reset();
        }
        // The others arrived and were left for its sake: they go out again. Behind one whose
        // recipient is not there, they are refused as well.
        let absent = matches!(failure, DeliveryFailure::Offline | DeliveryFailure::UnknownUser);
        if !first || !absent {
            self.rewind(outbox);
            self.is_careful |= !absent;
        } else if !self.in_flight() {
            self.stop_waiting();
        }
        first
    }

    /// Gives up all messages before `end`, or before the next one to be accepted, that have no
    /// outcome. Returns whether there were any.
    pub(crate) fn fail_until(
        &mut self,
        outbox: &Outbox,
        end: u64,
        failure: DeliveryFailure,
    ) -> bool {
        let end = end.min(self.accepted);
        if end <= self.settled {
            return false;
        }
        if self.failed.is_some() {
            let doomed = self.doomed.map_or(end, |(before, _)| before.max(end));
            self.doomed = Some((doomed, failure));
        } else {
            self.failed = Some((self.settled, end, failure));
            self.settled = self.holes.skip(end);
        }
        self.rewind(outbox);
        true
    }

    /// Gives up every message that has no outcome. Returns whether there were any.
    pub(crate) fn fail_all(&mut self, outbox: &Outbox, failure: DeliveryFailure) -> bool {
        self.fail_until(outbox, self.accepted, failure)
    }

    /// Returns the number after the last one that the server keeps.
    pub(crate) const fn stored_end(&self) -> u64 {
        self.stored
    }

    /// Gives up the next message to send, since the other end of the path cannot hold it. Returns
    /// false, and does nothing, while others before it are open or a failure has to be told first.
    pub(crate) fn refuse_next(&mut self, outbox: &mut Outbox) -> bool {
        let is_first =
            self.sent == self.unsent() && self.fail_first(outbox, DeliveryFailure::TooLarge);
        if is_first {
            self.rewind(outbox);
        }
        is_first
    }

    /// Gives up the lowest message that has to get anywhere. Behind others that the server has it
    /// is passed over. Returns false if an earlier failure has to be told, or settled, first.
    fn fail_first(&mut self, outbox: &mut Outbox, failure: DeliveryFailure) -> bool {
        let seq = self.unsent();
        if !self.is_stored() {
            // One failure is told at a time: the next waits for its refusal to come again.
            let is_free = self.failed.is_none();
            if is_free {
                self.failed = Some((seq, seq + 1, failure));
                self.settled = self.holes.skip(seq + 1);
            }
            return is_free;
        }
        let is_noted = self.holes.push(seq, seq + 1, false, failure);
        if is_noted {
            if self.held <= seq {
                self.pop_held(outbox);
            }
            if self.stored_told == self.stored {
                self.stored_told = self.holes.skip(seq + 1);
            }
            self.stored = self.holes.skip(seq + 1);
        }
        is_noted
    }

    /// Frees the room of the first message that is kept here.
    fn pop_held(&mut self, outbox: &mut Outbox) {
        outbox.pop(&mut self.queue);
        self.held = self.holes.skip(self.held + 1);
    }

    /// Tells whether a message is on its way: sent since the last rewind or kept by the server, and
    /// not settled.
    pub(crate) fn is_in_flight(&self, id: MessageId) -> bool {
        id.epoch == self.epoch && (self.settled..self.sent).contains(&id.seq)
    }

    /// Holds everything back until `until`, then sends all of it again.
    pub(crate) fn pause(&mut self, outbox: &Outbox, until: Instant) {
        self.rewind(outbox);
        self.paused_until = until;
        self.resend_at = until;
    }

    /// Takes out the next message to report as sent.
    pub(crate) fn pop_sent(&mut self) -> Option<MessageId> {
        self.logged = self.holes.skip(self.logged.max(self.told));
        if self.logged >= self.sent {
            return None;
        }
        self.logged += 1;
        Some(self.id(self.logged - 1))
    }

    /// Takes out the last of the messages to report as kept by the server.
    pub(crate) fn pop_stored(&mut self) -> Option<MessageId> {
        let is_news = self.stored > self.stored_told && self.is_stored();
        self.stored_told = self.stored;
        is_news.then(|| self.id(self.stored - 1))
    }

    /// Takes out the first of the messages that the host has to give again, once every outcome
    /// before was told.
    pub(crate) fn pop_recall(&mut self) -> Option<MessageId> {
        let is_due = core::mem::take(&mut self.recalled);
        is_due.then(|| self.id(self.settled))
    }

    /// Takes out the oldest message whose outcome is known, and frees its room.
    pub(crate) fn pop_settled(&mut self, outbox: &mut Outbox) -> Option<Settled> {
        if let Some((seq, failure)) = self.holes.pop() {
            return Some(Settled { id: self.id(seq), outcome: Outcome::Failed(failure) });
        }
        // These were told when they failed.
        self.told = self.holes.skip(self.told);
        self.holes.forget_below(self.told);
        if self.told >= self.settled {
            let (end, failure) = self.doomed.take()?;
            self.fail_until(outbox, end, failure);
        }
        if self.told >= self.settled {
            return None;
        }
        let id = self.id(self.told);
        let outcome = match self.failed {
            Some((first, end, failure)) if self.told >= first => {
                if self.holes.skip(self.told + 1) >= end {
                    self.failed = None;
                }
                Outcome::Failed(failure)
            }
            Some(_) | None => Outcome::Delivered,
        };
        if self.held <= self.told {
            self.pop_held(outbox);
        }
        self.told += 1;
        Some(Settled { id, outcome })
    }

    /// Messages have got somewhere: what is behind them may go on.
    fn on_progress(&mut self, now: Instant, outbox: &Outbox, random: &mut Random) {
        self.resend.reset();
        self.is_careful = false;
        self.paused_until = Instant::ZERO;
        self.stop_waiting();
        if self.in_flight() {
            self.start_waiting(now, random);
        } else if self.sent < self.unsent() {
            self.rewind(outbox);
        }
    }

    fn start_waiting(&mut self, now: Instant, random: &mut Random) {
        self.resend_at = now + self.resend.pause(random);
        self.waiting_since = now;
    }

    fn stop_waiting(&mut self) {
        self.resend_at = Instant::NEVER;
        self.waiting_since = Instant::NEVER;
    }

    const fn id(&self, seq: u64) -> MessageId {
        MessageId { epoch: self.epoch, seq }
    }
}

#[cfg(test)]
#[path = "outgoing_tests.rs"]
mod tests;
