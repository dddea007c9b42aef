use std::borrow::Cow;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use breeze_core::error::{AcceptError, CloseReason, DeliveryFailure, SendError};
use breeze_core::id::{LinkId, MessageId, UserId};
use breeze_core::io::{Event as CoreEvent, Output, Target};
use breeze_core::time::Instant;
use breeze_core::{Client, Path};
use breeze_server::driver::{Consumed, Machine, Slots};
use smol::channel::Sender;

use super::event_queue::EventQueue;
use super::failure::Failure;
use super::roster::{Roster, path_kind};
use super::waiting::{Draft, Waiting};
use crate::known_servers::KnownServers;
use crate::ndjson::{Command, Event, MessageState, Reference, ServerState};
use crate::server_addr::canonical;
use crate::settings::Profile;

/// The capacities of a workstation: users known, links open at a time (a full mesh of that many),
/// and half a megabyte of messages on their way.
pub(super) type NodeClient = Client<512, 256, 8192>;

/// The client's state machine, and what is done about its events.
pub(super) struct ClientMachine {
    pub(super) client: Box<NodeClient>,
    pub(super) profile: Profile,
    pub(super) events: EventQueue,
    pub(super) failure: Option<Failure>,
    /// This end of the server connection.
    pub(super) local: Option<SocketAddr>,
    known_servers: KnownServers,
    /// Pipes to be opened.
    opens: Sender<(LinkId, Target)>,
    roster: Roster,
    waiting: Waiting,
    /// What scripts call the messages whose outcome is open.
    open: HashMap<MessageId, Option<Reference>>,
    /// The server is connected, as far as was told; none before anything was.
    told_connected: Option<bool>,
    told_ready: bool,
}

impl ClientMachine {
    pub(super) fn new(
        client: Box<NodeClient>,
        profile: Profile,
        known_servers: KnownServers,
        opens: Sender<(LinkId, Target)>,
    ) -> Self {
        Self {
            client,
            profile,
            events: EventQueue::default(),
            failure: None,
            local: None,
            known_servers,
            opens,
            roster: Roster::default(),
            waiting: Waiting::default(),
            open: HashMap::new(),
            told_connected: None,
            told_ready: false,
        }
    }

    /// Tells whether messages wait for their outcome.
    pub(super) fn is_settled(&self) -> bool {
        self.open.is_empty() && self.waiting.is_empty()
    }

    pub(super) fn command(&mut self, now: Instant, command: Command) {
        match command {
            Command::Send { to, text, reference } => {
                self.send(now, &to, Draft { text, reference });
            }
            Command::Who => self.events.push(Event::Who { users: self.roster.list() }),
            // Whoever reads the commands ends the node.
            Command::Quit => {}
        }
    }

    fn send(&mut self, now: Instant, to: &UserId, draft: Draft) {
        let outcome = match self.waiting.has(to) {
            true => Err(SendError::Full),
            false => self.client.send(now, to, &draft.text, unix_ms()),
        };
        match outcome {
            Ok(id) => self.on_queued(to, id, draft.reference),
            Err(SendError::Full) => {
                if let Err(draft) = self.waiting.push(to, draft) {
                    self.refuse(SendError::Full, draft.reference);
                }
            }
            Err(error) => self.refuse(error, draft.reference),
        }
    }

    fn on_queued(&mut self, to: &UserId, id: MessageId, reference: Option<Reference>) {
        self.open.insert(id, reference.clone());
        self.events.push(state(to.clone(), id, reference, MessageState::Queued));
    }

    /// Hands over messages that waited, now that the outbox may have room.
    fn send_waiting(&mut self, now: Instant) {
        for to in self.waiting.recipients() {
            while let Some(draft) = self.waiting.first(&to) {
                let outcome = self.client.send(now, &to, &draft.text, unix_ms());
                if outcome == Err(SendError::Full) {
                    break;
                }
                let reference = self.waiting.pop(&to).and_then(|draft| draft.reference);
                match outcome {
                    Ok(id) => self.on_queued(&to, id, reference),
                    Err(error) => self.refuse(error, reference),
                }
            }
        }
    }

    fn refuse(&mut self, error: SendError, reference: Option<Reference>) {
        let code = match error {
            SendError::Full => "full",
            SendError::OutOfOrder => "out_of_order",
            SendError::TooLarge => "too_large",
            SendError::ToSelf => "to_self",
            SendError::TableFull => "table_full",
            SendError::Closed => "closed",
        };
        self.events.push(error_event(code, error.to_string(), reference));
    }

