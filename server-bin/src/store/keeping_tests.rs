use breeze_core::Answer;
use breeze_core::error::RelayRefusal;
use breeze_core::id::PublicKey;
use breeze_core::io::{Backlog, Keep, Kept};

use super::bench::*;
use super::*;

fn refused(reason: RelayRefusal) -> Outcome {
    Outcome::Kept(Answer::Refused(reason))
}

fn store() -> Store {
    store_of(&["al", "bo", "eve"], Limits::default()).1
}

fn backlog(store: &Store, name: &str) -> Backlog {
    store.backlog(&user(name)).expect("backlog")
}

fn keep_of(store: &Store, keep: Keep) -> Outcome {
    apply(store, Change::Keep { keep })
}

#[test]
fn a_message_is_kept_once_and_handed_over_as_it_came() {
    let (disk, store) = store_of(&["al", "bo"], Limits::default());
    let mut keep = message("al", "bo", 1, b"\0\xffbody");
    keep.envelope.extend(b"envelope");
    assert_eq!(keep_of(&store, keep.clone()), stored(1));
    let before = disk.position();
    assert_eq!(keep_of(&store, keep.clone()), stored(1));
    assert_eq!(disk.position(), before, "a repetition went to the disk");
    drop(store);
    let store = open(&disk, Limits::default()).expect("reopen");
    let Keep { from, id, envelope, body, .. } = keep;
    let page = store.page(&user("bo"), 0).expect("page");
    assert_eq!(page.kept, [Kept { from, id, back: 0, envelope, body }]);
    assert_eq!((page.last, page.more), (1, false));
    assert_eq!(kept_for(&store, "al"), []);
}

#[test]
fn who_cannot_receive_is_known_before_anything_is_kept() {
    let store = store();
    store.add_user(&user("new"), &code("a")).expect("add");
    assert_eq!(apply(&store, keep("al", "new", 1)), refused(RelayRefusal::UnknownUser));
    assert_eq!(apply(&store, keep("al", "nobody", 1)), refused(RelayRefusal::UnknownUser));
    let mut foreign = message("al", "bo", 1, b"x");
    foreign.envelope = PublicKey::from_bytes([3; 32]).hint().to_vec();
    assert_eq!(keep_of(&store, foreign.clone()), refused(RelayRefusal::KeyChanged));
    foreign.envelope.truncate(3);
    assert_eq!(keep_of(&store, foreign), refused(RelayRefusal::KeyChanged));
    // A sender that was removed meanwhile.
    assert_eq!(apply(&store, keep("nobody", "bo", 1)), refused(RelayRefusal::Unavailable));
    for name in ["bo", "new", "nobody"] {
        assert_eq!(kept_for(&store, name), []);
        assert_eq!(answers(&store, "al", name, 1), [Answer::Stored { upto: 0 }]);
    }
}

#[test]
fn numbers_that_make_no_sense_are_harmless() {
    let store = store();
    for (seq, back, gap) in
        [(0, 0, 0), (1, 1, 0), (5, u64::MAX, 0), (0, u64::MAX, 0), (5, 2, 3), (5, 2, u64::MAX)]
    {
        let keep = Keep { id: id(1, seq), back, gap, ..message("al", "bo", 1, b"x") };
        assert_eq!(keep_of(&store, keep), Outcome::Kept(Answer::Gap));
    }
    let last = Keep { id: id(1, u64::MAX), back: 0, ..message("al", "bo", 1, b"x") };
    assert_eq!(keep_of(&store, last), stored(u64::MAX));
    assert_eq!(store.page(&user("bo"), u64::MAX).expect("page").kept, []);
    apply(&store, acked("al", "bo", u64::MAX));
    let acked = Answer::Acked { upto: u64::MAX };
    assert_eq!(apply(&store, keep("al", "bo", 7)), Outcome::Kept(acked));
}

