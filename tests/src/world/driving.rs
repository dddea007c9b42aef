use breeze_core::id::{LinkId, MessageId, UserId};
use breeze_core::io::{Event, Output, Received, ServerEvent, ServerOutput, Target};
use breeze_core::time::Instant;
use breeze_core::wire::Hello;

use super::host::{Brain, HostId};
use super::member::{AckMode, Member};
use super::metered::Chore;
use super::socket::Socket;
use super::view::Note;
use super::wire::{Side, WireId};
use super::world::{Task, World};

/// Bytes that a link's receive buffer may need.
const MAX_INBOX: usize = Hello::HOST.receive_buffer();
/// Deadlines in the past that a host may be given in a row.
const MAX_HURRY: u32 = 2;

/// What a core asks of its host, the client's and the server's alike.
enum Step {
    Open(LinkId, Target),
    Transmit(LinkId),
    Close(LinkId),
    Event(Event),
    ServerEvent(ServerEvent),
    Wait(Instant),
}

/// The run loop of every host.
impl World {
    /// Does what a host's core asks for, until it asks for nothing but to wait.
    pub(super) fn settle(&mut self, id: HostId) {
        let mut hurry = 0;
        loop {
            let Some(wait) = self.drain(id) else { return };
            if self.pump(id) {
                continue;
            }
            let now = self.clock(id);
            if wait > now {
                self.assert_within_bounds(id);
                self.plan_wake(id, wait);
                return;
            }
            hurry += 1;
            assert!(hurry <= MAX_HURRY, "{id:?} spins at {:?}", self.now);
            match &mut self.hosts[id.0].brain {
                Brain::Server(server) => server.work(Chore::Timer).timeout(now),
                Brain::Client(client) => {
                    client.timeout(now);
                    self.hosts[id.0].files.table().timeout(now);
                }
                Brain::Off | Brain::Puppet(_) => return,
            }
        }
    }

    /// The time as a host's clock shows it.
    pub(super) fn clock(&self, id: HostId) -> Instant {
        self.now + self.hosts[id.0].ahead
    }

    /// Plans to wake a host when its clock shows a time.
    fn plan_wake(&mut self, id: HostId, at: Instant) {
        let ahead = self.hosts[id.0].ahead.as_millis() as u64;
        let at = match at.is_set() {
            true => Instant::from_millis(at.as_millis().saturating_sub(ahead)),
            false => at,
        };
        let host = &mut self.hosts[id.0];
        if host.wake != at {
            host.wake = at;
            if at.is_set() {
                self.plan(at, Task::Wake(id));
            }
        }
    }

    pub(super) fn wake(&mut self, id: HostId, at: Instant) {
        let now = self.clock(id);
        let host = &mut self.hosts[id.0];
        if host.wake != at {
            // Another deadline took the place of this one.
            return;
        }
        host.wake = Instant::NEVER;
        match &mut host.brain {
            Brain::Server(server) => server.work(Chore::Timer).timeout(now),
            Brain::Client(client) => {
                client.timeout(now);
                host.files.table().timeout(now);
            }
            Brain::Off | Brain::Puppet(_) => return,
        }
        self.settle(id);
    }

