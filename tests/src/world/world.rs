use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use breeze_core::error::LoginRefusal;
use breeze_core::id::{DisplayName, Endpoint, MessageId, PublicKey, Ticket, UserId};
use breeze_core::io::ServerEvent;
use breeze_core::noise::Identity;
use breeze_core::time::Instant;
use breeze_core::{Config, Server, ServerConfig};

use super::file_host::FileNote;
use super::files::FileId;
use super::host::{Brain, Host, HostId};
use super::ledger::Ledger;
use super::member::Member;
use super::metered::Metered;
use super::net::Net;
use super::rng::Rng;
use super::shelf::Shelf;
use super::trace::Trace;
use super::wire::{Side, Wire, WireId};

/// Holds a server, its clients, the network between them, and the clock.
pub struct World {
    pub(super) now: Instant,
    pub(super) rng: Rng,
    /// What happens when; things of one instant in the order in which they were planned.
    pub(super) agenda: BTreeMap<(Instant, u64), Task>,
    pub(super) planned: u64,
    pub(super) hosts: Vec<Host>,
    pub(super) wires: Vec<Wire>,
    pub(super) net: Net,
    /// Who dialled what, and when.
    pub(super) dials: Vec<(HostId, SocketAddr, Instant)>,
    pub(super) ledger: Ledger,
    pub(super) trace: Trace,
    pub(super) steps: u64,
    /// Steps at the present instant.
    steps_now: u64,
    /// The server's memory: whose name is whose key's. It outlives the server.
    pub(super) accounts: BTreeMap<UserId, PublicKey>,
    pub(super) server_config: ServerConfig,
    pub(super) server_secret: [u8; 32],
    /// Codes with which users may enrol another key, as often as they like.
    pub(super) codes: BTreeMap<UserId, String>,
    /// What the server keeps. It outlives the server.
    pub(super) shelf: Shelf,
    /// Messages that the server keeps for a user, none if it keeps nothing at all.
    pub(super) shelf_quota: Option<usize>,
    /// How long the server's disk takes.
    pub(super) disk_time: Duration,
    /// The transfers of files, by their numbers.
    pub(super) files: BTreeMap<u64, FileId>,
    /// What hosts were told of them.
    pub(super) file_log: Vec<(Instant, HostId, u64, FileNote)>,
    /// What every nonce of each key has sealed that the server relayed of them.
    pub(super) nonces: BTreeMap<(u64, u64), Vec<u8>>,
    /// What is looked for at the server, and how often it was found.
    pub(super) needles: Vec<(Vec<u8>, usize)>,
    /// What the server answers to logins, if not what its accounts say.
    pub(super) refusal: Option<LoginRefusal>,
}

/// Something that is going to happen.
#[derive(Clone, Debug)]
pub(super) enum Task {
    /// A host's deadline comes.
    Wake(HostId),
    /// A dial arrives.
    Resolve(WireId),
    /// The answer to a dial arrives.
    Opened(WireId),
    /// The refusal of a dial arrives.
    Refused(WireId),
    /// Bytes, or the end, arrive at one end.
    Readable(WireId, Side),
    /// One end can write again.
    Writable(WireId, Side),
    /// A host's disk has kept a message.
    Kept(HostId, u32, UserId, MessageId),
    /// A host's disk has written a stream up to a place.
    Written(HostId, u32, UserId, u64, u64),
    /// The server's disk has done something, if it is still the same run.
    Served(u32, ServerEvent),
}

/// Far more steps in one instant than anything sane takes.
const MAX_STEPS_AT_ONCE: u64 = 2_000_000;

impl World {
    /// The server of every world.
    pub const SERVER: HostId = HostId(0);

    /// Makes a world with a server and nobody else.
    pub fn new(seed: u64) -> Self {
        Self::with_server(seed, ServerConfig::default())
    }

    /// Makes a world with a server of this configuration.
    pub fn with_server(seed: u64, server_config: ServerConfig) -> Self {
        let server_secret = [0xa5; 32];
        let mut world = Self {
            now: Instant::from_millis(1_000),
            rng: Rng::new(seed),
            agenda: BTreeMap::new(),
            planned: 0,
            hosts: vec![Host::new(Brain::Off, None)],
            wires: Vec::new(),
            net: Net::new(),
            dials: Vec::new(),
            ledger: Ledger::default(),
            trace: Trace::new(),
            steps: 0,
            steps_now: 0,
            accounts: BTreeMap::new(),
            server_config,
            server_secret,
            codes: BTreeMap::new(),
            shelf: Shelf::default(),
            shelf_quota: None,
            disk_time: Duration::ZERO,
            files: BTreeMap::new(),
            file_log: Vec::new(),
            nonces: BTreeMap::new(),
            needles: Vec::new(),
            refusal: None,
        };
        world.start(Self::SERVER);
        world
    }