#[test]
fn a_gap_is_not_kept_and_leaves_its_trace() {
    let store = store();
    let (two, one) = (message("al", "bo", 2, b"2"), message("al", "bo", 1, b"1"));
    assert_eq!(keep_of(&store, two.clone()), Outcome::Kept(Answer::Gap));
    assert_eq!(kept_for(&store, "bo"), []);
    let outcomes =
        store.apply(&[Change::Keep { keep: one }, Change::Keep { keep: two }], NOW).expect("apply");
    assert_eq!(outcomes, [stored(1), stored(2)]);
    // A sender that begins anew, further on: what it says of its numbers is remembered.
    let late = Keep { id: id(9, 9), back: 1, ..message("al", "bo", 1, b"9") };
    assert_eq!(keep_of(&store, late), Outcome::Kept(Answer::Gap));
    let eight = Keep { id: id(9, 8), back: 0, ..message("al", "bo", 1, b"8") };
    assert_eq!(keep_of(&store, eight), stored(8));
    assert_eq!(apply(&store, keep("al", "bo", 3)), Outcome::Kept(Answer::Gap), "the old epoch");
    assert_eq!(texts(&kept_for(&store, "bo")), ["1", "2", "8"]);
}

#[test]
fn what_was_acknowledged_is_gone_and_its_sender_is_told() {
    let (disk, store) = store_of(&["al", "bo", "eve"], Limits::default());
    keep_all(&store, "al", "bo", 5);
    keep_all(&store, "eve", "bo", 2);
    assert_eq!(apply(&store, acked("al", "bo", 3)), Outcome::Done);
    let before = disk.position();
    assert_eq!(apply(&store, acked("al", "bo", 2)), Outcome::Done);
    assert_eq!(disk.position(), before, "old news went to the disk");
    assert_eq!(texts(&kept_for(&store, "bo")), ["al 4", "al 5", "eve 1", "eve 2"]);
    let told = [Answer::Acked { upto: 3 }, Answer::Stored { upto: 5 }];
    assert_eq!(answers(&store, "al", "bo", 1), told);
    let acked_before = Outcome::Kept(Answer::Acked { upto: 3 });
    assert_eq!(apply(&store, keep("al", "bo", 2)), acked_before);
    drop(store);
    let store = open(&disk, Limits::default()).expect("reopen");
    assert_eq!(answers(&store, "al", "bo", 1), told);
    assert_eq!(answers(&store, "al", "bo", 2), [Answer::Stored { upto: 0 }], "another epoch");
    assert_eq!(answers(&store, "eve", "al", 1), [Answer::Stored { upto: 0 }], "never heard of");
    let users = store.users().expect("users");
    assert_eq!(users[1].messages, 4);
}

#[test]
fn an_acknowledgement_for_a_sender_that_is_away_waits_for_it() {
    let (disk, store) = store_of(&["al", "bo"], Limits::default());
    apply(&store, acked("al", "bo", 7));
    assert_eq!(answers(&store, "al", "bo", 1)[0], Answer::Acked { upto: 7 });
    // Names that nobody has fill no table.
    let before = disk.position();
    for (from, to) in [("ghost", "bo"), ("al", "ghost"), ("ghost", "ghost")] {
        apply(&store, acked(from, to, 7));
        apply(&store, read(from, to, 7));
        assert_eq!(answers(&store, from, to, 1), [Answer::Stored { upto: 0 }]);
    }
    assert_eq!(disk.position(), before);
}

