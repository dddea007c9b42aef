use std::net::SocketAddr;
use std::time::Duration;

use breeze_core::error::LoginRefusal;

use super::address::{address_of, host_at};
use super::host::{Brain, HostId};
use super::net::Barrier;
use super::pipe::Fragments;
use super::wire::{Side, WireState};
use super::world::{Task, World};

/// What can go wrong, on demand.
impl World {
    /// Lets bytes travel for `latency`, some of them up to `jitter` longer.
    pub fn set_latency(&mut self, latency: Duration, jitter: Duration) {
        (self.net.latency, self.net.jitter) = (latency, jitter);
    }

    /// Lets connections made from now on hold so many bytes each way.
    pub fn set_capacity(&mut self, capacity: usize) {
        self.net.capacity = capacity;
    }

    /// Hands bytes over in other pieces.
    pub fn set_fragments(&mut self, fragments: Fragments) {
        self.net.fragments = fragments;
    }

    /// Breaks every connection between two hosts; both ends hear of it.
    pub fn cut(&mut self, a: HostId, b: HostId) {
        let now = self.now;
        for id in 0..self.wires.len() {
            if self.wires[id].state == WireState::Open && self.wires[id].joins(a, b) {
                for side in Side::BOTH {
                    self.wires[id].inward(side).reset(now);
                    self.plan(now, Task::Readable(id, side));
                }
            }
        }
    }

    /// Lets nothing arrive between two hosts, until [`heal`](Self::heal).
    pub fn silence(&mut self, a: HostId, b: HostId) {
        self.net.silent.insert((a.min(b), a.max(b)));
    }

    /// Lets nothing arrive from or at a host, until [`heal`](Self::heal).
    pub fn isolate(&mut self, host: HostId) {
        self.net.isolated.insert(host);
    }

    /// Ends every silence; what was sent meanwhile arrives now.
    pub fn heal(&mut self) {
        self.net.silent.clear();
        self.net.isolated.clear();
        let at = self.arrival();
        for id in 0..self.wires.len() {
            if self.wires[id].state != WireState::Open {
                continue;
            }
            for side in Side::BOTH {
                let pipe = self.wires[id].inward(side);
                if pipe.is_busy() {
                    pipe.delay(at);
                    self.plan(at, Task::Readable(id, side));
                }
            }
        }
    }

    /// Puts a firewall in front of a host, or takes it away.
    pub fn set_wall(&mut self, host: HostId, barrier: Option<Barrier>) {
        match barrier {
            Some(barrier) => self.net.walls.insert(host, barrier),
            None => self.net.walls.remove(&host),
        };
    }

    /// Lets another host answer at a host's address.
    pub fn hijack(&mut self, victim: HostId, by: HostId) {
        let address = self.address(victim);
        self.net.hijacked.insert(address, by);
    }

    /// Lets a host read from its connections, or not.
    pub fn set_reading(&mut self, host: HostId, reads: bool) {
        self.hosts[host.0].reads = reads;
        let sockets = self.hosts[host.0].sockets.values();
        let ends: Vec<_> = sockets.map(|socket| (socket.wire, socket.side)).collect();
        for (wire, side) in ends {
            self.plan(self.now, Task::Readable(wire, side));
        }
    }

    /// Ends what a host runs, at once; its operating system resets its connections.
    pub fn kill(&mut self, host: HostId) {
        self.stop(host);
        self.reset_all(host);
    }

    /// Cuts a host's power: nobody hears of it.
    pub fn cut_power(&mut self, host: HostId) {
        self.stop(host);
        self.hosts[host.0].is_dark = true;
    }

    /// Starts a host anew, with the same key and its disk, if it has one.
    pub fn restart(&mut self, host: HostId) {
        self.stop(host);
        self.reset_all(host);
        self.hosts[host.0].life += 1;
        self.hosts[host.0].view = super::view::View::default();
        self.start(host);
    }

    /// Lets a client log in as another user, from its next start on.
    pub fn become_user(&mut self, host: HostId, user: &str) {
        if let Some(member) = &mut self.hosts[host.0].member {
            member.user = user.into();
        }
    }

    /// Lets a host's clock jump ahead.
    pub fn jump_clock(&mut self, host: HostId, by: Duration) {
        self.hosts[host.0].ahead += by;
        self.settle(host);
    }

    /// Gives a client another display name, from its next start on.
    pub fn rename(&mut self, host: HostId, name: &str) {
        if let Some(member) = &mut self.hosts[host.0].member {
            member.name = name.into();
        }
    }

    /// Gives the server another key, from its next start on.
    pub fn set_server_secret(&mut self, secret: [u8; 32]) {
        self.server_secret = secret;
    }

    /// Lets the server refuse every login from now on, or not.
    pub fn set_refusal(&mut self, refusal: Option<LoginRefusal>) {
        self.refusal = refusal;
    }

    /// The address that a host has now.
    pub fn address(&self, host: HostId) -> SocketAddr {
        address_of(host, self.hosts[host.0].moves)
    }

    /// The host that has an address now.
    pub(super) fn host_at(&self, addr: SocketAddr) -> Option<HostId> {
        let (id, moves) = host_at(addr)?;
        self.hosts.get(id.0).filter(|host| host.moves == moves).map(|_| id)
    }

    /// Gives a host another address. Its connections are dead, and nobody hears of it.
    pub fn relocate(&mut self, host: HostId) {
        self.hosts[host.0].moves = self.hosts[host.0].moves.wrapping_add(1);
        for wire in self.wires.iter_mut().filter(|wire| wire.touches(host)) {
            wire.is_lost |= wire.state != WireState::Over;
        }
    }

    fn stop(&mut self, id: HostId) {
        let host = &mut self.hosts[id.0];
        host.brain = Brain::Off;
        host.sockets.clear();
        host.busy.clear();
        host.waiting.clear();
        host.online.clear();
        host.disk.lose_power();
        host.files.stop(&mut self.rng);
        host.wake = breeze_core::time::Instant::NEVER;
    }

    fn reset_all(&mut self, host: HostId) {
        let at = self.arrival();
        for id in 0..self.wires.len() {
            let wire = &mut self.wires[id];
            if wire.state == WireState::Over || !wire.touches(host) {
                continue;
            }
            for side in Side::BOTH {
                if wire.end(side).host == host {
                    wire.ends[side.index()].link = None;
                    wire.outward(side).reset(at);
                    wire.inward(side).drain();
                    self.plan(at, Task::Readable(id, side.other()));
                    break;
                }
            }
        }
    }
}
