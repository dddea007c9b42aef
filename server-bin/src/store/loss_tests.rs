use std::time::Duration;

use breeze_core::Answer;
use breeze_core::error::RelayRefusal;
use breeze_core::id::PublicKey;
use breeze_core::io::{Backlog, Keep};

use super::bench::*;
use super::losses::PURGE;
use super::*;

const LIMITS: Limits = Limits {
    messages: 20_000,
    bytes: 1 << 30,
    total_messages: 20_000,
    total_bytes: 1 << 30,
    age: Duration::from_millis(30 * DAY_MS),
};

fn given_up(from: &str, to: &str, upto: u64, reason: RelayRefusal) -> GivenUp {
    GivenUp { from: user(from), to: user(to), epoch: id(1, 1).epoch, upto, reason }
}

fn lost(upto: u64, reason: RelayRefusal) -> Answer {
    Answer::Lost { upto, reason }
}

fn total(store: &Store) -> (u64, u64) {
    let users = store.users().expect("users");
    (users.iter().map(|u| u.messages).sum(), users.iter().map(|u| u.bytes).sum())
}

#[test]
fn what_is_too_old_is_given_up_oldest_first() {
    let (disk, store) = store_of(&["al", "bo", "eve"], LIMITS);
    for day in 0..5 {
        let keeps = [keep("al", "bo", day + 1), keep("eve", "bo", day + 1)];
        store.apply(&keeps, NOW + day * DAY_MS).expect("apply");
    }
    let end = NOW + 30 * DAY_MS;
    let before = disk.position();
    assert_eq!(purged(&store, end), [], "not older than that");
    assert_eq!(disk.position(), before);
    let expired = RelayRefusal::Expired;
    let first = [given_up("al", "bo", 1, expired), given_up("eve", "bo", 1, expired)];
    assert_eq!(purged(&store, end + 1), first);
    assert_eq!(purged(&store, end + 1), []);
    let next = [given_up("al", "bo", 3, expired), given_up("eve", "bo", 3, expired)];
    assert_eq!(purged(&store, end + 2 * DAY_MS + 1), next);
    assert_eq!(texts(&kept_for(&store, "bo")), ["al 4", "eve 4", "al 5", "eve 5"]);
    assert_eq!(kept_for(&store, "bo")[0].back, 0);
    assert_eq!(total(&store).0, 4);
    assert_eq!(answers(&store, "al", "bo", 1), [lost(3, expired), Answer::Stored { upto: 5 }]);
    assert_eq!(apply(&store, keep("al", "bo", 2)), Outcome::Kept(lost(3, expired)));
    // What the recipient had acknowledged is not among the lost.
    apply(&store, acked("eve", "bo", 4));
    let told = [Answer::Acked { upto: 4 }, Answer::Stored { upto: 5 }];
    assert_eq!(answers(&store, "eve", "bo", 1), told);
    assert_eq!(purged(&store, u64::MAX).len(), 2);
    assert_eq!(total(&store), (0, 0));
}

#[test]
fn a_purge_takes_some_at_a_time() {
    let (_, store) = store_of(&["al", "bo", "eve"], LIMITS);
    let count = PURGE as u64 + 10;
    keep_all(&store, "al", "bo", count);
    keep_all(&store, "al", "eve", 3);
    let end = NOW + 31 * DAY_MS;
    let expired = RelayRefusal::Expired;
    assert_eq!(purged(&store, end), [given_up("al", "bo", PURGE as u64, expired)]);
    assert_eq!(total(&store).0, 13);
    // Those that came first go first within each recipient's.
    assert_eq!(kept_for(&store, "bo")[0].id.seq, PURGE as u64 + 1);
    let rest = [given_up("al", "bo", count, expired), given_up("al", "eve", 3, expired)];
    assert_eq!(purged(&store, end), rest);
    assert_eq!(purged(&store, end), []);
}

