//! Both sides of transfers, with a queue of items between them.

mod pair;

pub(super) use pair::levels;

use std::vec::Vec;

use pair::{NUMBER, Pair, alice, bob};
use proptest::prelude::{any, prop};
use proptest::{prop_assert, proptest};

use super::{BLOCK, FileOutput, Transfers};
use crate::error::{FileEnd, FileRefusal, TransferError};
use crate::id::UserId;
use crate::io::{FileNews, ReceivedFile};
use crate::limits::{FILE_STALL, FILE_WINDOW, FILE_WINDOW_PART, RELAY_WINDOW};
use crate::route::Path;
use crate::time::Instant;
use crate::wire::{FileItem, HoldReason};

#[test]
fn streams_of_all_lengths_arrive_as_they_were() {
    let block = BLOCK as usize;
    for len in [0, 1, 15_999, 16_001, block - 1, block, block + 1, 3 * block, 5 * block + 7] {
        let mut pair = Pair::new(len);
        pair.offer();
        pair.run();
        assert_eq!(
            pair.heard,
            ["offered", "wanted", "done"][..]
                .iter()
                .filter(|word| len > 0 || **word != "wanted")
                .copied()
                .collect::<Vec<_>>(),
            "{len}"
        );
        assert!(pair.is_complete && pair.got == pair.stream.bytes);
        assert_eq!(pair.to_bob.sent, len as u64);
    }
}

#[test]
fn nothing_is_sent_before_it_is_wanted_nor_more_than_the_window() {
    let mut pair = Pair::new(3 * BLOCK as usize);
    pair.accepts = false;
    pair.offer();
    pair.settle();
    assert_eq!((&pair.heard[..], pair.to_bob.sent), (&["offered"][..], 0));
    pair.accept(0);
    pair.to_bob.room = 1_000;
    pair.write();
    pair.deliver();
    pair.write();
    // Until something has come, it may well come through the server.
    assert_eq!(pair.to_bob.sent, RELAY_WINDOW);
    pair.settle_items(2);
    assert!(pair.to_bob.sent <= FILE_WINDOW + 3 * 16_000, "and what bob has written");
    pair.run();
    assert_eq!(pair.heard, ["offered", "wanted", "done"]);
}

#[test]
fn nothing_is_complete_before_it_is_written() {
    let mut pair = Pair::new(1_000);
    pair.writes = false;
    pair.offer();
    pair.settle();
    assert_eq!((pair.verified, pair.is_complete), (1, false));
    let bob: &mut Transfers = &mut pair.bob;
    bob.written(&alice(), NUMBER, 999);
    pair.settle();
    assert!(!pair.is_complete);
    let bob: &mut Transfers = &mut pair.bob;
    bob.written(&alice(), NUMBER, 1_000);
    pair.settle();
    assert!(pair.is_complete);
}

#[test]
fn a_wrong_block_is_fetched_again_and_a_hopeless_one_ends_it() {
    let mut pair = Pair::new(3 * BLOCK as usize);
    pair.stream.bytes[BLOCK as usize + 5] ^= 1;
    pair.offer();
    for _ in 0..1_000 {
        if !pair.heard.contains(&"wrong") {
            pair.settle_items(1);
        }
    }
    assert_eq!((pair.heard.last(), pair.verified), (Some(&"wrong"), 1));
    pair.stream.bytes[BLOCK as usize + 5] ^= 1;
    pair.run();
    assert_eq!(pair.heard, ["offered", "wanted", "wrong", "wanted", "done"]);

    let mut pair = Pair::new(3 * BLOCK as usize);
    pair.stream.bytes[2 * BLOCK as usize] ^= 0x80;
    pair.offer();
    pair.run();
    let heard = ["offered", "wanted", "wrong", "wanted", "wrong", "wanted", "hopeless", "corrupt"];
    assert_eq!(pair.heard, heard);
    assert!(!pair.is_complete && pair.verified == 2);
}

#[test]
fn whoever_is_held_goes_on_where_it_was() {
    let mut pair = Pair::new(4 * BLOCK as usize);
    pair.offer();
    while pair.verified < 1 {
        pair.write();
        pair.deliver();
        pair.drain();
    }
    let table: &mut Transfers = &mut pair.bob;
    table.hold(&alice(), NUMBER, HoldReason::DiskFull);
    pair.settle();
    let held = pair.got.len();
    assert!(pair.heard.contains(&"held"));
    pair.cut();
    pair.settle();
    assert_eq!(pair.got.len(), held, "nothing comes, whatever happens");
    let table: &mut Transfers = &mut pair.bob;
    table.release(&alice(), NUMBER);
    pair.run();
    assert!(pair.is_complete && pair.heard.ends_with(&["wanted", "done"]));
}

