use std::sync::Arc;

use breeze_core::Answer;
use breeze_core::error::{LoginRefusal, RelayRefusal};
use breeze_core::id::{LinkId, PublicKey};
use breeze_core::io::{Backlog, Keep};

use super::clerk::Clerk;
use super::reply::Reply;
use super::request::{PageRequest, Request};
use crate::store::bench::*;
use crate::store::{Change, Limits, Page};
use crate::test_disk::TestDisk;

fn link(n: u64) -> LinkId {
    LinkId::from_bits(n)
}

fn clerk() -> (TestDisk, Clerk) {
    let (disk, store) = store_of(&["al", "bo"], Limits::default());
    (disk, Clerk::new(Arc::new(store)))
}

fn login(n: u64, name: &str) -> Request {
    Request::Login { link: link(n), user: user(name), change: claim(name), ticket: None }
}

fn page(name: &str) -> Request {
    Request::Page(PageRequest { link: link(1), user: user(name), after: 0 })
}

fn key(name: &str) -> Request {
    Request::Key { link: link(1), user: user(name) }
}

fn admitted(n: u64, name: &str, backlog: Backlog) -> Reply {
    Reply::Admitted { link: link(n), user: user(name), backlog, given_up: vec![] }
}

fn refused(n: u64, name: &str, refusal: LoginRefusal) -> Reply {
    Reply::Refused { link: link(n), user: user(name), refusal }
}

fn keep_of(seq: u64) -> Keep {
    message("al", "bo", seq, b"body")
}

fn keep_request(seq: u64) -> Request {
    Request::Change(Change::Keep { keep: keep_of(seq) })
}

fn kept(seq: u64, answer: Answer) -> Reply {
    Reply::Kept { keep: keep_of(seq), answer }
}

fn page_of(reply: &Reply) -> &Page {
    match reply {
        Reply::Page { page, .. } => page,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_request_has_its_reply_in_order_and_one_commit_serves_all() {
    let (disk, clerk) = clerk();
    let batch = vec![
        page("bo"),
        login(2, "bo"),
        keep_request(1),
        login(3, "eve"),
        keep_request(3),
        keep_request(2),
        Request::Change(ask("al", "bo", 1)),
        Request::Change(acked("al", "bo", 1)),
        Request::Change(read("al", "bo", 1)),
        key("eve"),
        key("nobody"),
        login(4, "al"),
        Request::Change(Change::Purge),
    ];
    let before = disk.syncs();
    let replies = clerk.answer(batch, NOW);
    // One for the data, and no second commit.
    let single = disk.syncs() - before;
    assert_eq!(page_of(&replies[0]).kept.len(), 1, "what is read is as of after the changes");
    let for_bo = Backlog { kept: vec![user("al")], read: vec![] };
    let for_al = Backlog { kept: vec![], read: vec![(user("bo"), id(1, 1))] };
    let (epoch, answers) = (id(1, 1).epoch, vec![Answer::Stored { upto: 2 }]);
    let expected = [
        admitted(2, "bo", for_bo),
        kept(1, Answer::Stored { upto: 1 }),
        admitted(3, "eve", Backlog::default()),
        kept(3, Answer::Gap),
        kept(2, Answer::Stored { upto: 2 }),
        Reply::Answers { from: user("al"), to: user("bo"), epoch, answers },
        Reply::Nothing,
        Reply::Nothing,
        Reply::Key { link: link(1), user: user("eve"), key: Some(key_of("eve")) },
        Reply::Key { link: link(1), user: user("nobody"), key: None },
        admitted(4, "al", for_al),
        Reply::Purged(vec![]),
    ];
    assert_eq!(replies[1..], expected);
    let before = disk.syncs();
    clerk.answer(vec![keep_request(3)], NOW);
    assert_eq!(disk.syncs() - before, single, "as many as for a single change");
    let before = disk.position();
    clerk.answer(vec![page("bo"), key("bo"), login(5, "bo"), keep_request(3)], NOW);
    assert_eq!(disk.position(), before, "nothing was new");
}

#[test]
fn log_ins_are_refused_for_what_is_wrong_with_them() {
    let (_, clerk) = clerk();
    let foreign = claim_with("al", PublicKey::from_bytes([9; 32]), 0);
    let login = Request::Login { link: link(1), user: user("al"), change: foreign, ticket: None };
    assert_eq!(clerk.answer(vec![login], NOW), [refused(1, "al", LoginRefusal::NameTaken)]);
}

#[test]
fn a_full_disk_refuses_what_is_new_and_serves_those_who_are_known() {
    let (disk, clerk) = clerk();
    clerk.answer(vec![keep_request(1)], NOW);
    disk.fail_after(0);
    // Whatever opens it anew finds room for what was there before.
    let first = clerk.answer(vec![keep_request(2)], NOW);
    let unavailable = || kept(2, Answer::Refused(RelayRefusal::Unavailable));
    assert_eq!(first, [unavailable()]);
    disk.recover();
    clerk.answer(vec![key("al")], NOW);
    disk.fail_after(0);
    for _ in 0..2 {
        let noted = claim_with("bo", key_of("bo"), 4711);
        let batch = vec![
            keep_request(2),
            Request::Login { link: link(2), user: user("bo"), change: noted, ticket: None },
            login(3, "new"),
            Request::Change(acked("al", "bo", 1)),
            Request::Change(ask("al", "bo", 1)),
            page("bo"),
            key("bo"),
            Request::Change(Change::Purge),
        ];
        let mut replies = clerk.answer(batch, NOW);
        let page = replies.remove(5);
        assert_eq!(page_of(&page).kept.len(), 1);
        let backlog = Backlog { kept: vec![user("al")], read: vec![] };
        let (epoch, answers) = (id(1, 1).epoch, vec![Answer::Stored { upto: 1 }]);
        let expected = [
            unavailable(),
            admitted(2, "bo", backlog),
            refused(3, "new", LoginRefusal::Unavailable),
            Reply::Nothing,
            Reply::Answers { from: user("al"), to: user("bo"), epoch, answers },
            Reply::Key { link: link(1), user: user("bo"), key: Some(key_of("bo")) },
            Reply::Nothing,
        ];
        assert_eq!(replies, expected);
    }
    disk.recover();
    let replies = clerk.answer(vec![keep_request(2), login(3, "new")], NOW);
    let expected = [kept(2, Answer::Stored { upto: 2 }), admitted(3, "new", Backlog::default())];
    assert_eq!(replies, expected);
}

#[test]
fn a_dead_disk_leaves_nobody_without_a_reply() {
    let (disk, clerk) = clerk();
    disk.fail_after(0);
    disk.set_dead(true);
    let batch = || vec![keep_request(1), login(2, "bo"), page("bo"), key("bo")];
    let later = PageRequest { link: link(1), user: user("bo"), after: 0 };
    for _ in 0..2 {
        let expected = [
            kept(1, Answer::Refused(RelayRefusal::Unavailable)),
            refused(2, "bo", LoginRefusal::Unavailable),
            Reply::PageLater(later.clone()),
            Reply::Nothing,
        ];
        assert_eq!(clerk.answer(batch(), NOW), expected);
    }
    disk.set_dead(false);
    disk.recover();
    let replies = clerk.answer(batch(), NOW);
    assert_eq!(replies[0], kept(1, Answer::Stored { upto: 1 }));
    assert_eq!(page_of(&replies[2]).kept.len(), 1);
}
