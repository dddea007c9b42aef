use std::borrow::Cow;
use std::collections::BTreeMap;
use std::mem;
use std::net::SocketAddr;

use breeze_core::Client;
use breeze_core::error::{AcceptError, SendError};
use breeze_core::id::{LinkId, MessageId, PublicKey, UserId};
use breeze_core::io::{Output, Target};
use breeze_core::time::Instant;
use breeze_server::driver::{Consumed, Machine, Slots};
use smol::channel::Sender;

use super::backlog::Backlog;
use super::booking::{Booked, Booking};
use super::contacts::Contacts;
use super::desk::Desk;
use super::failure::Failure;
use super::files::Files;
use super::ledger::Ledger;
use super::roster::{Roster, path_kind};
use super::seat_id::SeatId;
use super::telling;
use super::waiting::{Draft, Waiting};
use crate::known_servers::KnownServers;
use crate::ndjson::{Event, MessageState};
use crate::server_addr::canonical;
use crate::settings::Profile;
use crate::store::{Applied, StoreError};

/// The capacities of a workstation: users known, links open at a time (a full mesh of that many),
/// and half a megabyte of messages on their way.
#[cfg(not(test))]
pub(super) type NodeClient = Client<512, 256, 8192>;
/// The stack of a test has no room for those.
#[cfg(test)]
pub(super) type NodeClient = Client<8, 8, 512>;

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
    /// The core has let go of messages, and may have room for those that wait.
    pub(super) room_made: bool,
    /// What is to be made durable.
    books: Sender<Booking>,
    /// What of that is not done yet.
    backlog: Backlog,
    /// The messages of which there may be news.
    pub(super) ledger: Ledger,
    pub(super) contacts: Contacts,
    /// The last message of each user that a person has seen in this run.
    pub(super) seen: BTreeMap<UserId, MessageId>,
    /// Who asked who is there, and waits for the list of users.
    pub(super) asking: Vec<SeatId>,
    /// What was told of the server last; nothing before anything was.
    pub(super) server: Option<Event<'static>>,
    /// The key that the server has, once logged in.
    pub(super) server_key: Option<PublicKey>,
    pub(super) files: Files,
}