#[test]
fn either_side_may_end_it_and_the_other_hears_of_it() {
    let mut pair = Pair::new(4 * BLOCK as usize);
    pair.offer();
    pair.write();
    pair.deliver();
    let table: &mut Transfers = &mut pair.bob;
    table.end(alice(), NUMBER, false, FileEnd::Cancelled).expect("there is room");
    pair.run();
    assert!(pair.heard.ends_with(&["cancelled"]), "{:?}", pair.heard);

    let mut pair = Pair::new(4 * BLOCK as usize);
    pair.offer();
    pair.write();
    pair.deliver();
    pair.write();
    let table: &mut Transfers = &mut pair.alice;
    table.end(bob(), NUMBER, true, FileEnd::Changed).expect("there is room");
    pair.run();
    assert!(pair.heard.contains(&"bob: ended"), "{:?}", pair.heard);
    assert!(!pair.is_complete);
}

#[test]
fn an_end_that_is_lost_is_told_again_when_it_is_asked_for() {
    let mut pair = Pair::new(BLOCK as usize);
    pair.offer();
    while !pair.is_complete {
        pair.write();
        pair.deliver();
        pair.drain();
    }
    // The word that all of it is there.
    pair.write();
    pair.to_alice.items.clear();
    pair.run();
    assert!(pair.heard.ends_with(&["offered", "done"]));
}

#[test]
fn a_sender_without_memory_is_asked_what_became_of_it() {
    let mut pair = Pair::new(4 * BLOCK as usize);
    pair.offer();
    while pair.verified < 2 {
        pair.write();
        pair.deliver();
        pair.drain();
    }
    pair.alice = Transfers::new();
    pair.cut();
    pair.settle();
    assert!(pair.heard.ends_with(&["missed"]));
    pair.offer();
    pair.run();
    assert!(pair.is_complete);
}

#[test]
fn what_the_server_does_not_relay_waits_for_a_direct_link() {
    for (rate, max, word) in [(0, 1 << 40, "no relay"), (1 << 20, BLOCK, "too large")] {
        let mut pair = Pair::new(2 * BLOCK as usize);
        pair.way = Pair::relay(rate, max);
        pair.offer();
        pair.settle();
        assert_eq!(pair.heard, [word], "told once");
        pair.way = Pair::relay(rate, max);
        pair.cut();
        pair.way = Some(super::Way::Direct);
        pair.run();
        assert!(pair.is_complete);
    }
}

#[test]
fn a_relay_gets_no_more_than_its_rate() {
    let mut pair = Pair::new(4 * BLOCK as usize);
    pair.way = Pair::relay(BLOCK, 1 << 30);
    pair.offer();
    let began = pair.now;
    pair.run();
    let took = (pair.now - began).as_millis();
    assert!((3_700..4_300).contains(&took), "{took}");
    assert!(pair.is_complete);
    assert_eq!(pair.to_bob.sent, 4 * BLOCK, "it is slow, and does not stall");
}

#[test]
fn a_slow_server_is_given_time() {
    let mut pair = Pair::new(2 * BLOCK as usize);
    pair.offer();
    while pair.verified < 1 {
        pair.write();
        pair.deliver();
        pair.drain();
    }
    // It drops what is under way, and says so.
    pair.to_bob.items.clear();
    let what = FileNews::Refused { number: NUMBER, reason: FileRefusal::Busy };
    let refused = ReceivedFile { from: bob(), path: Path::Relay, what };
    let table: &mut Transfers = &mut pair.alice;
    table.received(pair.now, &refused);
    pair.run();
    assert!(pair.is_complete);
}