    /// Takes the outputs of a host's core; returns the deadline that ends them.
    fn drain(&mut self, id: HostId) -> Option<Instant> {
        loop {
            let (now, time) = (self.clock(id), self.now);
            let step = match &mut self.hosts[id.0].brain {
                Brain::Server(server) => match server.work(Chore::Other).poll() {
                    ServerOutput::Transmit(link) => Step::Transmit(link),
                    ServerOutput::Close(link) => Step::Close(link),
                    ServerOutput::Event(event) => Step::ServerEvent(event),
                    ServerOutput::Wait(at) => Step::Wait(at),
                },
                Brain::Client(client) => match client.poll(now) {
                    Output::Open { link, target } => Step::Open(link, target),
                    Output::Transmit(link) => Step::Transmit(link),
                    Output::Close(link) => Step::Close(link),
                    Output::Event(event) => Step::Event(event),
                    Output::Wait(at) => Step::Wait(at),
                },
                Brain::Off | Brain::Puppet(_) => return None,
            };
            match step {
                Step::Open(link, target) => {
                    self.trace.note(time, format_args!("{id:?} opens {link:?} to {target:?}"));
                    let addr = match target {
                        Target::Server => self.address(Self::SERVER),
                        Target::Peer { addr, .. } => addr,
                    };
                    self.dial(id, link, addr);
                }
                Step::Transmit(link) => {
                    if let Some(socket) = self.hosts[id.0].sockets.get_mut(&link) {
                        socket.wants = true;
                        self.hosts[id.0].busy.insert(link);
                    }
                }
                Step::Close(link) => {
                    self.trace.note(time, format_args!("{id:?} closes {link:?}"));
                    self.hang_up(id, link);
                }
                Step::Event(event) => self.on_event(id, &event),
                Step::ServerEvent(event) => self.on_server_event(id, event),
                Step::Wait(at) => {
                    if matches!(self.hosts[id.0].brain, Brain::Server(_)) {
                        return Some(at);
                    }
                    if let Some(until) = self.poll_files(id) {
                        return Some(at.min(until));
                    }
                }
            }
        }
    }

    fn on_event(&mut self, id: HostId, event: &Event) {
        let now = self.now;
        self.trace.note(now, format_args!("{} {event:?}", self.hosts[id.0].user()));
        match event {
            Event::Delivered { to, id: message, .. } => self.on_outcome(id, to, *message, Ok(())),
            Event::Failed { to, id: message, reason } => {
                self.on_outcome(id, to, *message, Err(*reason));
            }
            Event::Stored { to, id: message } => {
                self.ledger.on_stored(*message, &self.shelf);
                self.hosts[id.0].disk.on_stored(to, *message);
            }
            Event::Recall { to, id: first } => self.resend(id, to, *first),
            Event::Read { id, .. } => self.ledger.on_read(*id),
            Event::Met { user } => self.pin(id, user),
            Event::Path { user, .. } => {
                let clock = self.clock(id);
                self.hosts[id.0].files.table().on_path(clock, user);
            }
            Event::KeyFound { user, key } => self.remember(id, user, *key),
            Event::KeyChanged { user, found, blocked, .. } => {
                if !blocked {
                    self.remember(id, user, *found);
                }
            }
            Event::Connected { .. }
            | Event::Disconnected { .. }
            | Event::LoginRefused { .. }
            | Event::ServerKeyChanged { .. }
            | Event::Presence { .. }
            | Event::Forgotten { .. }
            | Event::LinkLost { .. }
            | Event::Impostor { .. }
            | Event::Sent { .. }
            | Event::PeerTableFull => {}
        }
        self.hosts[id.0].view.note(now, event);
        self.hand_over(id);
    }

    /// Lets a host's core take in what its receive buffer for a link holds.
    pub(super) fn take_in(&mut self, id: HostId, link: LinkId) {
        loop {
            let now = self.clock(id);
            let host = &mut self.hosts[id.0];
            let Some(socket) = host.sockets.get_mut(&link) else { return };
            let mut inbox = std::mem::take(&mut socket.inbox);
            let received = match &mut host.brain {
                Brain::Server(server) => server.work(Chore::Other).received(now, link, &mut inbox),
                Brain::Client(client) => client.received(now, link, &mut inbox),
                Brain::Puppet(ear) => {
                    ear.hear(&inbox);
                    Received { consumed: inbox.len(), ..Received::default() }
                }
                Brain::Off => return,
            };
            let Received { consumed, need, message, file } = received;
            let is_message = message.is_some() || file.is_some();
            if let Some(file) = file {
                self.on_file(id, &file);
            }
            if let Some(message) = message {
                let (from, message_id, path) = (message.from, message.id, message.path);
                let (text, claimed) = (message.text.to_owned(), message.claimed);
                if claimed.is_none_or(|key| self.allows(id, &from, key)) {
                    self.on_message(id, from, message_id, text, path);
                }
            }
            assert!(consumed <= inbox.len(), "more is consumed than there was");
            if id == Self::SERVER {
                // What comes after may be half opened.
                self.look_at_relay(&inbox[..consumed]);
            }
            inbox.drain(..consumed);
            let Some(socket) = self.hosts[id.0].sockets.get_mut(&link) else { return };
            socket.limit = socket.limit.max(need);
            assert!(socket.limit <= MAX_INBOX, "{id:?}, {link:?}: {need} bytes");
            socket.inbox = inbox;
            self.settle(id);
            if consumed == 0 && !is_message {
                return;
            }
        }
    }

