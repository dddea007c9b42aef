use std::borrow::Cow;
use std::collections::HashMap;
use std::net::SocketAddr;

use breeze_core::Client;
use breeze_core::error::{AcceptError, SendError};
use breeze_core::id::{LinkId, MessageId, PublicKey, UserId};
use breeze_core::io::{Output, Target};
use breeze_core::time::Instant;
use breeze_server::driver::{Consumed, Machine, Slots};
use smol::channel::Sender;

use super::asker::Asker;
use super::booking::{Booked, Booking};
use super::desk::Desk;
use super::failure::Failure;
use super::roster::{Roster, path_kind};
use super::seat_id::SeatId;
use super::telling;
use super::waiting::{Draft, Waiting};
use crate::known_servers::KnownServers;
use crate::ndjson::Event;
use crate::server_addr::canonical;
use crate::settings::Profile;
use crate::store::{Applied, StoreError, Unsettled};

/// The capacities of a workstation: users known, links open at a time (a full mesh of that many),
/// and half a megabyte of messages on their way.
pub(super) type NodeClient = Client<512, 256, 8192>;

/// Bookings that may wait for the disk before links are left unread.
const MANY_BOOKINGS: usize = 4096;

/// The client's state machine, and what is done about its events.
pub(super) struct ClientMachine {
    pub(super) client: Box<NodeClient>,
    pub(super) profile: Profile,
    pub(super) desk: Desk,
    pub(super) failure: Option<Failure>,
    /// This end of the server connection.
    pub(super) local: Option<SocketAddr>,
    pub(super) known_servers: KnownServers,
    /// Pipes to be opened.
    opens: Sender<(LinkId, Target)>,
    pub(super) roster: Roster,
    pub(super) waiting: Waiting,
    /// What is to be made durable.
    books: Sender<Booking>,
    /// How many bookings are not done yet.
    booking: usize,
    /// The messages whose outcome is open: for whom, and who sent them in this run.
    pub(super) open: HashMap<MessageId, (UserId, Option<Asker>)>,
    /// Who asked who is there, and waits for the list of users.
    pub(super) asking: Vec<SeatId>,
    /// What was told of the server last; nothing before anything was.
    pub(super) server: Option<Event<'static>>,
    /// The key that the server has, once logged in.
    pub(super) server_key: Option<PublicKey>,
}

impl ClientMachine {
    pub(super) fn new(
        client: Box<NodeClient>,
        profile: Profile,
        known_servers: KnownServers,
        opens: Sender<(LinkId, Target)>,
        books: Sender<Booking>,
    ) -> Self {
        Self {
            client,
            profile,
            desk: Desk::default(),
            failure: None,
            local: None,
            known_servers,
            opens,
            roster: Roster::default(),
            waiting: Waiting::default(),
            books,
            booking: 0,
            open: HashMap::new(),
            asking: Vec::new(),
            server: None,
            server_key: None,
        }
    }

    /// Tells whether every command has its outcome, as far as that can come: messages to those who
    /// are not there are kept for another time.
    pub(super) fn is_settled(&self) -> bool {
        let away = |user| self.client.is_ready() && !self.roster.is_reachable(user);
        let open = self.open.values().any(|(user, _)| !away(user));
        !open && self.asking.is_empty() && self.booking == 0
    }

    /// Takes up the messages that an earlier run has not settled.
    pub(super) fn take_up(&mut self, now: Instant, unsettled: Vec<Unsettled>) {
        for Unsettled { to, id, text, sent_ms, .. } in unsettled {
            self.open.insert(id, (to.clone(), None));
            self.waiting.push(&to, Draft { id, text, sent_ms });
        }
        self.send_waiting(now);
    }

    /// Asks for something to be made durable.
    pub(super) fn book(&mut self, booking: Booking) {
        self.booking += 1;
        // The books are kept for as long as the machine runs.
        if self.books.try_send(booking).is_err() {
            self.booking -= 1;
        }
    }