#[test]
fn what_was_given_up_stays_known_for_as_long_again() {
    let (disk, store) = store_of(&["al", "bo", "eve"], LIMITS);
    keep_all(&store, "al", "bo", 2);
    apply(&store, acked("eve", "bo", 9));
    apply(&store, read("eve", "bo", 9));
    let (end, expired) = (NOW + 30 * DAY_MS + 1, RelayRefusal::Expired);
    assert_eq!(purged(&store, end).len(), 1);
    // Untouched for too long, and nothing is kept of it.
    assert_eq!(answers(&store, "eve", "bo", 1), [Answer::Stored { upto: 0 }]);
    assert_eq!(store.backlog(&user("eve")).expect("backlog"), Backlog::default());
    assert_eq!(answers(&store, "al", "bo", 1), [lost(2, expired), Answer::Stored { upto: 2 }]);
    purged(&store, end + 30 * DAY_MS);
    assert_eq!(answers(&store, "al", "bo", 1).len(), 2);
    purged(&store, end + 30 * DAY_MS + 1);
    assert_eq!(answers(&store, "al", "bo", 1), [Answer::Stored { upto: 0 }]);
    assert_eq!(rows(&store), [0; 5]);
    let before = disk.position();
    assert_eq!(purged(&store, end + 90 * DAY_MS), []);
    assert_eq!(disk.position(), before, "there was nothing to do");
}

#[test]
fn what_is_kept_is_not_forgotten_however_long_ago_it_was_touched() {
    let limits = Limits { messages: 9, ..LIMITS };
    let (_, store) = store_of(&["al", "bo"], limits);
    // A clock that was ahead when the message came, and right when the custody was touched.
    apply_at(&store, keep("al", "bo", 1), NOW + 900 * DAY_MS);
    apply_at(&store, acked("al", "bo", 0), NOW);
    apply_at(&store, read("al", "bo", 1), NOW);
    assert_eq!(purged(&store, NOW + 60 * DAY_MS), []);
    assert_eq!(answers(&store, "al", "bo", 1), [Answer::Stored { upto: 1 }]);
    assert_eq!(kept_for(&store, "bo").len(), 1);
}

#[test]
fn a_clock_that_was_ahead_or_begins_at_zero_loses_nothing() {
    let (_, store) = store_of(&["al", "bo"], LIMITS);
    apply_at(&store, keep("al", "bo", 1), NOW + 900 * DAY_MS);
    apply_at(&store, keep("al", "bo", 2), NOW);
    for now_ms in [0, DAY_MS, NOW, NOW + 40 * DAY_MS] {
        assert_eq!(purged(&store, now_ms), []);
    }
    // The second waits for the first, so that a sender's messages go in order.
    let expired = RelayRefusal::Expired;
    assert_eq!(purged(&store, NOW + 931 * DAY_MS), [given_up("al", "bo", 2, expired)]);
}

#[test]
fn messages_of_two_epochs_are_given_up_each_for_itself() {
    let (_, store) = store_of(&["al", "bo"], LIMITS);
    keep_all(&store, "al", "bo", 2);
    let anew = Keep { id: id(2, 1), ..message("al", "bo", 1, b"anew") };
    assert_eq!(apply(&store, Change::Keep { keep: anew }), stored(1));
    let expired = RelayRefusal::Expired;
    let anew = GivenUp { epoch: id(2, 1).epoch, ..given_up("al", "bo", 1, expired) };
    let expected = [given_up("al", "bo", 2, expired), anew];
    assert_eq!(purged(&store, NOW + 31 * DAY_MS), expected);
    assert_eq!(answers(&store, "al", "bo", 2), [lost(1, expired), Answer::Stored { upto: 1 }]);
}