impl ClientMachine {
    pub(super) fn new(
        client: Box<NodeClient>,
        profile: Profile,
        known_servers: KnownServers,
        opens: Sender<(LinkId, Target)>,
        books: Sender<Booking>,
        contacts: Contacts,
        files: Files,
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
            room_made: false,
            books,
            backlog: Backlog::default(),
            ledger: Ledger::default(),
            contacts,
            seen: BTreeMap::new(),
            asking: Vec::new(),
            server: None,
            server_key: None,
            files,
        }
    }

    /// Tells whether every command has its outcome, and every message is in other hands or failed.
    pub(super) fn is_settled(&self) -> bool {
        !self.ledger.has_queued() && self.asking.is_empty() && self.backlog.is_empty()
    }

    /// Asks for something to be made durable.
    pub(super) fn book(&mut self, booking: Booking) {
        self.backlog.add(&booking);
        // Once the books are closed it is as if that had come too late.
        if let Err(lost) = self.books.try_send(booking) {
            self.backlog.remove(&lost.into_inner());
        }
    }

    /// Has nothing more made durable, and so acknowledges nothing more.
    pub(super) fn close_books(&self) {
        self.books.close();
    }

    /// Tells whether more can be written down at once.
    pub(super) fn has_room(&self) -> bool {
        self.backlog.has_room()
    }

    /// Acts on what is durable now.
    pub(super) fn on_booked(&mut self, now: Instant, booking: Booking, booked: Booked) {
        self.backlog.remove(&booking);
        match (booking, booked) {
            (
                Booking::Accept { to, text, sent_ms, asker, key_changes },
                Booked::Applied(Applied::Accepted(id)),
            ) => {
                self.on_accepted(now, to, Draft { id, text, sent_ms }, asker, key_changes);
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
                // The core may not have known of earlier messages when they were seen.
                if let Some(seen) = self.seen.get(&from) {
                    self.client.mark_read(now, &from, *seen);
                }
            }
            (Booking::Stored { to, .. }, Booked::Applied(Applied::Advanced(ids))) => {
                self.on_advanced(&to, ids, MessageState::Stored, None);
            }
            (Booking::Delivered { to, path, .. }, Booked::Applied(Applied::Advanced(ids))) => {
                self.on_advanced(&to, ids, MessageState::Delivered, Some(path));
            }
            (Booking::Read { to, .. }, Booked::Applied(Applied::Advanced(ids))) => {
                self.on_advanced(&to, ids, MessageState::Read, None);
            }
            (Booking::Failed { to, id, reason }, Booked::Applied(Applied::Failed(true))) => {
                self.on_given_up(&to, id, reason);
            }
            // It was delivered, or has failed before, and that was told.
            (Booking::Failed { .. }, Booked::Applied(Applied::Failed(false))) => {}
            (
                Booking::Contact { event: Some(event), asker, .. },
                Booked::Applied(Applied::Contact),
            ) => match asker {
                Some(asker) => self.desk.answer(asker.seat, *event),
                None => self.desk.tell_all(*event),
            },
            (Booking::AskContact { user, asker }, Booked::Contact(contact)) => {
                self.on_contact(user, contact.as_ref(), &asker);
            }
            (Booking::Seen { from, id, asker }, Booked::Known(known)) => {
                self.on_seen(now, &from, id, known, &asker);
            }
            (Booking::Recall { to, key_changes, .. }, Booked::Unsettled(messages)) => {
                self.on_recalled(now, &to, messages, key_changes);
            }
            (Booking::Ask { seat, .. }, Booked::Page(page)) => {
                let own = &self.profile.user;
                let page = page.into_iter();
                let messages = page.map(|entry| telling::history_entry(own, entry)).collect();
                self.desk.answer(seat, Event::History { messages });
            }
            (
                Booking::Keep { .. }
                | Booking::Stored { .. }
                | Booking::Delivered { .. }
                | Booking::Read { .. }
                | Booking::Failed { .. }
                | Booking::Contact { .. }
                | Booking::Ask { .. }
                | Booking::AskContact { .. }
                | Booking::Seen { .. }
                | Booking::Recall { .. },
                _,
            ) => {}
        }
    }

    /// The disk fails: nothing more can be promised, so nothing more is accepted or acknowledged.
    pub(super) fn on_books_lost(&mut self, batch: Vec<Booking>, error: &StoreError) {
        batch.iter().for_each(|booking| self.backlog.remove(booking));
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
            again: received.consumed > 0 || message.is_some() || received.file.is_some(),
        };
        if let Some(file) = received.file {
            self.on_file(now, &file);
            return consumed;
        }
        if let Some(message) = message {
            let (from, id) = (message.from.clone(), message.id);
            log::debug!("message {id} from {from} came {}", message.path.code());
            if message.claimed.is_some_and(|key| !self.contacts.allows(&from, &key)) {
                // The core asks whose key that is next, and then says what to think of it.
                return consumed;
            }
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
        let Files { transfers, streams, .. } = &mut self.files;
        self.client.transmit_files(now, link, buf, &mut **transfers, streams)
    }

    fn closed(&mut self, now: Instant, link: LinkId) {
        self.client.closed(now, link);
    }

    fn timeout(&mut self, now: Instant) {
        self.client.timeout(now);
        self.on_file_time(now);
    }

    fn pump(&mut self, now: Instant, slots: &mut Slots) -> Instant {
        self.look_after_blocked();
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
                // All other news come first: they may say that what waits is not to be sent.
                Output::Wait(_) if mem::take(&mut self.room_made) => self.send_waiting(now),
                Output::Wait(deadline) => {
                    if let Some(files) = self.pump_files(now) {
                        self.answer_questions();
                        return deadline.min(files);
                    }
                }
            }
        }
    }

    fn is_receptive(&self) -> bool {
        !self.desk.is_crowded() && self.has_room()
    }
}