#[test]
fn full_tables_and_bad_offers_are_refused() {
    let mut pair = Pair::new(10);
    let offer = pair.stream.offer();
    let table: &mut Transfers = &mut pair.alice;
    for number in 0..4 {
        assert_eq!(table.offer(bob(), number, &offer, None), Ok(()));
    }
    assert_eq!(table.offer(bob(), 3, &offer, None), Err(TransferError::Known));
    assert_eq!(table.offer(bob(), 4, &offer, None), Err(TransferError::Full));
    let bad = crate::wire::Offer { name: "../film", ..offer };
    assert_eq!(table.offer(alice(), 3, &bad, None), Err(TransferError::Malformed));
    let stream = (10, [0; 32]);
    let table: &mut Transfers = &mut pair.bob;
    assert_eq!(table.accept(alice(), 1, stream, 1, 5), Err(TransferError::Malformed));
    assert_eq!(table.accept(alice(), 1, (0, [0; 32]), 1, 0), Err(TransferError::Malformed));
    // What somebody else offers under such a name is not even shown.
    let item = FileItem::Offer { number: 5, offer: bad };
    let received = ReceivedFile { from: alice(), path: Path::Direct, what: FileNews::Item(item) };
    assert_eq!(table.received(pair.now, &received), super::Arrived::Nothing);
    assert_eq!(table.poll(), FileOutput::Kick(alice()));
}

proptest! {
    /// Whatever is lost and whenever, and whoever begins anew with what is on its disk, the stream
    /// arrives, and no more than a window comes twice for each time.
    #[test]
    fn interruptions_cost_a_window_at_most(
        len in 1..(6 * BLOCK as usize),
        cuts in prop::collection::vec((0..200_u32, any::<bool>(), any::<bool>()), 0..12),
        room in 2..40_usize,
    ) {
        let mut pair = Pair::new(len);
        pair.to_bob.room = room;
        pair.offer();
        for (steps, alice_restarts, bob_restarts) in &cuts {
            for _ in 0..*steps {
                pair.write();
                pair.deliver();
                pair.drain();
            }
            if alice_restarts & !pair.heard.contains(&"done") {
                pair.alice = Transfers::new();
                pair.offer();
            }
            if *bob_restarts {
                pair.bob = Transfers::new();
                if !pair.is_complete && pair.heard.contains(&"offered") {
                    let start = pair.verified * BLOCK;
                    pair.accept(start.min(pair.got.len() as u64));
                }
            }
            pair.cut();
        }
        pair.run();
        prop_assert!(pair.is_complete && pair.got == pair.stream.bytes);
        let again = pair.to_bob.sent - len as u64;
        prop_assert!(again <= FILE_WINDOW * cuts.len() as u64, "{again} in {cuts:?}");
    }
}

fn carol() -> UserId {
    UserId::new("carol").expect("a good name")
}

/// The window of a transfer from a user, of which nothing has come yet.
fn window(table: &mut Transfers, from: &UserId, number: u64) -> u64 {
    let (_, incoming) = table.incoming(from, number).expect("it is there");
    let Some(FileItem::Want { from, upto, .. }) = incoming.due() else { return 0 };
    upto - from
}

#[test]
fn what_comes_from_one_user_shares_one_window() {
    let mut bob: Transfers<[super::Slot; 12]> = Transfers::new();
    let table: &mut Transfers = &mut bob;
    let stream = (64 * BLOCK, [0; 32]);
    let accept = |table: &mut Transfers, from: UserId, number, is_relayed| {
        table.accept(from.clone(), number, stream, 1, 0).expect("room");
        table.incoming(&from, number).expect("it is there").1.is_relayed = is_relayed;
        table.written(&from, number, 0);
    };
    for number in 0..10 {
        accept(table, alice(), number, false);
        for known in 0..=number {
            let part = (FILE_WINDOW / (number + 1)).max(FILE_WINDOW_PART);
            assert_eq!(window(table, &alice(), known), part, "{known} of {}", number + 1);
        }
    }
    // Another sender has a window of its own.
    accept(table, carol(), 0, false);
    assert_eq!(window(table, &carol(), 0), FILE_WINDOW);
    for number in 1..9 {
        table.hold(&alice(), number, HoldReason::Paused);
    }
    assert_eq!(window(table, &alice(), 0), FILE_WINDOW / 2);
    table.end(alice(), 9, false, FileEnd::Cancelled).expect("room");
    assert_eq!(window(table, &alice(), 0), FILE_WINDOW);
    table.release(&alice(), 4);
    assert_eq!(window(table, &alice(), 0), FILE_WINDOW / 2);
    assert_eq!(window(table, &alice(), 4), FILE_WINDOW / 2);
}