    fn on_event(&mut self, now: Instant, event: CoreEvent) {
        match event {
            CoreEvent::Connected { server, observed } => {
                log::debug!("the server sees this client at {observed}");
                self.on_connected(&server);
            }
            CoreEvent::Disconnected { reason } => self.on_disconnected(reason),
            CoreEvent::LoginRefused { refusal } => {
                let (user, server) = (self.profile.user.clone(), self.profile.server.clone());
                let failure = Failure::Refused { refusal, user, server };
                if refusal.is_temporary() {
                    self.events.push(error_event(failure.code(), failure.to_string(), None));
                } else {
                    self.fail(failure);
                }
            }
            CoreEvent::ServerKeyChanged { pinned, found } => {
                let error = self.known_servers.changed(&self.profile.server, &pinned, &found);
                self.fail(Failure::ServerKeyChanged(error.to_string()));
            }
            CoreEvent::Presence { user, name, online } => {
                self.roster.on_presence(&user, name.as_str(), online);
                let name = Cow::Owned(name.as_str().to_owned());
                self.events.push(Event::Presence { user, name, online });
            }
            CoreEvent::Path { user, path, addr } => {
                if let (Path::Direct, Some(addr)) = (path, addr) {
                    log::info!("direct link with {user} is up, to {addr}");
                }
                self.roster.on_path(&user, path);
                self.events.push(Event::Path { user, path: path_kind(path), addr });
            }
            CoreEvent::LinkLost { user, addr, reason, was_up: true } => {
                log::info!("direct link with {user} at {addr} is removed: {reason}");
            }
            CoreEvent::LinkLost { user, addr, reason, was_up: false } => {
                log::info!("no direct link with {user} at {addr}: {reason}");
            }
            CoreEvent::Impostor { user, addr } => {
                let message = format!("somebody at {addr} poses as {user} without the right key");
                log::warn!("{message}; refused");
                self.events.push(error_event("impostor", message, None));
            }
            CoreEvent::Sent { to, id, path: Path::Direct } => {
                log::info!("message {id} to {to} sent direct");
            }
            CoreEvent::Sent { to, id, path: Path::Relay | Path::None } => {
                log::info!("message {id} to {to} sent by relay");
            }
            CoreEvent::Delivered { to, id, path } => {
                let reference = self.open.remove(&id).flatten();
                let mut event = state(to, id, reference, MessageState::Delivered);
                if let Event::State { path: shown, .. } = &mut event {
                    *shown = Some(path_kind(path));
                }
                self.events.push(event);
                self.send_waiting(now);
            }
            CoreEvent::Failed { to, id, reason } => {
                self.on_failed(to, id, reason);
                self.send_waiting(now);
            }
            CoreEvent::PeerTableFull => {
                log::warn!("too many users are online: not all of them can be shown");
            }
        }
    }

    fn on_connected(&mut self, server: &breeze_core::id::PublicKey) {
        let profile = &self.profile;
        log::info!("connected with server {}, key {}", profile.server, server.fingerprint());
        let pinned = match self.known_servers.pin(&profile.server) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => self.known_servers.set_pin(&profile.server, server),
            Err(error) => Err(error),
        };
        if let Err(error) = pinned {
            log::warn!("the server's key is not remembered: {error}");
        }
        if let (false, Some(local)) = (self.told_ready, self.local) {
            self.told_ready = true;
            self.events.push(Event::Ready {
                user: profile.user.clone(),
                server: Cow::Owned(profile.server.to_string()),
                local,
                fingerprint: Cow::Owned(self.client.public_key().fingerprint().to_string()),
                server_fingerprint: Cow::Owned(server.fingerprint().to_string()),
            });
        }
        self.told_connected = Some(true);
        self.events.push(Event::Server { state: ServerState::Connected, reason: None });
    }

    fn on_disconnected(&mut self, reason: CloseReason) {
        if self.told_connected != Some(false) {
            self.told_connected = Some(false);
            log::info!("no session with server {}: {reason}", self.profile.server);
            let reason = Some(Cow::Borrowed(reason.code()));
            self.events.push(Event::Server { state: ServerState::Lost, reason });
        }
        if reason == CloseReason::Replaced {
            self.fail(Failure::Replaced { user: self.profile.user.clone() });
        }
    }

    fn on_failed(&mut self, to: UserId, id: MessageId, reason: DeliveryFailure) {
        let reference = self.open.remove(&id).flatten();
        log::info!("message {id} to {to} failed: {reason}");
        if reason == DeliveryFailure::UnknownUser {
            let message = format!("no user '{to}' is registered at server {}", self.profile.server);
            self.events.push(error_event(reason.code(), message, reference.clone()));
        }
        let mut event = state(to, id, reference, MessageState::Failed);
        if let Event::State { reason: shown, .. } = &mut event {
            *shown = Some(Cow::Borrowed(reason.code()));
        }
        self.events.push(event);
    }

    /// Ends the node for a reason that no patience mends.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.events.push(error_event(failure.code(), failure.to_string(), None));
        self.events.end();
        self.failure.get_or_insert(failure);
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
            self.events.push(Event::Message {
                id: Cow::Owned(id.to_string()),
                from: from.clone(),
                name: Cow::Owned(message.name.to_owned()),
                text: Cow::Owned(message.text.to_owned()),
                sent_ms: message.sent_ms,
                path: path_kind(message.path),
            });
            // Nothing is kept on disk yet: what is handed on counts as received.
            self.client.acknowledge(now, &from, id);
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
                Output::Wait(deadline) => return deadline,
            }
        }
    }

    fn is_receptive(&self) -> bool {
        !self.events.is_crowded()
    }
}

fn state(
    to: UserId,
    id: MessageId,
    reference: Option<Reference>,
    state: MessageState,
) -> Event<'static> {
    let id = Cow::Owned(id.to_string());
    Event::State { id, reference, to, state, path: None, reason: None }
}

fn error_event(
    code: &'static str,
    message: String,
    reference: Option<Reference>,
) -> Event<'static> {
    Event::Error { code: Cow::Borrowed(code), message: Cow::Owned(message), reference }
}

/// The time of day to show to people; a clock before 1970 shows as 1970.
fn unix_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