    fn on_message(
        &mut self,
        id: HostId,
        from: UserId,
        message: MessageId,
        text: String,
        path: breeze_core::Path,
    ) {
        let now = self.now;
        let host = &mut self.hosts[id.0];
        let user = host.user().to_owned();
        let (has_disk, ack) = match &host.member {
            Some(Member { has_disk, ack, .. }) => (*has_disk, Some(*ack)),
            None => (false, None),
        };
        // A host that keeps what it shows, shows nothing twice.
        let keeps = has_disk || matches!(ack, Some(AckMode::After(_)));
        let is_new = !keeps || host.disk.book(message);
        if is_new {
            self.trace.note(now, format_args!("{user} gets {message} from {from} {path:?}"));
            self.ledger.on_received(id, host.life, &user, from.as_str(), message, &text);
            let note = Note::Message { from: from.clone(), id: message, text, path };
            host.view.log.push((now, note));
        }
        let life = host.life;
        let clock = now + host.ahead;
        match ack {
            Some(AckMode::AtOnce) => {
                host.disk.keep(message);
                self.ledger.on_kept(message);
                if let Brain::Client(client) = &mut self.hosts[id.0].brain {
                    client.acknowledge(clock, &from, message);
                }
            }
            Some(AckMode::After(time)) => {
                self.plan(now + time, Task::Kept(id, life, from, message));
            }
            Some(AckMode::Never) | None => {}
        }
    }

    pub(super) fn kept(&mut self, id: HostId, life: u32, from: &UserId, message: MessageId) {
        let now = self.clock(id);
        if self.hosts[id.0].life != life {
            return;
        }
        let host = &mut self.hosts[id.0];
        if let Brain::Client(client) = &mut host.brain {
            host.disk.keep(message);
            self.ledger.on_kept(message);
            client.acknowledge(now, from, message);
            self.settle(id);
        }
    }

    /// Tells a host's core that a pipe is open, if it still wants it.
    pub(super) fn introduce(&mut self, id: HostId, link: LinkId) {
        let (now, ephemeral) = (self.clock(id), self.rng.bytes());
        let member = self.hosts[id.0].member.as_ref();
        let endpoints = member.into_iter().flat_map(|member| self.endpoints(id, member));
        let addrs = endpoints.map(|endpoint| endpoint.addr()).collect();
        if let Brain::Client(client) = &mut self.hosts[id.0].brain {
            client.listen_on(addrs);
            client.opened(now, link, ephemeral);
        }
        self.settle(id);
    }

    /// Tells a host's core that a pipe is gone.
    pub(super) fn bereave(&mut self, id: HostId, link: LinkId) {
        let now = self.clock(id);
        self.hosts[id.0].sockets.remove(&link);
        match &mut self.hosts[id.0].brain {
            Brain::Server(server) => server.work(Chore::Other).closed(now, link),
            Brain::Client(client) => client.closed(now, link),
            Brain::Puppet(ear) => ear.is_closed = true,
            Brain::Off => {}
        }
        self.settle(id);
    }

    /// Lets a host accept a dial; `None` if it does not want to.
    pub(super) fn welcome(&mut self, id: HostId, from: HostId, wire: WireId) -> Option<LinkId> {
        let (now, ephemeral) = (self.clock(id), self.rng.bytes());
        let addr = self.address(from);
        let link = match &mut self.hosts[id.0].brain {
            Brain::Server(server) => {
                server.work(Chore::Other).accepted(now, addr, ephemeral).ok()?
            }
            Brain::Client(client) => client.accepted(now, addr, ephemeral).ok()?,
            Brain::Puppet(_) => LinkId::from_bits(wire as u64),
            Brain::Off => return None,
        };
        self.hosts[id.0].sockets.insert(link, Socket::new(wire, Side::Listener));
        Some(link)
    }
}
