//! States of messages: what is told, to whom, and not before the disk has it.

use breeze_core::Path;
use breeze_core::error::{DeliveryFailure, SendError};
use breeze_core::id::MessageId;
use breeze_core::io::Event as CoreEvent;

use super::bench::{Bench, NOW, user};
use super::seat_queue::Manner;
use crate::ndjson::{Command, Question};
use crate::store::{DeliveryState, Origin};

fn delivered(id: MessageId) -> CoreEvent {
    CoreEvent::Delivered { to: user("bob"), id, path: Path::Direct }
}

fn stored(id: MessageId) -> CoreEvent {
    CoreEvent::Stored { to: user("bob"), id }
}

fn read(id: MessageId) -> CoreEvent {
    CoreEvent::Read { to: user("bob"), id }
}

fn failed(id: MessageId, reason: DeliveryFailure) -> CoreEvent {
    CoreEvent::Failed { to: user("bob"), id, reason }
}

fn line(seq: u64, reference: Option<&str>, rest: &str) -> String {
    let reference = reference.map(|text| format!(r#""ref":"{text}","#)).unwrap_or_default();
    format!(r#""state","id":"E-{seq}",{reference}"to":"bob","state":{rest}}}"#)
}

fn states(bench: &Bench) -> Vec<DeliveryState> {
    let history = bench.store.history(&user("bob"), 100, None).expect("history");
    let state = |origin| match origin {
        Origin::Sent(state) => state,
        Origin::Received { .. } => panic!("received"),
    };
    history.into_iter().map(|entry| state(entry.origin)).collect()
}

#[test]
fn a_state_is_on_disk_before_it_is_told() {
    let mut bench = Bench::new();
    let one = bench.sent("bob", "one", "1");
    for (event, told) in [
        (stored(one), r#""stored""#),
        (delivered(one), r#""delivered","path":"direct""#),
        (read(one), r#""read""#),
    ] {
        bench.core(event);
        assert!(bench.events().is_empty(), "{told}");
        bench.write();
        assert_eq!(bench.events(), [line(1, Some("1"), told)]);
    }
    let two = bench.sent("bob", "two", "2");
    bench.core(failed(two, DeliveryFailure::Quota));
    assert!(bench.events().is_empty());
    bench.write();
    assert_eq!(bench.events(), [line(2, Some("2"), r#""failed","reason":"quota""#)]);
}

#[test]
fn stored_and_read_are_told_of_every_message_they_cover() {
    let mut bench = Bench::new();
    let [one, two, three] = ["1", "2", "3"].map(|n| bench.sent("bob", n, n));
    bench.core(failed(one, DeliveryFailure::TooLarge));
    bench.core(stored(three));
    bench.write();
    let told = bench.events();
    assert_eq!(told[0], line(1, Some("1"), r#""failed","reason":"too_large""#));
    assert_eq!(told[1..], [2, 3].map(|n| line(n, Some(&n.to_string()), r#""stored""#)));
    // The word of the reading overtakes that of the delivery.
    bench.core(read(two));
    bench.core(delivered(two));
    bench.core(stored(three));
    bench.write();
    assert_eq!(bench.events(), [line(2, Some("2"), r#""read""#)]);
    use DeliveryState::{Failed, Read, Stored};
    assert_eq!(states(&bench), [Failed("too_large".into()), Read, Stored]);
}

#[test]
fn a_state_never_goes_back() {
    let mut bench = Bench::new();
    let one = bench.sent("bob", "one", "1");
    bench.core(delivered(one));
    bench.write();
    assert_eq!(bench.events().len(), 1);
    for event in [stored(one), delivered(one), failed(one, DeliveryFailure::Expired)] {
        bench.core(event);
        bench.write();
        assert!(bench.events().is_empty());
    }
    assert_eq!(states(&bench), [DeliveryState::Delivered]);
}

#[test]
fn an_unknown_recipient_is_explained() {
    let mut bench = Bench::new();
    let one = bench.sent("bob", "one", "1");
    bench.core(failed(one, DeliveryFailure::UnknownUser));
    bench.write();
    let told = bench.events();
    assert!(told[0].contains(r#""code":"unknown_user""#), "{told:?}");
    assert!(told[0].contains(r#""ref":"1""#), "{told:?}");
    assert_eq!(told[1..], [line(1, Some("1"), r#""failed","reason":"unknown_user""#)]);
}

#[test]
fn the_node_may_end_once_every_message_is_in_other_hands() {
    let mut bench = Bench::new();
    let [one, two] = ["1", "2"].map(|n| bench.sent("bob", n, n));
    assert!(!bench.machine.is_settled());
    bench.core(stored(one));
    bench.write();
    assert!(!bench.machine.is_settled());
    bench.core(stored(two));
    assert!(!bench.machine.is_settled(), "it is not on disk");
    bench.write();
    assert!(bench.machine.is_settled());
    bench.command(Command::Ask(Question::Outbox { before: None }));
    assert!(!bench.machine.is_settled());
    bench.write();
    assert!(bench.machine.is_settled());
}

#[test]
fn whoever_leaves_waits_for_the_server_and_not_for_the_recipient() {
    let mut bench = Bench::new();
    let host = bench.seat;
    bench.seat = bench.machine.seat(Manner::Guest).expect("seat");
    bench.events();
    let one = bench.sent("bob", "one", "1");
    bench.machine.desk.queue(bench.seat).expect("queue").leave();
    let outstanding =
        |bench: &mut Bench| bench.machine.desk.queue(bench.seat).map(|queue| queue.outstanding);
    assert_eq!(outstanding(&mut bench), Some(1));
    bench.core(stored(one));
    bench.write();
    assert_eq!(outstanding(&mut bench), Some(0));
    assert_eq!(bench.events(), [line(1, Some("1"), r#""stored""#)]);
    bench.core(delivered(one));
    bench.write();
    assert_eq!(outstanding(&mut bench), Some(0));
    let told = bench.events_at(host);
    assert_eq!(told.last(), Some(&line(1, None, r#""delivered","path":"direct""#)));
}

#[test]
fn what_an_earlier_run_has_stored_is_not_sent_again() {
    let mut bench = Bench::new();
    let [_, two, three] = ["1", "2", "3"].map(|n| bench.sent("bob", n, n));
    bench.core(stored(two));
    bench.write();
    let mut bench = bench.restart();
    assert!(bench.machine.waiting.recipients().is_empty(), "not handed over");
    // The third one is in the core, and nothing else can follow it but the fourth.
    let four = MessageId { seq: 4, ..three };
    let bob = user("bob");
    let next = bench.machine.client.send_numbered(NOW, &bob, three, "3", 0);
    assert_eq!(next, Err(SendError::OutOfOrder));
    assert_eq!(bench.machine.client.send_numbered(NOW, &bob, four, "4", 0), Ok(()));
    assert!(bench.events().is_empty(), "nothing is told again");
    bench.core(stored(three));
    bench.write();
    assert_eq!(bench.events(), [line(3, None, r#""stored""#)]);
    assert!(bench.machine.is_settled());
}

#[test]
fn what_is_recalled_is_handed_over_anew_and_stays_stored() {
    let mut bench = Bench::new();
    let [one, two, three] = ["1", "2", "3"].map(|n| bench.sent("bob", n, n));
    bench.core(stored(three));
    bench.core(delivered(one));
    bench.write();
    bench.events();
    // To a core that has nothing of them, as after a recall.
    assert_eq!(bench.store.unsettled().expect("unsettled").len(), 2);
    let mut bench = Bench::on_forgetful_core(bench);
    bench.core(CoreEvent::Recall { to: user("bob"), id: two });
    // Accepted while the messages are being read: it follows them.
    bench.send("bob", "4", "4");
    assert!(bench.machine.waiting.recipients().is_empty(), "held back");
    bench.write();
    assert!(bench.machine.waiting.recipients().is_empty(), "all are handed over");
    assert!(bench.machine.waiting.first(&user("bob")).is_none());
    assert_eq!(bench.events(), [line(4, Some("4"), r#""queued""#)]);
    let five = MessageId { seq: 5, ..one };
    assert_eq!(bench.machine.client.send_numbered(NOW, &user("bob"), five, "5", 0), Ok(()));
    // The server keeps them again: that is no news but of the last one.
    bench.core(stored(MessageId { seq: 4, ..one }));
    bench.write();
    assert_eq!(bench.events(), [line(4, Some("4"), r#""stored""#)]);
    use DeliveryState::{Delivered, Stored};
    assert_eq!(states(&bench), [Delivered, Stored, Stored, Stored]);
}
