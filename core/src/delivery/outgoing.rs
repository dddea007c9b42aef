use super::{Outbox, Queue};
use crate::error::DeliveryFailure;
use crate::id::{Epoch, MessageId};
use crate::limits::{RESEND_PAUSES, WINDOW};
use crate::random::Random;
use crate::time::Instant;
use crate::timer::Backoff;
use crate::wire::{Ack, ChatBody};

/// Numbers the messages to one recipient and keeps each until its outcome is known and told.
///
/// ```text
///    told ≤ settled ≤ sent ≤ accepted         (each the next number of its kind)
///     │ outcome  │ in     │ waits for │
///     │ known    │ flight │ its turn  │
/// ```
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    epoch: Epoch,
    queue: Queue,
    /// The number of the queue's head: outcomes up to it were reported.
    told: u64,
    /// The lowest number without an outcome.
    settled: u64,
    /// The number that a failure, if any, settled last: all others were delivered.
    failed: Option<(u64, DeliveryFailure)>,
    /// The next number to send on the present path.
    sent: u64,
    /// The first block of message `sent`.
    cursor: Option<u32>,
    /// The next number to report as sent.
    logged: u64,
    /// The next number to give out.
    accepted: u64,
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

/// A message whose outcome is known and not yet told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    pub id: MessageId,
    pub outcome: Outcome,
}

