use breeze_core::Server;
use breeze_core::error::{DeliveryFailure, SendError};
use breeze_core::id::{Epoch, MessageId, UserId};
use breeze_core::limits::{MAX_TEXT, STRANGERS};
use breeze_core::time::Instant;
use breeze_core::{Mesh, Path};

use super::host::{Brain, HostId};
use super::machine::ClientMachine;
use super::metered::{Chore, Meter};
use super::view::View;
use super::world::World;

/// What applications do, and what a scenario asks.
impl World {
    /// Has a client send a text to another one's user.
    ///
    /// # Errors
    /// Those of the core; [`SendError::Closed`] if the client is not running.
    pub fn send(&mut self, from: HostId, to: HostId, text: &str) -> Result<MessageId, SendError> {
        let user = self.user(to).to_owned();
        self.send_to(from, &user, text)
    }

    /// Has a client send a text to a user, present or not.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_to(&mut self, from: HostId, to: &str, text: &str) -> Result<MessageId, SendError> {
        let (now, host) = (self.clock(from), &mut self.hosts[from.0]);
        let user = UserId::new(to).expect("a user id");
        let sent_ms = 1_790_000_000_000 + now.as_millis();
        let Brain::Client(client) = &mut host.brain else { return Err(SendError::Closed) };
        if host.member.as_ref().is_some_and(|member| member.has_disk) {
            // What the core would never take is not kept.
            if to == host.user() {
                return Err(SendError::ToSelf);
            }
            if text.len() > MAX_TEXT {
                return Err(SendError::TooLarge);
            }
            let epoch = Epoch::from_bits(self.rng.bits());
            let host = &mut self.hosts[from.0];
            let id = host.disk.accept(&user, text, epoch);
            self.ledger.on_sent(id, host.user(), to, text);
            host.waiting.entry(user).or_default().push_back((id, text.into()));
            self.hand_over(from);
            self.settle(from);
            return Ok(id);
        }
        if host.waiting.contains_key(&user) {
            // What was asked for again comes first.
            return Err(SendError::Full);
        }
        let sent = client.send(now, &user, text, sent_ms);
        if let Ok(id) = sent {
            self.ledger.on_sent(id, host.user(), to, text);
        }
        self.settle(from);
        sent
    }

    /// Tells a client that the addresses of its host have changed.
    pub fn tell_moved(&mut self, host: HostId) {
        let now = self.clock(host);
        if let Brain::Client(client) = &mut self.hosts[host.0].brain {
            client.moved(now);
        }
        self.settle(host);
    }

    /// Has a client close in good order.
    pub fn close(&mut self, host: HostId) {
        let now = self.clock(host);
        if let Brain::Client(client) = &mut self.hosts[host.0].brain {
            client.close(now);
        }
        self.settle(host);
    }

    /// Has the server stop in good order.
    pub fn stop_server(&mut self) {
        let now = self.clock(Self::SERVER);
        if let Brain::Server(server) = &mut self.hosts[Self::SERVER.0].brain {
            server.work(Chore::Other).stop(now);
        }
        self.settle(Self::SERVER);
    }

    /// The user of a client.
    pub fn user(&self, host: HostId) -> &str {
        self.hosts[host.0].user()
    }

    /// What a host was told.
    pub fn view(&self, host: HostId) -> &View {
        &self.hosts[host.0].view
    }

    /// The client that a host runs, if it is running.
    pub fn client(&self, host: HostId) -> Option<&dyn ClientMachine> {
        match &self.hosts[host.0].brain {
            Brain::Client(client) => Some(client.as_ref()),
            Brain::Off | Brain::Server(_) | Brain::Puppet(_) => None,
        }
    }

    /// The server, if it is running.
    pub fn server(&self) -> Option<&Server> {
        match &self.hosts[Self::SERVER.0].brain {
            Brain::Server(server) => Some(server),
            Brain::Off | Brain::Client(_) | Brain::Puppet(_) => None,
        }
    }

    /// The path that a client shows for another one's user.
    pub fn path(&self, from: HostId, to: HostId) -> Path {
        self.view(from).peer(self.user(to)).path
    }

    /// Tells whether two clients both show a direct path to each other.
    pub fn is_direct(&self, a: HostId, b: HostId) -> bool {
        self.path(a, b) == Path::Direct && self.path(b, a) == Path::Direct
    }

    /// Tells whether two clients both show each other as reached by relay.
    pub fn is_relayed(&self, a: HostId, b: HostId) -> bool {
        self.path(a, b) == Path::Relay && self.path(b, a) == Path::Relay
    }

    /// Tells whether the server has a session of a client's user, as far as it has said.
    pub fn has_session(&self, host: HostId) -> bool {
        let user = self.user(host);
        let server = &self.hosts[Self::SERVER.0];
        !server.is_off() && server.online.iter().any(|online| online.as_str() == user)
    }

    /// Tells whether bytes arrive between two hosts, and both read.
    pub fn is_clear(&self, a: HostId, b: HostId) -> bool {
        let mut held = [a, b].into_iter().flat_map(|host| self.hosts[host.0].sockets.values());
        let is_lost = held.any(|socket| {
            let wire = &self.wires[socket.wire];
            wire.is_lost && wire.joins(a, b)
        });
        !is_lost && !self.net.is_silent(a, b) && self.hosts[a.0].reads && self.hosts[b.0].reads
    }

    /// Tells whether a client shows another one's user as online.
    pub fn sees(&self, from: HostId, to: HostId) -> bool {
        self.view(from).peer(self.user(to)).online
    }

    /// How many connections between two hosts are open at both ends.
    pub fn wires_between(&self, a: HostId, b: HostId) -> usize {
        self.wires.iter().filter(|wire| wire.is_whole() && wire.joins(a, b)).count()
    }

    /// How many connections a host has open.
    pub fn sockets(&self, host: HostId) -> usize {
        self.hosts[host.0].sockets.len()
    }

    /// Tells whether every pair of these clients has exactly one connection, and shows it.
    pub fn is_mesh(&self, hosts: &[HostId]) -> bool {
        let is_pair = |a, b| self.is_direct(a, b) && self.wires_between(a, b) == 1;
        let own = |host| self.sockets(host) == hosts.len();
        hosts.iter().enumerate().all(|(n, &a)| hosts[n + 1..].iter().all(|&b| is_pair(a, b)))
            && hosts.iter().all(|&host| own(host))
    }

    /// When a client dialled another one's address.
    pub fn dials(&self, from: HostId, to: HostId) -> Vec<Instant> {
        let addr = self.address(to);
        self.dials.iter().filter(|dial| dial.0 == from && dial.1 == addr).map(|d| d.2).collect()
    }

    /// The texts that a client received, in order.
    pub fn texts(&self, host: HostId) -> Vec<&str> {
        self.view(host).messages().map(|(_, _, text, _)| text).collect()
    }

    /// What the sender of a message was told of it.
    pub fn outcome(&self, id: MessageId) -> Option<Result<(), DeliveryFailure>> {
        self.ledger.outcome(id)
    }

    /// How many messages have failed.
    pub fn failed_messages(&self) -> usize {
        self.ledger.failed()
    }

    /// Tells whether these clients all see each other, and each two have one connection and show it,
    /// or none if one of them takes none.
    pub fn is_whole(&self, hosts: &[HostId]) -> bool {
        self.pairs(hosts).all(|(a, b)| self.is_well_linked(a, b))
    }

    /// Says which of these clients do not see each other, or not by one connection.
    pub fn describe(&self, hosts: &[HostId]) -> String {
        let bad = self.pairs(hosts).filter(|(a, b)| !self.is_well_linked(*a, *b));
        let tell = |(a, b)| {
            let wires = self.wires_between(a, b);
            let [there, back] =
                [(a, b), (b, a)].map(|(one, other)| (self.sees(one, other), self.path(one, other)));
            let (a, b) = (self.user(a), self.user(b));
            format!("{a} and {b}: {wires} connections, {there:?}, {back:?}")
        };
        bad.map(tell).collect::<Vec<_>>().join("; ")
    }

    fn is_well_linked(&self, a: HostId, b: HostId) -> bool {
        let mesh = |host: HostId| self.hosts[host.0].member.as_ref().map(|member| member.mesh);
        let wires = self.wires_between(a, b);
        let is_direct = self.is_direct(a, b) && wires == 1;
        let is_relayed = self.is_relayed(a, b) && wires == 0;
        let is_right = match [mesh(a), mesh(b)] {
            [Some(Mesh::Eager), Some(Mesh::Eager)] => is_direct,
            [Some(Mesh::Off), _] | [_, Some(Mesh::Off)] => is_relayed,
            _ => is_direct || is_relayed,
        };
        is_right && self.sees(a, b) && self.sees(b, a)
    }

    fn pairs<'h>(&self, hosts: &'h [HostId]) -> impl Iterator<Item = (HostId, HostId)> + 'h {
        let rest = |n: usize| hosts[n + 1..].iter();
        hosts.iter().enumerate().flat_map(move |(n, &a)| rest(n).map(move |&b| (a, b)))
    }

    /// Begins to count what the server's work costs, from nothing.
    pub fn begin_metering(&mut self) {
        if let Brain::Server(server) = &mut self.hosts[Self::SERVER.0].brain {
            server.begin();
        }
    }

    /// Ends counting, and tells what was counted.
    pub fn end_metering(&mut self) -> Meter {
        match &mut self.hosts[Self::SERVER.0].brain {
            Brain::Server(server) => server.end(),
            Brain::Off | Brain::Client(_) | Brain::Puppet(_) => Meter::default(),
        }
    }

    /// Fails if a host has more links than its bounds allow; looked at whenever it comes to rest.
    pub(super) fn assert_within_bounds(&self, id: HostId) {
        if let Brain::Server(server) = &self.hosts[id.0].brain {
            let most = self.server_config.max_sessions;
            assert!(server.links() <= most + STRANGERS && server.sessions() <= most);
        }
    }

    /// How many messages have no outcome yet.
    pub fn open_messages(&self) -> usize {
        self.ledger.open()
    }

    /// Fails unless the sender of every message knows its outcome, and each has arrived but those
    /// that are called failed.
    pub fn assert_all_settled(&self) {
        self.ledger.assert_settled();
    }

    /// Fails unless every message that was ever accepted has arrived and its sender knows.
    pub fn assert_all_delivered(&self) {
        let missing = self.ledger.undelivered();
        assert!(missing.is_empty(), "{} messages are missing: {missing:.3?}", missing.len());
        assert_eq!(self.ledger.open(), 0, "messages without an outcome");
    }
}
