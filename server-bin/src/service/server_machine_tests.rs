use breeze_core::error::LoginRefusal;
use breeze_core::id::{LinkId, PublicKey, Ticket};
use breeze_core::io::{Backlog, ServerEvent};
use breeze_core::noise::Identity;
use breeze_core::time::Instant;
use breeze_core::{Server, ServerConfig};
use smol::channel::Receiver;
use smol::future::block_on;

use super::request::{PageRequest, Request};
use super::requests::{self, MAX_REQUESTS, Requests};
use super::server_machine::ServerMachine;
use super::verifier::{TicketLogin, Verifier};
use crate::store::bench::*;
use crate::store::{Change, Registration, Secret, SecretKind};

const START: Instant = Instant::ZERO;

pub(super) fn machine() -> (ServerMachine, Requests, Receiver<()>) {
    let config = ServerConfig {
        keepalive: std::time::Duration::from_secs(15),
        idle: std::time::Duration::from_secs(45),
        max_sessions: 10,
        ..ServerConfig::default()
    };
    let server = Server::new(config, Identity::from_secret([1; 32]));
    let (asker, requests) = requests::queue();
    let (machine, calls) =
        ServerMachine::new(server, Registration::Invite, asker, Verifier::new().0);
    (machine, requests, calls)
}

fn link(n: u64) -> LinkId {
    LinkId::from_bits(n)
}

fn page_event(n: u64, after: u64) -> ServerEvent {
    ServerEvent::Page { link: link(n), user: user("bo"), after }
}

/// Fills the queue, and returns the event that has no room.
fn fill(machine: &mut ServerMachine) {
    for n in 0..MAX_REQUESTS as u64 {
        let id = id(1, n);
        machine.on_event(START, ServerEvent::Acked { from: user("al"), to: user("bo"), id });
    }
}

fn take(requests: &Requests) -> Vec<Request> {
    block_on(requests.next_batch())
}

fn pages(batch: &[Request]) -> Vec<(LinkId, u64)> {
    let page = |request: &Request| match request {
        Request::Page(PageRequest { link, after, .. }) => (*link, *after),
        other => panic!("{other:?}"),
    };
    batch.iter().map(page).collect()
}

#[test]
fn events_become_requests_in_order() {
    let (mut machine, requests, _calls) = machine();
    let (from, to, id) = (user("al"), user("bo"), id(1, 7));
    let key = key_of("al");
    let keep = message("al", "bo", 1, b"x");
    let ticket = Default::default();
    for event in [
        ServerEvent::Login { link: link(1), user: from.clone(), key, ticket, max_frame: 600 },
        ServerEvent::Keep(Box::new(keep.clone())),
        ServerEvent::Acked { from: from.clone(), to: to.clone(), id },
        ServerEvent::Read { from: from.clone(), to: to.clone(), id },
        ServerEvent::Ask { link: link(1), from: from.clone(), to: to.clone(), epoch: id.epoch },
        page_event(2, 5),
        ServerEvent::Key { link: link(3), user: to.clone() },
        ServerEvent::Online { user: to.clone() },
    ] {
        machine.on_event(START, event);
    }
    machine.purge();
    let batch = take(&requests);
    let Request::Login { change: Change::Claim { max_frame: 600, registration, .. }, .. } =
        &batch[0]
    else {
        panic!("{batch:?}");
    };
    assert_eq!(*registration, Registration::Invite);
    assert!(matches!(&batch[1], Request::Change(Change::Keep { keep: kept }) if *kept == keep));
    assert!(matches!(&batch[2], Request::Change(Change::Acked { id: i, .. }) if *i == id));
    assert!(matches!(&batch[3], Request::Change(Change::Read { id: i, .. }) if *i == id));
    assert!(matches!(&batch[4], Request::Change(Change::Ask { epoch, .. }) if *epoch == id.epoch));
    assert_eq!(pages(&batch[5..6]), [(link(2), 5)]);
    assert!(matches!(&batch[6], Request::Key { link: l, user } if (*l, user) == (link(3), &to)));
    assert!(matches!(&batch[7], Request::Change(Change::Purge)));
    assert_eq!(batch.len(), 8);
}

