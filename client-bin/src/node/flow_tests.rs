//! A script that gives commands faster than it reads, or than the disk writes, is not read.

use std::rc::Rc;

use breeze_core::id::PublicKey;
use breeze_core::io::Event as CoreEvent;
use breeze_server::driver::{Clock, Hub, SharedHub};
use smol::channel::Receiver;
use smol::future;

use super::bench::{machine, user};
use super::booking::Booking;
use super::books::{book, gather};
use super::client_machine::ClientMachine;
use super::seat::Seat;
use super::seat_queue::Manner;
use crate::ndjson::{Command, Event};
use crate::store::Store;

struct Node {
    hub: SharedHub<ClientMachine>,
    bookings: Receiver<Booking>,
    store: Store,
    _dir: tempfile::TempDir,
}

impl Node {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("dir");
        let store = Store::open(&dir.path().join("node.redb")).expect("store");
        let (machine, bookings) = machine(&store, dir.path().join("known_servers"));
        Self { hub: Hub::new(machine, Clock::start()), bookings, store, _dir: dir }
    }

    /// Writes what is booked, once.
    fn write(&self) {
        let first = self.bookings.try_recv().expect("a booking");
        let batch = gather(first, &self.bookings);
        let booked = book(&self.store, &batch).expect("book");
        let mut hub = self.hub.borrow_mut();
        for (booking, booked) in batch.into_iter().zip(booked) {
            hub.input(|machine, now| machine.on_booked(now, booking, booked));
        }
        hub.machine.desk.wake_givers();
    }
}

async fn next(seat: &Seat) -> Option<Rc<Event<'static>>> {
    future::poll_once(seat.next_event()).await.flatten()
}

#[test]
fn a_script_that_does_not_read_is_not_read() {
    const LINES: usize = 5000;
    smol::block_on(async {
        let node = Node::new();
        let seat = Seat::take(&node.hub, Manner::Host).expect("seat");
        let input = "no command\n".repeat(LINES);
        let mut obeying = Box::pin(seat.obey(input.as_bytes()));
        let mut answers = 0;
        let mut rounds = 0;
        loop {
            let done = future::poll_once(&mut obeying).await.is_some();
            let mut waiting = 0;
            // Half of what waits is read at a time.
            while next(&seat).await.is_some() {
                waiting += 1;
                if waiting == 700 && !done {
                    break;
                }
            }
            answers += waiting;
            rounds += 1;
            assert!(waiting <= 1024, "{waiting}");
            if done {
                break;
            }
        }
        assert_eq!(answers, LINES);
        assert!(rounds > 5, "{rounds}");
    });
}

#[test]
fn no_more_is_taken_in_than_the_disk_can_write() {
    const LINES: usize = 4096 + 100;
    smol::block_on(async {
        let node = Node::new();
        let seat = Seat::take(&node.hub, Manner::Host).expect("seat");
        let input = "{\"cmd\":\"contact\",\"user\":\"bob\"}\n".repeat(LINES);
        let mut obeying = Box::pin(seat.obey(input.as_bytes()));
        assert!(future::poll_once(&mut obeying).await.is_none());
        assert_eq!(node.bookings.len(), 4096);
        assert!(!node.hub.borrow().machine.has_room());
        node.write();
        assert!(node.hub.borrow().machine.has_room());
        assert!(future::poll_once(&mut obeying).await.is_some());
        assert_eq!(node.bookings.len(), LINES - 256);
    });
}

#[test]
fn a_question_of_a_guest_waits_for_no_other_reader() {
    smol::block_on(async {
        let node = Node::new();
        let host = Seat::take(&node.hub, Manner::Host).expect("seat");
        let input = "no command\n".repeat(1100);
        let mut flood = Box::pin(host.obey(input.as_bytes()));
        assert!(future::poll_once(&mut flood).await.is_none());
        let guest = Seat::take(&node.hub, Manner::Guest).expect("seat");
        let question = &b"{\"cmd\":\"contact\",\"user\":\"bob\"}\n"[..];
        assert!(future::poll_once(guest.obey(question)).await.is_some());
        // What is told to everybody would be told to the one who does not read.
        let message = &b"{\"cmd\":\"send\",\"to\":\"bob\",\"text\":\"hi\"}\n"[..];
        let mut sending = Box::pin(guest.obey(message));
        assert!(future::poll_once(&mut sending).await.is_none());
        for _ in 0..600 {
            assert!(next(&host).await.is_some());
        }
        assert!(future::poll_once(&mut sending).await.is_some());
        assert_eq!(node.bookings.len(), 2);
    });
}

#[test]
fn a_user_who_is_back_with_the_verified_key_is_written_to_again() {
    let node = Node::new();
    let seat = Seat::take(&node.hub, Manner::Host).expect("seat");
    let send =
        || seat.command(Command::Send { to: user("bob"), text: "hi".into(), reference: None });
    let [pinned, found] = [1, 2].map(|byte| PublicKey::from_bytes([byte; 32]));
    let changed = CoreEvent::KeyChanged { user: user("bob"), pinned, found, blocked: true };
    let now = node.hub.borrow().clock.now();
    node.hub.borrow_mut().machine.on_event(now, changed);
    assert!(node.hub.borrow().machine.contacts.is_blocked(&user("bob")));
    let before = node.bookings.len();
    send();
    // The core was asked after that, and has never blocked anybody.
    assert_eq!(node.bookings.len(), before);
    assert!(!node.hub.borrow().machine.contacts.is_blocked(&user("bob")));
    send();
    assert_eq!(node.bookings.len(), before + 1);
}
