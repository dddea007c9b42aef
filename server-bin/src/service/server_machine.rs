use std::collections::BTreeMap;
use std::net::SocketAddr;

use breeze_core::error::{AcceptError, LoginRefusal, RelayRefusal};
use breeze_core::id::{LinkId, MessageId, UserId};
use breeze_core::io::{Backlog, ServerEvent, ServerOutput};
use breeze_core::time::Instant;
use breeze_core::{Answer, Server};
use smol::channel::{self, Receiver, Sender};

use super::request::{PageRequest, Request};
use super::requests::Asker;
use crate::driver::{Consumed, Machine, Slots};
use crate::store::{Change, Registration};

/// The server's state machine, and what is done about its events.
pub(super) struct ServerMachine {
    pub(super) server: Server,
    registration: Registration,
    /// Where the store is asked.
    asker: Asker,
    /// Sessions whose messages could not be read, each with what it asked for.
    waiting: BTreeMap<LinkId, PageRequest>,
    /// Calls for those to be asked again.
    call: Sender<()>,
    /// Who is being admitted, and what persons have seen of its messages, which it is told.
    told: Option<(UserId, Vec<(UserId, MessageId)>)>,
}

impl ServerMachine {
    /// Makes a machine that asks for what it needs, and says when it has to
    /// [ask again](Self::ask_again).
    pub(super) fn new(
        server: Server,
        registration: Registration,
        asker: Asker,
    ) -> (Self, Receiver<()>) {
        let (call, calls) = channel::bounded(1);
        let waiting = BTreeMap::new();
        (Self { server, registration, asker, waiting, call, told: None }, calls)
    }

    /// Lets a user in, with what there is for it.
    pub(super) fn admit(&mut self, now: Instant, link: LinkId, user: UserId, backlog: Backlog) {
        self.told = (!backlog.read.is_empty()).then(|| (user, backlog.read.clone()));
        self.server.admit(now, link, backlog);
    }

    /// Has what was kept for too long given up.
    pub(super) fn purge(&mut self) {
        // With no room for it now, there is another one later.
        let _ = self.asker.ask(Request::Change(Change::Purge));
    }

    /// Notes that a session waits for messages that cannot be read now.
    pub(super) fn ask_later(&mut self, request: PageRequest) {
        self.waiting.insert(request.link, request);
        // One call is enough for all.
        let _ = self.call.try_send(());
    }

    /// Asks again for what could not be read.
    pub(super) fn ask_again(&mut self) {
        for (_, request) in std::mem::take(&mut self.waiting) {
            self.ask_for_page(request);
        }
    }

    pub(super) fn on_event(&mut self, now: Instant, event: ServerEvent) {
        match event {
            ServerEvent::Login { link, user, key, ticket: _ } => {
                let registration = self.registration;
                // What a client takes is not told here yet.
                let (name, max_frame) = (user.clone(), 0);
                let change = Change::Claim { user: name, key, max_frame, registration };
                if self.asker.ask(Request::Login { link, user, change }).is_err() {
                    self.server.refuse(now, link, LoginRefusal::Unavailable);
                }
            }
            ServerEvent::Keep(keep) => {
                if let Err(Request::Change(Change::Keep { keep })) =
                    self.asker.ask(Request::Change(Change::Keep { keep }))
                {
                    self.server.kept(keep, Answer::Refused(RelayRefusal::Unavailable));
                }
            }
            // The recipient's next acknowledgement covers one that is lost, as the next receipt
            // does, and a sender asks again when it logs in again.
            ServerEvent::Acked { from, to, id } => self.change(Change::Acked { from, to, id }),
            ServerEvent::Read { from, to, id } => self.change(Change::Read { from, to, id }),
            ServerEvent::Ask { link: _, from, to, epoch } => {
                self.change(Change::Ask { from, to, epoch });
            }
            ServerEvent::Page { link, user, after } => {
                self.ask_for_page(PageRequest { link, user, after });
            }
            ServerEvent::Key { link, user } => {
                if self.asker.ask(Request::Key { link, user }).is_err() {
                    log::error!("the store is too slow: a question for a key stays unanswered");
                }
            }
            ServerEvent::Online { user } => {
                log::info!("{user} is online ({} sessions)", self.server.sessions());
                if let Some((_, read)) = self.told.take_if(|(told, _)| *told == user) {
                    self.change(Change::ReadTold { user, read });
                }
            }
            ServerEvent::Offline { user, reason } => {
                log::info!("{user} is offline: {reason} ({} sessions)", self.server.sessions());
            }
            ServerEvent::Dropped { reason } => log::debug!("a link without a session: {reason}"),
        }
    }

    fn change(&mut self, change: Change) {
        if let Err(request) = self.asker.ask(Request::Change(change)) {
            log::error!("the store is too slow, and this is lost: {request:?}");
        }
    }

    fn ask_for_page(&mut self, request: PageRequest) {
        if let Err(Request::Page(request)) = self.asker.ask(Request::Page(request)) {
            self.ask_later(request);
        }
    }
}

impl Machine for ServerMachine {
    fn accepted(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError> {
        self.server.accepted(now, addr, ephemeral)
    }

    fn received(&mut self, now: Instant, link: LinkId, bytes: &mut [u8]) -> Consumed {
        let received = self.server.received(now, link, bytes);
        let again = received.consumed > 0;
        Consumed { bytes: received.consumed, need: received.need, again }
    }

    fn transmit(&mut self, now: Instant, link: LinkId, buf: &mut [u8]) -> usize {
        self.server.transmit(now, link, buf)
    }

    fn closed(&mut self, now: Instant, link: LinkId) {
        self.server.closed(now, link);
    }

    fn timeout(&mut self, now: Instant) {
        self.server.timeout(now);
    }

    fn pump(&mut self, now: Instant, slots: &mut Slots) -> Instant {
        loop {
            match self.server.poll() {
                ServerOutput::Transmit(link) => slots.announce(link),
                ServerOutput::Close(link) => slots.close(link),
                ServerOutput::Event(event) => self.on_event(now, event),
                ServerOutput::Wait(deadline) => return deadline,
            }
        }
    }
}