#[test]
fn messages_of_an_epoch_before_are_still_acknowledged() {
    let store = store();
    keep_all(&store, "al", "bo", 2);
    let anew = Keep { id: id(2, 1), ..message("al", "bo", 1, b"anew") };
    assert_eq!(keep_of(&store, anew), stored(1));
    apply(&store, acked("al", "bo", 1));
    assert_eq!(texts(&kept_for(&store, "bo")), ["al 2", "anew"]);
    assert_eq!(answers(&store, "al", "bo", 2), [Answer::Stored { upto: 1 }]);
    assert_eq!(backlog(&store, "bo").kept, [user("al")]);
    let anew = Change::Acked { from: user("al"), to: user("bo"), id: id(2, 1) };
    apply(&store, anew);
    assert_eq!(texts(&kept_for(&store, "bo")), ["al 2"]);
    assert_eq!(backlog(&store, "bo").kept, [user("al")]);
    apply(&store, acked("al", "bo", 2));
    assert_eq!(backlog(&store, "bo"), Backlog::default());
}

#[test]
fn a_backlog_names_each_sender_once() {
    let store = store();
    keep_all(&store, "eve", "bo", 3);
    keep_all(&store, "al", "bo", 2);
    keep_all(&store, "al", "eve", 1);
    for epoch in [7, u64::MAX, 5] {
        let keep = Keep { id: id(epoch, u64::MAX), back: 0, ..message("eve", "bo", 1, b"x") };
        assert_eq!(keep_of(&store, keep), stored(u64::MAX));
    }
    let expected = [user("al"), user("eve")];
    assert_eq!(backlog(&store, "bo").kept, expected);
    assert_eq!(backlog(&store, "al"), Backlog::default());
    assert_eq!(backlog(&store, "nobody"), Backlog::default());
    // Users whose names begin alike have nothing to do with each other.
    apply(&store, claim("bob"));
    keep_all(&store, "al", "bob", 1);
    assert_eq!(backlog(&store, "bo").kept, expected);
    assert_eq!(backlog(&store, "bob").kept, [user("al")]);
    assert_eq!(kept_for(&store, "bo").len(), 8);
}

#[test]
fn what_was_read_is_told_once() {
    let (disk, store) = store_of(&["al", "bo", "eve"], Limits::default());
    keep_all(&store, "al", "bo", 5);
    assert_eq!(backlog(&store, "al").read, []);
    apply(&store, acked("al", "bo", 5));
    apply(&store, read("al", "bo", 3));
    apply(&store, read("al", "eve", 2));
    apply(&store, read("bo", "al", 1));
    drop(store);
    let store = open(&disk, Limits::default()).expect("reopen");
    let read_by = [(user("bo"), id(1, 3)), (user("eve"), id(1, 2))];
    assert_eq!(backlog(&store, "al").read, read_by);
    let told = Change::ReadTold { user: user("al"), read: read_by.to_vec() };
    // One more was seen before the first were told.
    let outcomes = store.apply(&[read("al", "bo", 4), told.clone()], NOW).expect("apply");
    assert_eq!(outcomes, [Outcome::Done, Outcome::Done]);
    assert_eq!(backlog(&store, "al").read, [(user("bo"), id(1, 4))]);
    apply(&store, Change::ReadTold { user: user("al"), read: vec![(user("bo"), id(1, 4))] });
    assert_eq!(backlog(&store, "al"), Backlog::default());
    let before = disk.position();
    apply(&store, told);
    apply(&store, read("al", "bo", 4));
    assert_eq!(disk.position(), before, "old news went to the disk");
    assert_eq!(backlog(&store, "al"), Backlog::default());
    assert_eq!(backlog(&store, "bo").read, [(user("al"), id(1, 1))]);
    assert_eq!(answers(&store, "al", "bo", 1)[0], Answer::Acked { upto: 5 });
}

#[test]
fn what_was_read_of_an_epoch_that_is_over_is_not_told() {
    let store = store();
    apply(&store, read("al", "bo", 3));
    let anew = Keep { id: id(2, 1), ..message("al", "bo", 1, b"anew") };
    assert_eq!(keep_of(&store, anew), stored(1));
    assert_eq!(backlog(&store, "al").read, []);
    apply(&store, Change::Read { from: user("al"), to: user("bo"), id: id(2, 1) });
    assert_eq!(backlog(&store, "al").read, [(user("bo"), id(2, 1))]);
}

