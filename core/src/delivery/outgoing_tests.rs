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
        while let Some(next) = self.outgoing.next(NOW) {
            sent.push((next.id.seq, next.back));
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
        self.outgoing.on_failed(&mut self.outbox, id, DeliveryFailure::Offline)
    }

    fn store(&mut self, upto: u64) -> bool {
        let stored = Ack { epoch: Epoch::from_bits(9), upto };
        self.outgoing.on_stored(NOW, &mut self.outbox, stored, &mut self.random)
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
        &mut sender.outbox,
        MessageId { epoch: Epoch::from_bits(9), seq: 1 },
        DeliveryFailure::TooLarge
    ));
    assert_eq!(sender.flush(), [(2, 0)], "carefully");
    sender.accept(1);
    assert!(!sender.outgoing.refuse_next(&mut sender.outbox), "others before it are open");
    assert!(sender.ack(3));
    assert!(!sender.outgoing.refuse_next(&mut sender.outbox), "a failure has to be told first");
    assert_eq!(sender.outcomes(), [(1, false), (2, true), (3, true)]);
    assert!(sender.outgoing.refuse_next(&mut sender.outbox));
    assert_eq!(sender.outcomes(), [(4, false)]);
    assert!(sender.outgoing.is_empty());
}

#[test]
fn what_the_server_has_takes_no_room_and_is_not_sent_again() {
    let mut sender = Sender::new();
    sender.accept(5);
    assert_eq!(sender.flush().len(), 5);
    assert!(sender.store(3));
    assert!(!sender.store(2), "an old word");
    assert!(!sender.store(6), "a number never given out");
    assert_eq!(sender.outgoing.pop_stored().map(|id| id.seq), Some(3));
    assert_eq!(sender.outgoing.pop_stored(), None);
    assert!(sender.outgoing.resend_at.is_set(), "two are on their way");
    sender.outgoing.rewind(&sender.outbox);
    assert_eq!(sender.flush(), [(4, 3), (5, 4)], "the first three are open, and elsewhere");
    assert!(sender.store(5));
    assert!(!sender.outgoing.resend_at.is_set());
    assert!(sender.outgoing.is_stored() && sender.outgoing.is_unsettled());
    let outbox: &Outbox = &sender.outbox;
    assert!(outbox.first(&sender.outgoing.queue).is_none(), "nothing is kept here");
    sender.accept(1);
    assert_eq!(sender.flush(), [(6, 5)]);
    assert!(sender.ack(4));
    assert_eq!(sender.outcomes().len(), 4);
    assert!(sender.ack(6));
    assert_eq!(sender.outcomes(), [(5, true), (6, true)]);
    assert!(sender.outgoing.is_empty() && !sender.outgoing.is_stored());
}

#[test]
fn the_server_may_have_what_was_not_sent_on_this_path() {
    let mut sender = Sender::new();
    sender.accept(3);
    sender.flush();
    sender.outgoing.rewind(&sender.outbox);
    assert!(sender.store(2));
    assert_eq!(sender.flush(), [(3, 2)]);
    // What is delivered is not called stored.
    assert!(sender.ack(2));
    assert_eq!(sender.outgoing.pop_stored(), None);
    assert_eq!(sender.outcomes(), [(1, true), (2, true)]);
}

#[test]
fn a_remembered_numbering_goes_on_behind_what_the_server_has() {
    let mut sender = Sender::new();
    let first = MessageId { epoch: Epoch::from_bits(9), seq: 4 };
    assert!(
        !sender.outgoing.resume_stored(first, 3) && !sender.outgoing.resume_stored(first, u64::MAX)
    );
    assert!(sender.outgoing.resume_stored(first, 6));
    assert!(!sender.outgoing.resume_stored(first, 6), "once");
    assert!(sender.outgoing.is_stored());
    assert_eq!(sender.outgoing.pop_stored(), None, "that is no news");
    assert_eq!(sender.outgoing.next_id().seq, 7);
    sender.accept(1);
    assert_eq!(sender.flush(), [(7, 3)]);
    assert!(sender.ack(7));
    assert_eq!(sender.outcomes(), [(4, true), (5, true), (6, true), (7, true)]);
}

