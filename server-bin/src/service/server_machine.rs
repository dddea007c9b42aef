use std::collections::BTreeMap;
use std::net::SocketAddr;

use breeze_core::error::{AcceptError, LoginRefusal, RelayRefusal};
use breeze_core::id::{LinkId, MessageId, UserId};
use breeze_core::io::{Backlog, ServerEvent, ServerOutput};
use breeze_core::time::Instant;
use breeze_core::{Answer, Server};
use smol::channel::{self, Receiver, Sender};

use super::ration::{Ration, Share};
use super::request::{PageRequest, Request};
use super::requests::Asker;
use super::verifier::{TicketLogin, Verifier};
use crate::driver::{Consumed, Machine, Slots};
use crate::store::{Change, Registration, Secret};

/// The server's state machine, and what is done about its events.
pub(super) struct ServerMachine {
    pub(super) server: Server,
    registration: Registration,
    /// Where the store is asked.
    asker: Asker,
    /// Where tickets are verified.
    verifier: Verifier,
    /// Sessions whose messages could not be read, each with what it asked for.
    waiting: BTreeMap<LinkId, PageRequest>,
    /// Calls for those to be asked again.
    call: Sender<()>,
    /// Which refusals of log-ins are written in the log.
    refusals: Ration,
    /// Which complaints about the store.
    complaints: Ration,
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
        verifier: Verifier,
    ) -> (Self, Receiver<()>) {
        let (call, calls) = channel::bounded(1);
        let machine = Self {
            server,
            registration,
            asker,
            verifier,
            waiting: BTreeMap::new(),
            call,
            refusals: Ration::default(),
            complaints: Ration::default(),
            told: None,
        };
        (machine, calls)
    }

    /// Tells whether a user has a session.
    pub(super) fn is_online(&self, user: &UserId) -> bool {
        self.server.is_online(user)
    }

    /// Has something done in the store, in order with everything else. False if too much waits.
    pub(super) fn ask(&self, request: Request) -> bool {
        self.asker.ask(request).is_ok()
    }

    /// Lets a user in, with what there is for it.
    pub(super) fn admit(&mut self, now: Instant, link: LinkId, user: UserId, backlog: Backlog) {
        self.told = (!backlog.read.is_empty()).then(|| (user, backlog.read.clone()));
        self.server.admit(now, link, backlog);
    }

    /// Keeps a user out, and says so, unless that was said too often lately: anybody may try to log
    /// in, as often as a network allows.
    pub(super) fn refuse(
        &mut self,
        now: Instant,
        link: LinkId,
        user: &UserId,
        refusal: LoginRefusal,
    ) {
        match self.refusals.take(now) {
            Share::Write { withheld: 0 } => log::info!("{user} is refused: {refusal}"),
            Share::Write { withheld } => log::info!(
                "{user} is refused: {refusal}; so were {withheld} others that are not shown"
            ),
            Share::Last => log::warn!(
                "{user} is refused: {refusal}; many log-ins are, and the next ones are not shown"
            ),
            Share::Withhold => log::debug!("{user} is refused: {refusal}"),
        }
        self.server.refuse(now, link, refusal);
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
            ServerEvent::Login { link, user, key, ticket, max_frame } => {
                self.on_login(now, TicketLogin { link, user, key, ticket: *ticket, max_frame });
            }
            ServerEvent::Keep(keep) => {
                if let Err(Request::Change(Change::Keep { keep })) =
                    self.asker.ask(Request::Change(Change::Keep { keep: *keep }))
                {
                    self.server.kept(keep, Answer::Refused(RelayRefusal::Unavailable));
                }
            }
            // The recipient's next acknowledgement covers one that is lost, as the next receipt
            // does, and a sender asks again when it logs in again.
            ServerEvent::Acked { from, to, id } => self.change(now, Change::Acked { from, to, id }),
            ServerEvent::Read { from, to, id } => self.change(now, Change::Read { from, to, id }),
            ServerEvent::Ask { link: _, from, to, epoch } => {
                self.change(now, Change::Ask { from, to, epoch });
            }
            ServerEvent::Page { link, user, after } => {
                self.ask_for_page(PageRequest { link, user, after });
            }
            ServerEvent::Key { link, user } => {
                if let Err(request) = self.asker.ask(Request::Key { link, user }) {
                    self.complain(now, &request);
                }
            }
            ServerEvent::Online { user } => {
                log::info!("{user} is online ({} sessions)", self.server.sessions());
                if let Some((_, read)) = self.told.take_if(|(told, _)| *told == user) {
                    self.change(now, Change::ReadTold { user, read });
                }
            }
            ServerEvent::Offline { user, reason } => {
                log::info!("{user} is offline: {reason} ({} sessions)", self.server.sessions());
            }
            ServerEvent::Dropped { reason } => log::debug!("a link without a session: {reason}"),
        }
    }

    fn on_login(&mut self, now: Instant, login: TicketLogin) {
        let (link, user, key, max_frame) =
            (login.link, login.user.clone(), login.key, login.max_frame);
        let (ticket, registration) = match login.ticket.is_empty() {
            true => (None, self.registration),
            // Whoever shows a ticket wants to enrol with that, and is not to register without.
            false => (Some(Box::new(login)), Registration::Closed),
        };
        let change = Change::Claim { user: user.clone(), key, max_frame, registration };
        self.ask_to_log_in(now, Request::Login { link, user, change, ticket });
    }

    /// Has a ticket verified, of a key that is not enrolled.
    pub(super) fn verify(&mut self, now: Instant, login: Box<TicketLogin>) {
        if let Err(login) = self.verifier.submit(login) {
            self.refuse(now, login.link, &login.user, LoginRefusal::Unavailable);
        }
    }

    /// Takes in whether a ticket was right, and enrols the key if so.
    pub(super) fn on_verified(
        &mut self,
        now: Instant,
        login: Box<TicketLogin>,
        verdict: Result<Secret, LoginRefusal>,
    ) {
        let TicketLogin { link, user, key, ticket: _, max_frame } = *login;
        match verdict {
            Ok(secret) => {
                let (name, registration) = (user.clone(), self.registration);
                let change = Change::Enrol { user: name, key, max_frame, secret, registration };
                self.ask_to_log_in(now, Request::Login { link, user, change, ticket: None });
            }
            Err(refusal) => self.refuse(now, link, &user, refusal),
        }
    }

    fn ask_to_log_in(&mut self, now: Instant, request: Request) {
        if let Err(Request::Login { link, .. }) = self.asker.ask(request) {
            self.server.refuse(now, link, LoginRefusal::Unavailable);
        }
    }

    fn change(&mut self, now: Instant, change: Change) {
        if let Err(request) = self.asker.ask(Request::Change(change)) {
            self.complain(now, &request);
        }
    }

    /// Says that the store is too slow for one more request; whoever asks too much is not to fill
    /// the log as well.
    fn complain(&mut self, now: Instant, lost: &Request) {
        if self.complaints.take(now) != Share::Withhold {
            log::error!("the store is too slow, and this is lost: {lost:?}");
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
        // All of it at once: what that makes to be done is done once.
        let mut start = 0;
        loop {
            let consumed = self.server.received(now, link, &mut bytes[start..]).consumed;
            start += consumed;
            if consumed == 0 || start == bytes.len() {
                return Consumed { bytes: start, again: false };
            }
        }
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