impl Outgoing {
    pub(crate) const fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            queue: Queue::EMPTY,
            told: 1,
            settled: 1,
            failed: None,
            sent: 1,
            cursor: None,
            logged: 1,
            accepted: 1,
            resend_at: Instant::NEVER,
            waiting_since: Instant::NEVER,
            paused_until: Instant::ZERO,
            resend: Backoff::new(RESEND_PAUSES),
        }
    }

    /// Goes on with a numbering that the host remembers, from the number of its next message. Only
    /// while nothing is kept can the numbering change; returns whether it is the given one now.
    pub(crate) fn resume(&mut self, next: MessageId) -> bool {
        if self.is_empty() && next.seq > 0 && self.id(self.accepted) != next {
            *self = Self::new(next.epoch);
            (self.told, self.settled, self.sent) = (next.seq, next.seq, next.seq);
            (self.logged, self.accepted) = (next.seq, next.seq);
        }
        self.id(self.accepted) == next
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

    /// Tells whether sent messages wait for an acknowledgement.
    pub(crate) const fn in_flight(&self) -> bool {
        self.settled < self.sent
    }

    /// Tells whether nothing at all is kept for this recipient.
    pub(crate) const fn is_empty(&self) -> bool {
        self.told == self.accepted
    }

    /// Returns the next message to send: its id, how many unsettled ones precede it, and its
    /// first block.
    pub(crate) fn next(&self, now: Instant) -> Option<(MessageId, u64, u32)> {
        let open = self.sent < self.settled + WINDOW && now >= self.paused_until;
        let head = if open { self.cursor? } else { return None };
        Some((self.id(self.sent), self.sent - self.settled, head))
    }

    /// Tells whether there is something to send at `now`.
    pub(crate) fn wants_to_send(&self, now: Instant) -> bool {
        self.next(now).is_some()
    }

    /// Notes that the message that [`next`](Self::next) gave was sent.
    pub(crate) fn on_sent(&mut self, now: Instant, outbox: &Outbox, random: &mut Random) {
        self.cursor = self.cursor.and_then(|head| outbox.next_message(head));
        self.sent += 1;
        if !self.resend_at.is_set() {
            self.resend_at = now + self.resend.pause(random);
            self.waiting_since = now;
        }
    }

    /// Goes back to the first unsettled message: the path changed, or what was sent got lost.
    pub(crate) fn rewind(&mut self, outbox: &Outbox) {
        let mut head = outbox.first(&self.queue);
        for _ in self.told..self.settled {
            head = head.and_then(|head| outbox.next_message(head));
        }
        self.cursor = head;
        self.sent = self.settled;
        self.logged = self.settled;
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
        self.settled = ack.upto + 1;
        self.resend.reset();
        self.paused_until = Instant::ZERO;
        self.stop_waiting();
        if self.in_flight() {
            self.resend_at = now + self.resend.pause(random);
            self.waiting_since = now;
        } else if self.sent < self.settled {
            self.rewind(outbox);
        }
        true
    }

    /// Takes a refusal of one message in. Returns whether it settled that message; otherwise
    /// earlier ones are still open, and all go out again in order.
    pub(crate) fn on_failed(
        &mut self,
        outbox: &Outbox,
        id: MessageId,
        failure: DeliveryFailure,
    ) -> bool {
        if !self.is_in_flight(id) {
            return false;
        }
        // One failure is told at a time: the next waits for its refusal to come again.
        let first = id.seq == self.settled && self.failed.is_none();
        if first {
            self.failed = Some((id.seq, failure));
            self.settled += 1;
            self.resend.reset();
        }
        // Behind one that is too large, the others arrived and were left for its sake: they go out
        // again. Behind one whose recipient is not there, they are refused as well.
        if !first || failure == DeliveryFailure::TooLarge {
            self.rewind(outbox);
        } else if !self.in_flight() {
            self.stop_waiting();
        }
        first
    }

    /// Gives up the next message to send, since the other end of the path cannot hold it. Returns
    /// false, and does nothing, while others before it are open or a failure has to be told first.
    pub(crate) fn refuse_next(&mut self, outbox: &Outbox) -> bool {
        let is_first = self.sent == self.settled && self.failed.is_none();
        if is_first {
            self.failed = Some((self.settled, DeliveryFailure::TooLarge));
            self.settled += 1;
            self.rewind(outbox);
        }
        is_first
    }

    /// Tells whether a message is on its way: sent since the last rewind, and not settled.
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
        self.logged = self.logged.max(self.told);
        if self.logged >= self.sent {
            return None;
        }
        self.logged += 1;
        Some(self.id(self.logged - 1))
    }

    /// Takes out the oldest message whose outcome is known, and frees its room.
    pub(crate) fn pop_settled(&mut self, outbox: &mut Outbox) -> Option<Settled> {
        if self.told >= self.settled {
            return None;
        }
        let id = self.id(self.told);
        let outcome = match self.failed {
            Some((seq, failure)) if seq == self.told => {
                self.failed = None;
                Outcome::Failed(failure)
            }
            _ => Outcome::Delivered,
        };
        outbox.pop(&mut self.queue);
        self.told += 1;
        Some(Settled { id, outcome })
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
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::delivery::Block;

    const NOW: Instant = Instant::ZERO;

    struct Sender {
        outbox: Outbox<[Block; 64]>,
        outgoing: Outgoing,
        random: Random,
    }

    impl Sender {
        fn new() -> Self {
            let outgoing = Outgoing::new(Epoch::from_bits(9));
            Self { outbox: Outbox::new(), outgoing, random: Random::new(1) }
        }

        fn accept(&mut self, count: usize) {
            for _ in 0..count {
                let body = ChatBody { name: "n", sent_ms: 1, text: "t" };
                assert!(self.outgoing.accept(&mut self.outbox, &body).is_some());
            }
        }

        /// Sends all that may be sent: number and count of unsettled ones before it.
        fn flush(&mut self) -> Vec<(u64, u64)> {
            let mut sent = Vec::new();
            while let Some((id, back, _)) = self.outgoing.next(NOW) {
                sent.push((id.seq, back));
                self.outgoing.on_sent(NOW, &self.outbox, &mut self.random);
            }
            sent
        }

        fn ack(&mut self, upto: u64) -> bool {
            let ack = Ack { epoch: Epoch::from_bits(9), upto };
            self.outgoing.on_ack(NOW, &self.outbox, ack, &mut self.random)
        }

        fn fail(&mut self, seq: u64) -> bool {
            let id = MessageId { epoch: Epoch::from_bits(9), seq };
            self.outgoing.on_failed(&self.outbox, id, DeliveryFailure::Offline)
        }

        fn outcomes(&mut self) -> Vec<(u64, bool)> {
            core::iter::from_fn(|| self.outgoing.pop_settled(&mut self.outbox))
                .map(|settled| (settled.id.seq, settled.outcome == Outcome::Delivered))
                .collect()
        }
    }

    #[test]
    fn acknowledged_messages_are_told_once_and_forgotten() {
        let mut sender = Sender::new();
        sender.accept(3);
        assert_eq!(sender.flush(), [(1, 0), (2, 1), (3, 2)]);
        assert!(sender.ack(2));
        assert!(!sender.ack(1), "an old one");
        assert_eq!(sender.outcomes(), [(1, true), (2, true)]);
        assert!(sender.outgoing.resend_at.is_set());
        assert!(sender.ack(3));
        assert_eq!(sender.outcomes(), [(3, true)]);
        assert!(sender.outgoing.is_empty() && !sender.outgoing.resend_at.is_set());
        assert!(!sender.ack(4), "a number never given out");
    }

    #[test]
    fn a_change_of_path_sends_all_that_is_unsettled_again() {
        let mut sender = Sender::new();
        sender.accept(4);
        sender.flush();
        sender.ack(1);
        sender.outgoing.rewind(&sender.outbox);
        assert_eq!(sender.flush(), [(2, 0), (3, 1), (4, 2)]);
    }

    #[test]
    fn an_acknowledgement_that_overtakes_a_rewind_moves_the_sender_on() {
        let mut sender = Sender::new();
        sender.accept(4);
        sender.flush();
        sender.outgoing.rewind(&sender.outbox);
        assert!(sender.ack(3), "sent on the path before");
        assert_eq!(sender.flush(), [(4, 0)]);
    }

    #[test]
    fn failures_settle_in_order_and_are_told_one_by_one() {
        let mut sender = Sender::new();
        sender.accept(3);
        sender.flush();
        assert!(!sender.fail(2), "the first one is still open");
        assert_eq!(sender.flush(), [(1, 0), (2, 1), (3, 2)], "all again, in order");
        assert!(sender.fail(1));
        assert!(!sender.fail(2), "not before the first failure was told");
        assert_eq!(sender.outcomes(), [(1, false)]);
        assert_eq!(sender.flush(), [(2, 0), (3, 1)]);
        assert!(sender.fail(2));
        assert!(sender.ack(3));
        assert_eq!(sender.outcomes(), [(2, false), (3, true)]);
        assert!(sender.outgoing.is_empty());
    }

    #[test]
    fn the_window_bounds_what_is_in_flight() {
        let mut sized = Outbox::<[Block; 2048]>::new();
        let outbox: &mut Outbox = &mut sized;
        let mut random = Random::new(1);
        let mut outgoing = Outgoing::new(Epoch::from_bits(1));
        for _ in 0..WINDOW + 10 {
            let body = ChatBody { name: "", sent_ms: 0, text: "" };
            assert!(outgoing.accept(outbox, &body).is_some());
        }
        let mut count = 0;
        while outgoing.next(NOW).is_some() {
            outgoing.on_sent(NOW, outbox, &mut random);
            count += 1;
        }
        assert_eq!(count, WINDOW);
    }

    #[test]
    fn a_remembered_numbering_goes_on() {
        let mut sender = Sender::new();
        let id = |epoch, seq| MessageId { epoch: Epoch::from_bits(epoch), seq };
        assert!(sender.outgoing.resume(id(7, 41)));
        sender.accept(2);
        assert!(!sender.outgoing.resume(id(7, 41)), "two messages later");
        assert!(!sender.outgoing.resume(id(8, 1)), "another one, while messages are kept");
        assert!(sender.outgoing.resume(id(7, 43)));
        assert_eq!(sender.flush(), [(41, 0), (42, 1)]);
        let ack = Ack { epoch: Epoch::from_bits(7), upto: 42 };
        assert!(sender.outgoing.on_ack(NOW, &sender.outbox, ack, &mut sender.random));
        assert_eq!(sender.outcomes(), [(41, true), (42, true)]);
        assert!(!sender.outgoing.resume(id(8, 0)), "numbers begin at 1");
        assert!(sender.outgoing.resume(id(8, 1)), "nothing is kept any more");
    }

    #[test]
    fn a_pause_holds_everything_back() {
        let mut sender = Sender::new();
        sender.accept(2);
        sender.flush();
        let later = Instant::from_millis(500);
        sender.outgoing.pause(&sender.outbox, later);
        assert!(!sender.outgoing.wants_to_send(NOW));
        assert!(sender.outgoing.wants_to_send(later));
        assert_eq!(sender.outgoing.resend_at, later);
        sender.outgoing.rewind(&sender.outbox);
        assert_eq!(sender.flush(), [(1, 0), (2, 1)], "another path has no reason to wait");
    }

    #[test]
    fn only_what_is_in_flight_can_be_refused() {
        let mut sender = Sender::new();
        sender.accept(3);
        let id = |seq| MessageId { epoch: Epoch::from_bits(9), seq };
        assert!(!sender.outgoing.is_in_flight(id(1)));
        sender.flush();
        assert!(sender.outgoing.is_in_flight(id(3)) && !sender.outgoing.is_in_flight(id(4)));
        sender.outgoing.pause(&sender.outbox, Instant::from_millis(500));
        assert!(!sender.outgoing.is_in_flight(id(2)), "one refusal was enough");
    }

    #[test]
    fn those_behind_one_that_is_too_large_go_out_again() {
        let mut sender = Sender::new();
        sender.accept(3);
        sender.flush();
        assert!(sender.outgoing.on_failed(
            &sender.outbox,
            MessageId { epoch: Epoch::from_bits(9), seq: 1 },
            DeliveryFailure::TooLarge
        ));
        assert_eq!(sender.flush(), [(2, 0), (3, 1)]);
        sender.accept(1);
        assert!(!sender.outgoing.refuse_next(&sender.outbox), "others before it are open");
        assert!(sender.ack(3));
        assert!(!sender.outgoing.refuse_next(&sender.outbox), "a failure has to be told first");
        assert_eq!(sender.outcomes(), [(1, false), (2, true), (3, true)]);
        assert!(sender.outgoing.refuse_next(&sender.outbox));
        assert_eq!(sender.outcomes(), [(4, false)]);
        assert!(sender.outgoing.is_empty());
    }
}