#[test]
fn another_key_gives_up_what_the_old_one_was_to_open() {
    let changed = RelayRefusal::KeyChanged;
    let expected = [given_up("al", "bo", 3, changed), given_up("eve", "bo", 1, changed)];
    let prepare = || {
        let (_, store) = store_of(&["al", "bo", "eve"], LIMITS);
        keep_all(&store, "al", "bo", 3);
        keep_all(&store, "eve", "bo", 1);
        keep_all(&store, "bo", "al", 2);
        store
    };
    let check = |store: &Store| {
        assert_eq!(kept_for(store, "bo"), []);
        assert_eq!(kept_for(store, "al").len(), 2, "what it sent stays");
        assert_eq!(answers(store, "al", "bo", 1), [lost(3, changed), Answer::Stored { upto: 3 }]);
        assert_eq!(total(store).0, 2);
    };
    let store = prepare();
    let removal = store.reset_key(&user("bo"), &password("p"), NOW).expect("reset");
    assert_eq!(removal, Some(Removal { given_up: expected.to_vec() }));
    check(&store);
    let unknown = Outcome::Kept(Answer::Refused(RelayRefusal::UnknownUser));
    assert_eq!(apply(&store, keep("al", "bo", 4)), unknown, "until a key is enrolled");
    let enrol = |key| Change::Enrol {
        user: user("bo"),
        key,
        max_frame: 0,
        secret: password("p"),
        registration: Registration::Invite,
    };
    assert_eq!(apply(&store, enrol(key_of("bo"))), Outcome::Claimed(Ok(vec![])));
    assert_eq!(apply(&store, keep("al", "bo", 4)), stored(4));

    // The same by a password, with a key enrolled.
    assert_eq!(apply(&store, enrol(key_of("bo"))), Outcome::Claimed(Ok(vec![])), "no other key");
    let outcome = apply(&store, enrol(PublicKey::from_bytes([5; 32])));
    assert_eq!(outcome, Outcome::Claimed(Ok(vec![given_up("al", "bo", 4, changed)])));
    let refused = Outcome::Kept(Answer::Refused(changed));
    assert_eq!(apply(&store, keep("al", "bo", 5)), refused);
    assert_eq!(kept_for(&store, "bo"), []);
}

#[test]
fn a_user_that_is_removed_takes_along_what_is_kept_for_it_and_from_it() {
    let (_, store) = store_of(&["al", "bo", "eve"], LIMITS);
    keep_all(&store, "al", "bo", 3);
    keep_all(&store, "bo", "al", 2);
    keep_all(&store, "bo", "eve", 2);
    keep_all(&store, "eve", "al", 1);
    let anew = Keep { id: id(2, 1), ..message("bo", "al", 1, b"anew") };
    assert_eq!(apply(&store, Change::Keep { keep: anew }), stored(1));
    apply(&store, read("bo", "eve", 1));
    apply(&store, read("al", "bo", 1));
    let removal = store.remove_user(&user("bo"), NOW).expect("remove").expect("user");
    let unknown = RelayRefusal::UnknownUser;
    assert_eq!(removal.given_up, [given_up("al", "bo", 3, unknown)]);
    assert_eq!(texts(&kept_for(&store, "al")), ["eve 1"]);
    assert_eq!(total(&store), (1, 13));
    // The senders learn what became of theirs, and are still told who read what.
    assert_eq!(answers(&store, "al", "bo", 1), [lost(3, unknown), Answer::Stored { upto: 3 }]);
    assert_eq!(store.backlog(&user("al")).expect("backlog").read, [(user("bo"), id(1, 1))]);
    // Custody of al's and eve's, and one receipt for al.
    assert_eq!(rows(&store), [1, 1, 1, 2, 1]);
    // Whoever has the name next hears nothing of the messages of the one before.
    assert_eq!(apply(&store, claim("bo")), Outcome::Claimed(Ok(vec![])));
    assert_eq!(store.backlog(&user("bo")).expect("backlog"), Backlog::default());
    assert_eq!(answers(&store, "bo", "eve", 1), [Answer::Stored { upto: 0 }]);
    assert_eq!(apply(&store, keep("bo", "eve", 1)), stored(1));
}