#[test]
fn a_thousand_messages_of_ten_senders_come_in_the_order_in_which_they_arrived() {
    let senders: Vec<_> = (0..10).map(|n| format!("sender-{n}")).collect();
    let names: Vec<_> = senders.iter().map(String::as_str).chain(["bo"]).collect();
    let (disk, store) = store_of(&names, Limits::default());
    let mut expected = Vec::new();
    let mut last = [0u64; 10];
    let mut batch = Vec::new();
    for n in 0..1000u64 {
        // An order of no regularity, in which some senders have more to say than others.
        let who = ((n * n + n / 7) % 19 % 10) as usize;
        last[who] += 1;
        batch.push(keep(&senders[who], "bo", last[who]));
        expected.push(format!("{} {}", senders[who], last[who]));
        if batch.len() == 37 || n == 999 {
            store.apply(&std::mem::take(&mut batch), NOW).expect("apply");
        }
    }
    drop(store);
    let store = open(&disk, Limits::default()).expect("reopen");
    let first = store.page(&user("bo"), 0).expect("page");
    assert_eq!((first.kept.len(), first.last, first.more), (64, 64, true));
    let kept = kept_for(&store, "bo");
    assert_eq!(texts(&kept), expected);
    // All of a sender's that come before it are kept as well.
    assert!(kept.iter().all(|kept| kept.back == kept.id.seq - 1));
    let end = store.page(&user("bo"), 990).expect("page");
    assert_eq!((end.kept.len(), end.last, end.more), (10, 1000, false));
    let senders: Vec<_> = senders.iter().map(|name| user(name)).collect();
    assert_eq!(backlog(&store, "bo").kept, senders);
}

#[test]
fn a_page_ends_before_it_gets_too_large() {
    let store = store();
    let body = |size: usize| vec![b'x'; size - 8];
    let sizes = [300_000, 100_000, 100_000, 62_144, 1000, 262_144, 8, 300_000];
    for (seq, size) in (1..).zip(sizes) {
        assert_eq!(keep_of(&store, message("al", "bo", seq, &body(size))), stored(seq));
    }
    let (mut after, mut pages) = (0, Vec::new());
    loop {
        let page = store.page(&user("bo"), after).expect("page");
        pages.push((page.kept.len(), page.more));
        after = page.last;
        if !page.more {
            break;
        }
    }
    assert_eq!(pages, [(1, true), (3, true), (1, true), (1, true), (1, true), (1, false)]);
}

#[test]
fn back_leads_to_the_lowest_that_is_kept() {
    let store = store();
    keep_all(&store, "al", "bo", 3);
    keep_all(&store, "eve", "bo", 1);
    // The sender has given up 4 and 5.
    for (seq, gap) in [(6, 2), (7, 0)] {
        let keep = Keep { gap, ..message("al", "bo", seq, b"x") };
        assert_eq!(keep_of(&store, keep), stored(seq));
    }
    let backs = |after| {
        let page = store.page(&user("bo"), after).expect("page");
        page.kept.iter().map(|kept| (kept.id.seq, kept.back)).collect::<Vec<_>>()
    };
    assert_eq!(backs(0), [(1, 0), (2, 1), (3, 2), (1, 0), (6, 5), (7, 6)]);
    assert_eq!(backs(2), [(3, 2), (1, 0), (6, 5), (7, 6)]);
    apply(&store, acked("al", "bo", 2));
    assert_eq!(backs(0), [(3, 0), (1, 0), (6, 3), (7, 4)]);
    apply(&store, acked("al", "bo", 3));
    assert_eq!(backs(0), [(1, 0), (6, 0), (7, 1)]);
    assert_eq!(backs(5), [(7, 1)]);
}