#[test]
fn what_the_server_has_lost_is_asked_for_again() {
    let mut sender = Sender::new();
    sender.accept(6);
    sender.flush();
    assert!(sender.store(4) && sender.ack(1));
    assert!(sender.outgoing.is_missing_after(Epoch::from_bits(9), 2));
    assert!(!sender.outgoing.is_missing_after(Epoch::from_bits(9), 4));
    assert!(!sender.outgoing.is_missing_after(Epoch::from_bits(8), 2));
    sender.outgoing.recall(&mut sender.outbox);
    assert!(sender.flush().is_empty());
    assert_eq!(sender.outcomes(), [(1, true)]);
    assert!(!sender.outgoing.is_empty(), "the host has to hear of it");
    assert_eq!(sender.outgoing.pop_recall().map(|id| id.seq), Some(2));
    assert_eq!(sender.outgoing.pop_recall(), None);
    assert_eq!(sender.outgoing.next_id().seq, 2);
    sender.accept(5);
    assert_eq!(sender.flush().len(), 5);
    assert!(sender.ack(6));
    assert_eq!(sender.outcomes().len(), 5);
    assert!(sender.outgoing.is_empty());
}

/// A host that was asked for its messages again, and began before the first of them, was given the
/// numbers of the last of them for new ones, while those waited for room: two texts under one number.
#[test]
fn numbers_that_were_given_are_not_given_again() {
    let mut sender = Sender::new();
    sender.accept(6);
    sender.flush();
    assert!(sender.store(6) && sender.ack(4));
    sender.outgoing.recall(&mut sender.outbox);
    assert_eq!(sender.outcomes().len(), 4);
    assert_eq!(sender.outgoing.pop_recall().map(|id| id.seq), Some(5));
    let first = MessageId { epoch: sender.outgoing.epoch(), seq: 1 };
    assert!(sender.outgoing.resume(first));
    sender.accept(1);
    assert_eq!(sender.outgoing.next_id().seq, 2);
    assert_eq!(sender.outgoing.fresh_id().seq, 7);
}

/// A recipient whose messages the host had yet to give again was forgotten, since nothing was kept for
/// it: numbers that had been given out were given again for other texts.
#[test]
fn what_has_to_be_given_again_is_not_done() {
    let mut sender = Sender::new();
    assert!(sender.outgoing.is_done());
    sender.accept(3);
    sender.flush();
    assert!(sender.store(3) && !sender.outgoing.is_done());
    sender.outgoing.recall(&mut sender.outbox);
    assert_eq!(sender.outgoing.pop_recall().map(|id| id.seq), Some(1));
    assert!(sender.outgoing.is_empty() && !sender.outgoing.is_done());
    sender.accept(3);
    sender.flush();
    assert!(sender.ack(3));
    assert_eq!(sender.outcomes().len(), 3);
    assert!(sender.outgoing.is_done());
}

/// A host passed over numbers while the outcomes before them were still to be told; then everything
/// failed. The failure of the numbers that nobody had sent could not be told, and so was not forgotten:
/// every message after it was sent again and again.
#[test]
fn numbers_that_were_passed_over_do_not_fail() {
    let mut sender = Sender::new();
    sender.accept(2);
    sender.flush();
    assert!(sender.ack(2));
    let next = MessageId { epoch: sender.outgoing.epoch(), seq: 9 };
    assert!(sender.outgoing.resume(next));
    assert!(!sender.outgoing.is_unsettled());
    assert!(!sender.outgoing.fail_all(&sender.outbox, DeliveryFailure::KeyChanged));
    assert_eq!(sender.outcomes(), [(1, true), (2, true)]);
    sender.accept(1);
    assert_eq!(sender.flush(), [(9, 0)]);
    assert!(sender.outgoing.fail_all(&sender.outbox, DeliveryFailure::KeyChanged));
    assert_eq!(sender.outcomes(), [(9, false)]);
    assert_eq!(sender.flush(), []);
}

/// A server that claims to keep messages up to the highest number there is made its client add one
/// to it: a panic, or in an optimized build everything sent again without need.
#[test]
fn a_server_that_has_more_than_there_is_has_lost_nothing() {
    let mut sender = Sender::new();
    sender.accept(3);
    sender.flush();
    assert!(sender.store(3));
    assert!(!sender.outgoing.is_missing_after(Epoch::from_bits(9), u64::MAX));
}

#[test]
fn many_fail_at_once_and_each_is_told() {
    let mut sender = Sender::new();
    sender.accept(4);
    sender.flush();
    assert!(sender.store(2));
    assert!(sender.outgoing.fail_until(&sender.outbox, 3, DeliveryFailure::Expired));
    sender.accept(1);
    assert_eq!(sender.flush(), [(3, 0), (4, 1), (5, 2)]);
    // The first failure is not told yet, so the others wait for that.
    assert!(sender.outgoing.fail_all(&sender.outbox, DeliveryFailure::KeyChanged));
    assert!(sender.outgoing.is_unsettled());
    sender.accept(1);
    let told: Vec<_> = core::iter::from_fn(|| sender.outgoing.pop_settled(&mut sender.outbox))
        .map(|settled| (settled.id.seq, settled.outcome))
        .collect();
    let [expired, changed] =
        [DeliveryFailure::Expired, DeliveryFailure::KeyChanged].map(Outcome::Failed);
    assert_eq!(told, [(1, expired), (2, expired), (3, changed), (4, changed), (5, changed)]);
    assert_eq!(sender.flush(), [(6, 0)], "accepted later");
    assert!(!sender.outgoing.fail_until(&sender.outbox, 6, DeliveryFailure::Lost));
}