#[test]
fn pages_that_find_no_room_are_asked_for_later() {
    let (mut machine, requests, calls) = machine();
    fill(&mut machine);
    assert!(calls.is_empty());
    machine.on_event(START, page_event(1, 3));
    machine.on_event(START, page_event(2, 4));
    assert_eq!(calls.len(), 1, "one call for both");
    calls.try_recv().expect("call");
    // There is still no room.
    machine.ask_again();
    assert_eq!(calls.len(), 1);
    calls.try_recv().expect("call");
    while requests.len() > 0 {
        take(&requests);
    }
    machine.ask_again();
    assert_eq!(pages(&take(&requests)), [(link(1), 3), (link(2), 4)]);
    machine.ask_again();
    assert_eq!((requests.len(), calls.len()), (0, 0), "once");
}

#[test]
fn nothing_else_waits_where_there_is_no_room() {
    let (mut machine, requests, calls) = machine();
    fill(&mut machine);
    let (from, to, id) = (user("al"), user("bo"), id(1, 7));
    for event in [
        ServerEvent::Login {
            link: link(1),
            user: from.clone(),
            key: key_of("al"),
            ticket: Default::default(),
            max_frame: 0,
        },
        ServerEvent::Keep(Box::new(message("al", "bo", 1, b"x"))),
        ServerEvent::Read { from, to: to.clone(), id },
        ServerEvent::Key { link: link(3), user: to },
    ] {
        machine.on_event(START, event);
    }
    machine.purge();
    assert_eq!((requests.len(), calls.len()), (MAX_REQUESTS, 0));
}

#[test]
fn what_was_read_counts_as_told_once_its_sender_is_in() {
    let (mut machine, requests, _calls) = machine();
    let read = vec![(user("bo"), id(1, 4))];
    let online = |name| ServerEvent::Online { user: user(name) };
    let backlog = Backlog { kept: vec![], read: read.clone() };
    machine.admit(START, link(1), user("al"), backlog.clone());
    machine.on_event(START, online("eve"));
    assert_eq!(requests.len(), 0);
    machine.on_event(START, online("al"));
    machine.on_event(START, online("al"));
    let batch = take(&requests);
    let [Request::Change(Change::ReadTold { user: told, read: of })] = &batch[..] else {
        panic!("{batch:?}");
    };
    assert_eq!((told, of), (&user("al"), &read));
    // One that was not let in, for the link was gone, before another that has nothing to be told.
    machine.admit(START, link(1), user("al"), backlog);
    machine.admit(START, link(2), user("al"), Backlog::default());
    machine.on_event(START, online("al"));
    assert_eq!(requests.len(), 0);
}

fn log_in(machine: &mut ServerMachine, n: u64, ticket: &str) {
    let ticket = Ticket::new(ticket.as_bytes()).expect("ticket");
    let (link, user, key) = (link(n), user("al"), PublicKey::from_bytes([1; 32]));
    machine.on_event(
        START,
        ServerEvent::Login { link, user, key, ticket: Box::new(ticket), max_frame: 0 },
    );
}

#[test]
fn a_ticket_goes_along_and_registers_nobody() {
    let (mut machine, requests, _calls) = machine();
    log_in(&mut machine, 1, "");
    log_in(&mut machine, 2, "a ticket");
    let batch = take(&requests);
    let [
        Request::Login { change: Change::Claim { registration: usual, .. }, ticket: None, .. },
        Request::Login { change: Change::Claim { registration, .. }, ticket: Some(login), .. },
    ] = &batch[..]
    else {
        panic!("{batch:?}");
    };
    assert_eq!((*usual, *registration), (Registration::Invite, Registration::Closed));
    assert_eq!((login.link, login.ticket.as_bytes()), (link(2), &b"a ticket"[..]));
}

#[test]
fn a_ticket_that_is_right_enrols_and_one_that_is_wrong_does_nothing() {
    let (mut machine, requests, _calls) = machine();
    let login = |n| {
        let (link, user, key) = (link(n), user("al"), PublicKey::from_bytes([1; 32]));
        Box::new(TicketLogin { link, user, key, ticket: Ticket::default(), max_frame: 0 })
    };
    let right = Secret { kind: SecretKind::Code, phc: "x".into() };
    machine.on_verified(START, login(1), Err(LoginRefusal::WrongCode));
    machine.on_verified(START, login(2), Ok(right.clone()));
    let batch = take(&requests);
    let [Request::Login { link: of, change, ticket: None, .. }] = &batch[..] else {
        panic!("{batch:?}");
    };
    let Change::Enrol { secret, registration, .. } = change else { panic!("{change:?}") };
    assert_eq!((*of, secret, *registration), (link(2), &right, Registration::Invite));
}