/// Each sender sent as much as it liked to one that was slow, the server had no room for it, and most of
/// it was sent again and again.
#[test]
fn what_comes_through_the_server_shares_one_window() {
    let mut bob: Transfers<[super::Slot; 4]> = Transfers::new();
    let table: &mut Transfers = &mut bob;
    let stream = (64 * BLOCK, [0; 32]);
    table.accept(alice(), 1, stream, 1, 0).expect("room");
    assert_eq!(window(table, &alice(), 1), RELAY_WINDOW);
    table.accept(carol(), 1, stream, 1, 0).expect("room");
    assert_eq!(window(table, &alice(), 1), RELAY_WINDOW / 2);
    // Once bytes have come on a direct link, it is not counted.
    let item = FileItem::Data { number: 1, round: 1, at: 0, bytes: b"bytes" };
    let received = ReceivedFile { from: carol(), path: Path::Direct, what: FileNews::Item(item) };
    table.incoming(&carol(), 1).expect("it is there").1.on_sent(Instant::from_millis(0));
    assert!(matches!(
        table.received(Instant::from_millis(0), &received),
        super::Arrived::Data { .. }
    ));
    assert_eq!(window(table, &alice(), 1), RELAY_WINDOW);
    assert_eq!(window(table, &carol(), 1), FILE_WINDOW - 5);
    // Nobody knows where the next ones come.
    table.on_path(Instant::from_millis(0), &carol());
    assert_eq!(window(table, &carol(), 1), RELAY_WINDOW / 2 - 5);
    assert_eq!(window(table, &alice(), 1), RELAY_WINDOW / 2);
}

/// What was under way when a slow link stood still came behind what is not wanted any more, so late that
/// it was taken for lost each time.
#[test]
fn what_comes_behind_the_unwanted_is_waited_for() {
    let mut pair = Pair::new(2 * BLOCK as usize);
    pair.offer();
    pair.settle_items(6);
    let table: &mut Transfers = &mut pair.bob;
    table.timeout(pair.now + FILE_STALL * 2);
    pair.now = pair.now + FILE_STALL * 2;
    pair.write();
    let rounds = |pair: &mut Pair| {
        let table: &mut Transfers = &mut pair.bob;
        match table.incoming(&alice(), NUMBER).expect("it is there").1.deadline {
            Instant::NEVER => panic!("it waits for nothing"),
            at => at,
        }
    };
    while let Some(item) = pair.to_bob.items.pop_front() {
        pair.now = pair.now + core::time::Duration::from_secs(4);
        pair.at_bob(&item);
        assert!(rounds(&mut pair) > pair.now, "it is not asked for again");
        if pair.to_bob.items.len() < 2 {
            break;
        }
    }
    pair.run();
    assert!(pair.is_complete);
}

#[test]
fn what_nobody_can_be_sent_holds_nothing_up() {
    let mut pair = Pair::new(2 * BLOCK as usize);
    pair.offer();
    pair.to_bob.takes_nothing = true;
    pair.settle();
    assert_eq!(pair.heard, ["unsendable"], "told once");
    let table: &mut Transfers = &mut pair.alice;
    table.end(bob(), NUMBER, true, FileEnd::Malformed).expect("room");
    pair.settle();
    let table: &mut Transfers = &mut pair.alice;
    assert!(table.slots.iter().all(|slot| slot.transfer.is_none()));
    pair.to_bob.takes_nothing = false;
    pair.offer();
    pair.settle_items(6);
    pair.to_alice.takes_nothing = true;
    pair.settle();
    assert!(!pair.is_complete, "bob cannot say that he wants more");
}

#[test]
fn ends_that_wait_to_be_told_are_not_in_the_way() {
    let mut pair = Pair::new(10);
    let offer = pair.stream.offer();
    let table: &mut Transfers = &mut pair.alice;
    for number in 0..5 {
        table.end(bob(), number, true, FileEnd::Cancelled).expect("there is room");
    }
    for number in 5..9 {
        assert_eq!(table.offer(bob(), number, &offer, None), Ok(()));
    }
    assert_eq!(table.end(bob(), 3, true, FileEnd::Cancelled), Err(TransferError::Full));
}

#[test]
fn whoever_was_away_for_a_moment_is_offered_it_again() {
    let mut pair = Pair::new(BLOCK as usize);
    pair.offer();
    pair.write();
    pair.to_bob.items.clear();
    let what = FileNews::Refused { number: NUMBER, reason: FileRefusal::Offline };
    let refused = ReceivedFile { from: bob(), path: Path::Relay, what };
    let table: &mut Transfers = &mut pair.alice;
    table.received(pair.now, &refused);
    pair.run();
    assert!(pair.is_complete);
}