#[test]
fn after_a_failure_messages_go_one_at_a_time() {
    let mut sender = Sender::new();
    sender.accept(4);
    sender.flush();
    let id = MessageId { epoch: Epoch::from_bits(9), seq: 1 };
    assert!(sender.outgoing.on_failed(&mut sender.outbox, id, DeliveryFailure::Quota));
    assert_eq!(sender.flush(), [(2, 0)]);
    assert!(sender.store(2));
    assert_eq!(sender.flush(), [(3, 1), (4, 2)]);
}

#[test]
fn who_has_acknowledged_has_the_envelope_until_the_way_changes() {
    let mut sender = Sender::new();
    sender.accept(2);
    sender.flush();
    assert!(!sender.outgoing.is_confirmed);
    sender.ack(1);
    assert!(sender.outgoing.is_confirmed);
    sender.outgoing.rewind(&sender.outbox);
    assert!(!sender.outgoing.is_confirmed);
}

#[test]
fn what_fails_behind_what_the_server_has_is_told_and_passed_over() {
    let mut sender = Sender::new();
    sender.accept(6);
    sender.flush();
    assert!(sender.store(3));
    let id = |seq| MessageId { epoch: Epoch::from_bits(9), seq };
    let quota = DeliveryFailure::Quota;
    assert!(!sender.outgoing.on_failed(&mut sender.outbox, id(5), quota), "not the first");
    assert_eq!(sender.flush(), [(4, 3)], "one at a time");
    assert!(sender.outgoing.on_failed(&mut sender.outbox, id(4), quota));
    assert_eq!(sender.outcomes(), [(4, false)]);
    assert_eq!(sender.flush(), [(5, 4)]);
    assert!(sender.outgoing.on_failed(&mut sender.outbox, id(5), quota));
    let next = sender.outgoing.next(NOW).expect("the last one");
    assert_eq!((next.id.seq, next.back, next.gap), (6, 5, 2));
    assert_eq!(sender.outcomes(), [(5, false)]);
    assert_eq!(sender.flush(), [(6, 5)]);
    assert!(!sender.outgoing.is_missing_after(Epoch::from_bits(9), 3), "it never had 4 and 5");
    assert!(sender.store(6));
    assert_eq!(sender.outgoing.pop_stored().map(|id| id.seq), Some(6));
    assert!(sender.ack(3));
    assert_eq!(sender.outcomes(), [(1, true), (2, true), (3, true)]);
    assert!(!sender.outgoing.is_empty() && sender.outgoing.is_stored());
    assert!(sender.ack(6));
    assert_eq!(sender.outcomes(), [(6, true)]);
    assert!(sender.outgoing.is_empty());
    sender.accept(1);
    assert_eq!(sender.flush(), [(7, 0)]);
    assert!(sender.ack(7));
    assert_eq!(sender.outcomes(), [(7, true)]);
    let outbox: &Outbox = &sender.outbox;
    assert!(outbox.first(&sender.outgoing.queue).is_none());
}

#[test]
fn numbers_that_failed_in_an_earlier_run_are_passed_over() {
    let mut sender = Sender::new();
    let id = |seq| MessageId { epoch: Epoch::from_bits(9), seq };
    assert!(sender.outgoing.resume_stored(id(4), 5));
    assert!(sender.outgoing.resume(id(8)), "6 and 7 have failed");
    sender.accept(1);
    let next = sender.outgoing.next(NOW).expect("8");
    assert_eq!((next.id.seq, next.back, next.gap), (8, 4, 2));
    sender.accept(1);
    assert!(sender.outgoing.resume(id(12)), "and 10 and 11");
    sender.accept(1);
    assert_eq!(sender.flush(), [(8, 4), (9, 5), (12, 8)]);
    sender.outgoing.rewind(&sender.outbox);
    assert_eq!(sender.flush(), [(8, 4), (9, 5), (12, 8)]);
    assert!(!sender.outgoing.resume(id(11)), "there is no way back");
    assert!(sender.ack(9));
    assert_eq!(sender.outcomes(), [(4, true), (5, true), (8, true), (9, true)]);
    assert!(sender.ack(12));
    assert_eq!(sender.outcomes(), [(12, true)]);
    assert!(sender.outgoing.is_empty());
}
