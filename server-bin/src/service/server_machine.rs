use std::collections::BTreeSet;
use std::net::SocketAddr;

use breeze_core::error::{AcceptError, LoginRefusal, RelayRefusal};
use breeze_core::id::{LinkId, UserId};
use breeze_core::io::{ServerEvent, ServerOutput};
use breeze_core::time::Instant;
use breeze_core::{Answer, Server};
use smol::channel::{Sender, TrySendError};

use super::lookup::Lookup;
use crate::driver::{Consumed, Machine, Slots};

/// The server's state machine, and what is done about its events.
pub(super) struct ServerMachine {
    pub(super) server: Server,
    /// Questions to the accounts.
    lookups: Sender<Lookup>,
    /// Who has a session.
    online: BTreeSet<UserId>,
}

impl ServerMachine {
    pub(super) fn new(server: Server, lookups: Sender<Lookup>) -> Self {
        Self { server, lookups, online: BTreeSet::new() }
    }

    /// Tells whether a user has a session.
    pub(super) fn is_online(&self, user: &UserId) -> bool {
        self.online.contains(user)
    }

    fn on_event(&mut self, now: Instant, event: ServerEvent) {
        match event {
            ServerEvent::Login { link, user, key, ticket: _ } => {
                if self.ask(Lookup::Claim { link, user, key }).is_err() {
                    self.server.refuse(now, link, LoginRefusal::Unavailable);
                }
            }
            ServerEvent::Keep(keep) => {
                self.server.kept(keep, Answer::Refused(RelayRefusal::Offline));
            }
            ServerEvent::Acked { .. }
            | ServerEvent::Read { .. }
            | ServerEvent::Ask { .. }
            | ServerEvent::Page { .. }
            | ServerEvent::Key { .. } => {}
            ServerEvent::Online { user } => {
                log::info!("{user} is online ({} sessions)", self.server.sessions());
                self.online.insert(user);
            }
            ServerEvent::Offline { user, reason } => {
                log::info!("{user} is offline: {reason} ({} sessions)", self.server.sessions());
                // A session that another one has replaced ends before that one begins.
                self.online.remove(&user);
            }
            ServerEvent::Dropped { reason } => log::debug!("a link without a session: {reason}"),
        }
    }

    fn ask(&mut self, lookup: Lookup) -> Result<(), TrySendError<Lookup>> {
        self.lookups.try_send(lookup)
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
