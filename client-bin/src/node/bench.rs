//! A node without network and tasks: tests say what the core tells, and when the disk has written.

use std::path::PathBuf;

use breeze_core::Config;
use breeze_core::id::{DisplayName, Epoch, MessageId, UserId};
use breeze_core::io::Event as CoreEvent;
use breeze_core::noise::Identity;
use breeze_core::time::Instant;
use smol::channel::{self, Receiver};
use std::task::{Context, Poll, Waker};

use super::booking::Booking;
use super::books::{book, gather};
use super::client_machine::{ClientMachine, NodeClient};
use super::contacts::Contacts;
use super::files::Files;
use super::seat_id::SeatId;
use super::seat_queue::Manner;
use crate::known_servers::KnownServers;
use crate::ndjson::{Command, Event, Reference};
use crate::settings::Profile;
use crate::store::Store;

/// Holds a machine, its store, and the bookings on their way from one to the other.
pub(super) struct Bench {
    pub(super) machine: ClientMachine,
    pub(super) store: Store,
    pub(super) seat: SeatId,
    bookings: Receiver<Booking>,
    dir: tempfile::TempDir,
}

pub(super) const NOW: Instant = Instant::from_millis(1);

pub(super) fn user(name: &str) -> UserId {
    UserId::new(name).expect("user")
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::at(tempfile::tempdir().expect("dir"))
    }

    fn at(dir: tempfile::TempDir) -> Self {
        let store = Store::open(&dir.path().join("node.redb")).expect("store");
        let (machine, bookings) = machine(&store, dir.path().join("known_servers"));
        let mut bench = Self { machine, store, seat: SeatId(0), bookings, dir };
        bench.seat = bench.machine.seat(Manner::Host).expect("seat");
        bench
    }

    /// Ends the node, at once, and starts another on what the disk has.
    pub(super) fn restart(self) -> Self {
        let Self { store, dir, .. } = self;
        drop(store);
        let mut bench = Self::at(dir);
        let unsettled = bench.store.unsettled().expect("unsettled");
        bench.machine.take_up(NOW, unsettled);
        bench
    }

    /// Gives the node another core, which has no messages.
    pub(super) fn on_forgetful_core(mut self) -> Self {
        let (machine, _) = machine(&self.store, self.dir.path().join("known_servers"));
        self.machine.client = machine.client;
        self
    }

    pub(super) fn core(&mut self, event: CoreEvent) {
        self.machine.on_event(NOW, event);
    }

    pub(super) fn command(&mut self, command: Command) {
        self.machine.command(NOW, self.seat, command);
    }

    pub(super) fn send(&mut self, to: &str, text: &str, reference: &str) {
        let reference = Some(Reference::Text(reference.into()));
        self.command(Command::Send { to: user(to), text: text.into(), reference });
    }

    /// Sends a message and returns its id.
    pub(super) fn sent(&mut self, to: &str, text: &str, reference: &str) -> MessageId {
        self.send(to, text, reference);
        self.write();
        let events = self.events();
        assert!(matches!(&events[..], [line] if line.contains("queued")), "{events:?}");
        let last = self.store.unsettled().expect("unsettled").into_iter().rev();
        last.filter(|message| message.to == user(to)).map(|message| message.id).next().expect("id")
    }

    /// Lets the disk write all that is booked.
    pub(super) fn write(&mut self) {
        while let Ok(first) = self.bookings.try_recv() {
            let batch = gather(first, &self.bookings);
            let booked = book(&self.store, &batch).expect("book");
            for (booking, booked) in batch.into_iter().zip(booked) {
                self.machine.on_booked(NOW, booking, booked);
            }
        }
    }

    /// Returns what was told at the host's seat, as lines.
    pub(super) fn events(&mut self) -> Vec<String> {
        self.events_at(self.seat)
    }

    pub(super) fn events_at(&mut self, seat: SeatId) -> Vec<String> {
        let mut cx = Context::from_waker(Waker::noop());
        let mut lines = Vec::new();
        while let Poll::Ready(Some(event)) = self.machine.desk.poll_next(seat, &mut cx) {
            lines.push(shown(&event));
        }
        lines
    }
}

/// Makes a machine that dials nobody, on a store.
pub(super) fn machine(store: &Store, known_servers: PathBuf) -> (ClientMachine, Receiver<Booking>) {
    let name = DisplayName::new("Alice").expect("name");
    let config = Config::new(user("alice"), name.clone(), 1);
    let client = NodeClient::new(config, Identity::from_secret([1; 32]), [2; 32], NOW);
    let server = "127.0.0.1:1".parse().expect("server");
    let profile = Profile { user: user("alice"), name, server };
    let (opens, _) = channel::unbounded();
    let (books, bookings) = channel::unbounded();
    let known = KnownServers::new(known_servers);
    let contacts = Contacts::new(store.contacts().expect("contacts"));
    let (jobs, _) = channel::unbounded();
    let files = Files::new(jobs, Vec::new(), PathBuf::new());
    let machine =
        ClientMachine::new(Box::new(client), profile, known, opens, books, contacts, files);
    (machine, bookings)
}

/// Writes an event without what is drawn at random, or takes the time.
fn shown(event: &Event<'_>) -> String {
    let line = event.to_line();
    let line = line.trim_end().trim_start_matches(r#"{"event":"#);
    match event {
        Event::State { id, .. } => {
            let (epoch, _) = id.split_once('-').expect("an id");
            line.replace(epoch, "E")
        }
        _ => line.to_owned(),
    }
}

/// Names a message from bob.
pub(super) fn from_bob(seq: u64) -> MessageId {
    MessageId { epoch: Epoch::from_bits(0xab), seq }
}