#[test]
fn places_are_never_used_twice() {
    let (disk, store) = store_of(&["al", "bo", "eve"], Limits::default());
    keep_all(&store, "al", "bo", 3);
    apply(&store, acked("al", "bo", 3));
    drop(store);
    let store = open(&disk, Limits::default()).expect("reopen");
    apply(&store, keep("al", "bo", 4));
    assert_eq!(store.page(&user("bo"), 0).expect("page").last, 4);
    assert_eq!(store.page(&user("bo"), 4).expect("page").last, 4);
}

#[test]
fn a_quota_in_messages_is_exact_and_frees_with_what_is_acknowledged() {
    let limits = Limits { messages: 2, ..Limits::default() };
    let (_, store) = store_of(&["al", "bo", "eve"], limits);
    keep_all(&store, "al", "bo", 2);
    assert_eq!(apply(&store, keep("al", "bo", 3)), refused(RelayRefusal::Quota));
    assert_eq!(apply(&store, keep("eve", "bo", 1)), refused(RelayRefusal::Quota));
    keep_all(&store, "al", "eve", 2);
    // What was refused is not the last one: it is the next, as ever.
    assert_eq!(answers(&store, "al", "bo", 1), [Answer::Stored { upto: 2 }]);
    apply(&store, acked("al", "bo", 1));
    assert_eq!(apply(&store, keep("al", "bo", 4)), Outcome::Kept(Answer::Gap));
    assert_eq!(apply(&store, keep("al", "bo", 3)), stored(3));
    assert_eq!(apply(&store, keep("al", "bo", 4)), refused(RelayRefusal::Quota));
}

#[test]
fn a_quota_in_bytes_counts_envelopes_and_bodies() {
    let limits = Limits { bytes: 100, ..Limits::default() };
    let (_, store) = store_of(&["al", "bo"], limits);
    let sized = |seq, size: usize| message("al", "bo", seq, &vec![b'x'; size - 8]);
    assert_eq!(keep_of(&store, sized(1, 101)), refused(RelayRefusal::Quota));
    assert_eq!(keep_of(&store, sized(1, 60)), stored(1));
    assert_eq!(keep_of(&store, sized(2, 41)), refused(RelayRefusal::Quota));
    assert_eq!(keep_of(&store, sized(2, 40)), stored(2));
    assert_eq!(keep_of(&store, sized(3, 8)), refused(RelayRefusal::Quota));
    apply(&store, acked("al", "bo", 1));
    assert_eq!(keep_of(&store, sized(3, 61)), refused(RelayRefusal::Quota));
    assert_eq!(keep_of(&store, sized(3, 60)), stored(3));
}

#[test]
fn all_recipients_share_a_bound() {
    let limits = Limits { total_messages: 3, total_bytes: 50, ..Limits::default() };
    let (disk, store) = store_of(&["al", "bo", "eve"], limits);
    let sized = |to, seq, size: usize| message("al", to, seq, &vec![b'x'; size - 8]);
    assert_eq!(keep_of(&store, sized("bo", 1, 20)), stored(1));
    assert_eq!(keep_of(&store, sized("eve", 1, 31)), refused(RelayRefusal::Quota));
    assert_eq!(keep_of(&store, sized("eve", 1, 10)), stored(1));
    assert_eq!(keep_of(&store, sized("bo", 2, 20)), stored(2));
    assert_eq!(keep_of(&store, sized("eve", 2, 8)), refused(RelayRefusal::Quota));
    apply(&store, acked("al", "bo", 2));
    drop(store);
    let store = open(&disk, limits).expect("reopen");
    assert_eq!(keep_of(&store, sized("eve", 2, 41)), refused(RelayRefusal::Quota));
    assert_eq!(keep_of(&store, sized("eve", 2, 40)), stored(2));
}