    /// Adds a client, which logs in at once.
    pub fn join(&mut self, member: Member) -> HostId {
        let id = HostId(self.hosts.len());
        self.hosts.push(Host::new(Brain::Off, Some(member)));
        self.start(id);
        id
    }

    /// Starts what a host runs, anew.
    pub(super) fn start(&mut self, id: HostId) {
        let now = self.clock(id);
        let brain = match self.hosts[id.0].member.clone() {
            None => {
                let identity = Identity::from_secret(self.server_secret);
                let server = Server::new(self.server_config.clone(), identity);
                Brain::Server(Box::new(Metered::new(server)))
            }
            Some(member) => {
                let config = self.config(id, &member);
                let identity = Identity::from_secret(member.secret());
                let mut client = member.size.make(config, identity, self.rng.bytes(), now);
                for user in &member.watches {
                    let user = UserId::new(user).expect("a user id");
                    client.watch(now, &user).expect("room");
                }
                Brain::Client(client)
            }
        };
        let host = &mut self.hosts[id.0];
        host.brain = brain;
        host.is_dark = false;
        host.reads = true;
        self.take_up(id);
        self.start_files(id);
        self.settle(id);
    }

    fn config(&mut self, id: HostId, member: &Member) -> Config {
        let user = UserId::new(&member.user).expect("a user id");
        let name = DisplayName::new(&member.name).expect("a display name");
        let mut config = Config::new(user, name, self.rng.bits());
        config.server_key = member.pinned;
        config.mesh = member.mesh;
        config.interest = member.interest;
        config.absence = member.absence;
        config.keepalive = member.keepalive;
        config.limits = member.limits;
        config.ticket = Ticket::new(member.ticket.as_bytes()).expect("a short ticket");
        config.remembers_keys = member.contacts.is_some();
        config.endpoints = self.endpoints(id, member).collect();
        config
    }

    /// Where a client says that it can be dialled.
    pub(super) fn endpoints(
        &self,
        id: HostId,
        member: &Member,
    ) -> impl Iterator<Item = Endpoint> + use<> {
        let (own, listens) = (Endpoint::new(self.address(id)), member.listens);
        member.decoys.clone().into_iter().chain([own]).filter(move |_| listens)
    }

    /// Returns the time.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Returns what all that happened so far comes to: two runs are the same if this is.
    pub const fn trace_hash(&self) -> u64 {
        self.trace.hash()
    }

    /// Records what happens from now on, line by line.
    pub fn record(&mut self) {
        self.trace.record();
    }

    /// Takes out the lines that were recorded.
    pub fn take_record(&mut self) -> Vec<String> {
        self.trace.take()
    }

    /// Adds a line of a scenario's own.
    pub fn note(&mut self, line: std::fmt::Arguments<'_>) {
        self.trace.note(self.now, line);
    }

    /// Returns how many things have happened.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Lets time pass.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.step(end) {}
        self.now = end;
    }

    /// Lets time pass until something is the case, and tells whether it is, at the latest after
    /// `limit`.
    pub fn run_until(&mut self, limit: Duration, mut is: impl FnMut(&Self) -> bool) -> bool {
        let end = self.now + limit;
        loop {
            if is(self) {
                return true;
            }
            let before = self.now;
            loop {
                if !self.step(end) {
                    self.now = end;
                    return is(self);
                }
                if self.now != before {
                    break;
                }
            }
        }
    }

    /// Plans something.
    pub(super) fn plan(&mut self, at: Instant, task: Task) {
        self.planned += 1;
        self.agenda.insert((at.max(self.now), self.planned), task);
    }

    /// Does the next thing, if that is due by `end`.
    fn step(&mut self, end: Instant) -> bool {
        let Some(entry) = self.agenda.first_entry() else { return false };
        let (at, _) = *entry.key();
        if at > end {
            return false;
        }
        let task = entry.remove();
        if at > self.now {
            self.now = at;
            self.steps_now = 0;
        }
        self.steps += 1;
        self.steps_now += 1;
        assert!(self.steps_now < MAX_STEPS_AT_ONCE, "time stands still at {at:?}");
        match task {
            Task::Wake(host) => self.wake(host, at),
            Task::Resolve(wire) => self.resolve(wire),
            Task::Opened(wire) => self.opened(wire),
            Task::Refused(wire) => self.refused(wire),
            Task::Readable(wire, side) => self.readable(wire, side),
            Task::Writable(wire, side) => self.writable(wire, side),
            Task::Kept(host, life, from, id) => self.kept(host, life, &from, id),
            Task::Written(host, life, from, number, upto) => {
                self.written(host, life, &from, number, upto);
            }
            Task::Served(life, event) => self.served(life, event),
        }
        true
    }
}