    /// Acts on what is durable now.
    pub(super) fn on_booked(&mut self, now: Instant, booking: Booking, booked: Booked) {
        self.booking -= 1;
        match (booking, booked) {
            (
                Booking::Accept { to, text, sent_ms, asker },
                Booked::Applied(Applied::Accepted(id)),
            ) => {
                self.on_accepted(now, to, Draft { id, text, sent_ms }, asker);
            }
            (Booking::Accept { asker, .. }, _) => self.refuse(SendError::Full, &asker),
            (Booking::Keep { from, id, name, text, sent_ms, path }, Booked::Applied(applied)) => {
                // A message that was kept by an earlier run was shown, or is in the history.
                if applied == (Applied::Kept { new: true }) {
                    self.desk.tell_all(Event::Message {
                        id: Cow::Owned(id.to_string()),
                        from: from.clone(),
                        name: Cow::Owned(name),
                        text: Cow::Owned(text),
                        sent_ms,
                        path: path_kind(path),
                    });
                }
                self.client.acknowledge(now, &from, id);
            }
            (Booking::Ask { seat, .. }, Booked::Page(page)) => {
                let own = &self.profile.user;
                let page = page.into_iter();
                let messages = page.map(|entry| telling::history_entry(own, entry)).collect();
                self.desk.tell(seat, Event::History { messages });
                self.desk.settle(seat);
            }
            (
                Booking::Keep { .. }
                | Booking::Delivered { .. }
                | Booking::Failed { .. }
                | Booking::Ask { .. },
                _,
            ) => {}
        }
    }

    /// The disk fails: nothing more can be promised, so nothing more is accepted or acknowledged.
    pub(super) fn on_books_lost(&mut self, batch: Vec<Booking>, error: &StoreError) {
        self.booking -= batch.len();
        self.fail(Failure::Store(error.to_string()));
    }
}

impl Machine for ClientMachine {
    fn accepted(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError> {
        self.client.accepted(now, canonical(addr), ephemeral)
    }

    fn received(&mut self, now: Instant, link: LinkId, bytes: &mut [u8]) -> Consumed {
        let received = self.client.received(now, link, bytes);
        let message = received.message;
        let consumed = Consumed {
            bytes: received.consumed,
            need: received.need,
            again: received.consumed > 0 || message.is_some(),
        };
        if let Some(message) = message {
            let (from, id) = (message.from.clone(), message.id);
            log::debug!("message {id} from {from} came {}", message.path.code());
            // It is shown, and acknowledged, once it is on disk.
            self.book(Booking::Keep {
                from,
                id,
                name: message.name.to_owned(),
                text: message.text.to_owned(),
                sent_ms: message.sent_ms,
                path: message.path,
            });
        }
        consumed
    }

    fn transmit(&mut self, now: Instant, link: LinkId, buf: &mut [u8]) -> usize {
        self.client.transmit(now, link, buf)
    }

    fn closed(&mut self, now: Instant, link: LinkId) {
        self.client.closed(now, link);
    }

    fn timeout(&mut self, now: Instant) {
        self.client.timeout(now);
    }

    fn pump(&mut self, now: Instant, slots: &mut Slots) -> Instant {
        loop {
            match self.client.poll(now) {
                Output::Open { link, target } => {
                    slots.open(link);
                    // As many may wait as there are links: there is always room.
                    if self.opens.try_send((link, target)).is_err() {
                        self.client.closed(now, link);
                    }
                }
                Output::Transmit(link) => slots.announce(link),
                Output::Close(link) => slots.close(link),
                Output::Event(event) => self.on_event(now, event),
                Output::Wait(deadline) => {
                    self.answer_questions();
                    return deadline;
                }
            }
        }
    }

    fn is_receptive(&self) -> bool {
        !self.desk.is_crowded() && self.booking < MANY_BOOKINGS
    }
}