#[test]
fn a_user_can_have_a_quota_of_its_own() {
    let limits = Limits { messages: 1, bytes: 20, ..Limits::default() };
    let (_, store) = store_of(&["al", "bo"], limits);
    let quota = |messages, bytes| {
        assert!(store.set_quota(&user("bo"), Quota { messages, bytes }).expect("quota"));
    };
    let sized = |seq, size: usize| message("al", "bo", seq, &vec![b'x'; size - 8]);
    quota(Some(3), None);
    assert_eq!(keep_of(&store, sized(1, 10)), stored(1));
    assert_eq!(keep_of(&store, sized(2, 11)), refused(RelayRefusal::Quota));
    quota(Some(3), Some(30));
    assert_eq!(keep_of(&store, sized(2, 10)), stored(2));
    // What is kept already stays.
    quota(Some(0), Some(0));
    assert_eq!(keep_of(&store, sized(3, 8)), refused(RelayRefusal::Quota));
    assert_eq!(kept_for(&store, "bo").len(), 2);
    quota(None, None);
    apply(&store, acked("al", "bo", 2));
    assert_eq!(keep_of(&store, sized(3, 20)), stored(3));
    assert_eq!(keep_of(&store, sized(4, 8)), refused(RelayRefusal::Quota));
}

#[test]
fn a_message_fits_in_a_frame_of_its_recipient() {
    let store = store();
    apply(&store, claim_with("bo", key_of("bo"), 512));
    let sized = |seq, size: usize| message("al", "bo", seq, &vec![b'x'; size - 8]);
    assert_eq!(keep_of(&store, sized(1, 385)), refused(RelayRefusal::TooLarge));
    assert_eq!(keep_of(&store, sized(1, 384)), stored(1));
    // The one that is given up is skipped.
    assert_eq!(keep_of(&store, sized(2, 385)), refused(RelayRefusal::TooLarge));
    assert_eq!(keep_of(&store, Keep { back: 0, ..sized(3, 100) }), stored(3));
    apply(&store, claim_with("bo", key_of("bo"), 513));
    assert_eq!(keep_of(&store, sized(4, 385)), stored(4));
    // Of the others nothing is known.
    assert_eq!(keep_of(&store, message("al", "eve", 1, &[0; 70_000])), stored(1));
}

#[test]
fn an_order_of_checks_that_tells_most() {
    let limits = Limits { messages: 0, ..Limits::default() };
    let (_, store) = store_of(&["al", "bo"], limits);
    apply(&store, claim_with("bo", key_of("bo"), 512));
    let mut keep = message("al", "bo", 1, &[0; 1000]);
    assert_eq!(keep_of(&store, keep.clone()), refused(RelayRefusal::TooLarge));
    keep.body.clear();
    assert_eq!(keep_of(&store, keep.clone()), refused(RelayRefusal::Quota));
    apply(&store, acked("al", "bo", 1));
    assert_eq!(keep_of(&store, keep.clone()), Outcome::Kept(Answer::Acked { upto: 1 }));
    keep.envelope.clear();
    assert_eq!(keep_of(&store, keep), refused(RelayRefusal::KeyChanged));
}

#[test]
fn a_batch_is_applied_in_order() {
    let (_, store) = store_of(&["al"], Limits::default());
    let batch = [
        keep("al", "bo", 1),
        claim("bo"),
        keep("al", "bo", 1),
        ask("al", "bo", 1),
        acked("al", "bo", 1),
        ask("al", "bo", 1),
        keep("al", "bo", 2),
    ];
    let outcomes = store.apply(&batch, NOW).expect("apply");
    let expected = [
        refused(RelayRefusal::UnknownUser),
        Outcome::Claimed(Ok(vec![])),
        stored(1),
        Outcome::Answers(vec![Answer::Stored { upto: 1 }]),
        Outcome::Done,
        Outcome::Answers(vec![Answer::Acked { upto: 1 }, Answer::Stored { upto: 1 }]),
        stored(2),
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(texts(&kept_for(&store, "bo")), ["al 2"]);
}
