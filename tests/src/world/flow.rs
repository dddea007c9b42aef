use std::net::SocketAddr;
use std::time::Duration;

use breeze_core::id::LinkId;
use breeze_core::time::Instant;

use super::host::{Brain, HostId};
use super::metered::Chore;
use super::net::Barrier;
use super::pipe::Pipe;
use super::socket::Socket;
use super::wire::{End, Side, Wire, WireId, WireState};
use super::world::{Task, World};

/// How long an operating system waits before it asks again for a connection.
const SYN_RETRY: Duration = Duration::from_secs(1);

/// Connections and the bytes on them.
impl World {
    /// When something sent now arrives.
    pub(super) fn arrival(&mut self) -> Instant {
        self.now + self.net.latency + self.rng.up_to(self.net.jitter)
    }

    /// Begins to connect a host's link to an address.
    pub(super) fn dial(&mut self, from: HostId, link: LinkId, to: SocketAddr) {
        let pipe = || Pipe::new(self.net.capacity);
        // Who answers is known once the dial arrives.
        let ends = [End { host: from, link: Some(link) }, End { host: from, link: None }];
        let wire = self.wires.len();
        let (pipes, state) = ([pipe(), pipe()], WireState::Dialling);
        self.wires.push(Wire { ends, pipes, state, to, is_lost: false });
        self.hosts[from.0].sockets.insert(link, Socket::new(wire, Side::Dialler));
        self.dials.push((from, to, self.now));
        let at = self.arrival();
        self.plan(at, Task::Resolve(wire));
    }

    /// A dial arrives, or would if it could.
    pub(super) fn resolve(&mut self, id: WireId) {
        let Wire { ends: [dialler, _], state, to, .. } = self.wires[id];
        if state != WireState::Dialling || dialler.link.is_none() {
            return;
        }
        let listener = self.net.hijacked.get(&to).copied().or_else(|| self.host_at(to));
        let barrier = match listener {
            None => Some(Barrier::Drop),
            Some(_) if self.wires[id].is_lost => Some(Barrier::Drop),
            Some(host) if self.net.is_silent(dialler.host, host) => Some(Barrier::Drop),
            Some(host) if self.hosts[host.0].is_dark => Some(Barrier::Drop),
            Some(host) if self.hosts[host.0].is_off() => Some(Barrier::Refuse),
            Some(host) => self.net.walls.get(&host).copied(),
        };
        let at = self.arrival();
        match (barrier, listener) {
            (None, Some(host)) => {
                let link = self.welcome(host, dialler.host, id);
                let wire = &mut self.wires[id];
                wire.state = WireState::Open;
                wire.ends[1] = End { host, link };
                if link.is_none() {
                    wire.outward(Side::Listener).finish(at);
                }
                self.plan(at, Task::Opened(id));
                self.settle(host);
            }
            (Some(Barrier::Refuse), _) => self.plan(at, Task::Refused(id)),
            (Some(Barrier::Drop) | None, _) => {
                let at = self.now + SYN_RETRY;
                self.plan(at, Task::Resolve(id));
            }
        }
    }

    pub(super) fn opened(&mut self, id: WireId) {
        let [dialler, listener] = self.wires[id].ends;
        let Some(link) = dialler.link else { return };
        if self.wires[id].is_lost || self.net.is_silent(dialler.host, listener.host) {
            let at = self.now + SYN_RETRY;
            self.plan(at, Task::Opened(id));
            return;
        }
        self.introduce(dialler.host, link);
        self.plan(self.now, Task::Readable(id, Side::Dialler));
    }

    pub(super) fn refused(&mut self, id: WireId) {
        let dialler = self.wires[id].ends[0];
        self.wires[id].state = WireState::Over;
        self.wires[id].ends[0].link = None;
        if let Some(link) = dialler.link {
            self.bereave(dialler.host, link);
        }
    }

    /// Writes what a host's links have to send, as far as their pipes take it. Tells whether the
    /// core was asked for any.
    pub(super) fn pump(&mut self, id: HostId) -> bool {
        let links: Vec<LinkId> = self.hosts[id.0].busy.iter().copied().collect();
        let mut asked = false;
        for link in links {
            asked |= self.pump_link(id, link);
            let host = &mut self.hosts[id.0];
            let is_busy = |socket: &Socket| socket.wants || !socket.outbox.is_empty();
            if !host.sockets.get(&link).is_some_and(is_busy) {
                host.busy.remove(&link);
            }
        }
        asked
    }

    fn pump_link(&mut self, id: HostId, link: LinkId) -> bool {
        let now = self.clock(id);
        let mut asked = false;
        loop {
            let at = self.arrival();
            let host = &mut self.hosts[id.0];
            let Some(socket) = host.sockets.get_mut(&link) else { return asked };
            let (wire, side) = (socket.wire, socket.side);
            let pipe = self.wires[wire].outward(side);
            let room = pipe.room();
            if room == 0 {
                return asked;
            }
            if !socket.outbox.is_empty() {
                let count = socket.outbox.len().min(room);
                let arrival = pipe.write(&socket.outbox[..count], at);
                socket.outbox.drain(..count);
                self.plan(arrival, Task::Readable(wire, side.other()));
                continue;
            }
            if !socket.wants {
                return asked;
            }
            let size = host.member.as_ref().map_or(64 * 1024, |member| member.send_buffer);
            let mut buf = vec![0; size];
            let count = match &mut host.brain {
                Brain::Server(server) => {
                    let count = server.work(Chore::Other).transmit(now, link, &mut buf);
                    server.count(count);
                    count
                }
                Brain::Client(client) => {
                    let (transfers, disk) = host.files.parts();
                    client.transmit_files(now, link, &mut buf, transfers, disk)
                }
                Brain::Off | Brain::Puppet(_) => 0,
            };
            asked = true;
            buf.truncate(count);
            socket.wants = count > 0;
            socket.outbox = buf;
        }
    }

    /// Bytes may have arrived at one end: the host reads them.
    pub(super) fn readable(&mut self, id: WireId, side: Side) {
        loop {
            let wire = &mut self.wires[id];
            let (end, far) = (wire.end(side), wire.end(side.other()));
            let Some(link) = end.link else { return };
            let host = &mut self.hosts[end.host.0];
            if wire.is_lost || !host.reads || self.net.is_silent(end.host, far.host) {
                return;
            }
            let Some(socket) = host.sockets.get_mut(&link) else { return };
            let room = socket.limit.saturating_sub(socket.inbox.len());
            let fragments = self.net.fragments;
            let bytes = wire.inward(side).read(self.now, room, fragments, &mut self.rng);
            if bytes.is_empty() {
                break;
            }
            socket.inbox.extend_from_slice(&bytes);
            let at = self.arrival();
            self.plan(at, Task::Writable(id, side.other()));
            self.take_in(end.host, link);
        }
        let wire = &mut self.wires[id];
        let end = wire.end(side);
        if wire.inward(side).is_ended(self.now) {
            self.let_go(id, side);
            if let Some(link) = end.link {
                self.bereave(end.host, link);
            }
        }
    }

    pub(super) fn writable(&mut self, id: WireId, side: Side) {
        let End { host, link } = self.wires[id].end(side);
        let Some(socket) = link.and_then(|link| self.hosts[host.0].sockets.get(&link)) else {
            return;
        };
        if socket.wants || !socket.outbox.is_empty() {
            self.settle(host);
        }
    }

    /// A host closes a link: what it has written still arrives.
    pub(super) fn hang_up(&mut self, id: HostId, link: LinkId) {
        let Some(socket) = self.hosts[id.0].sockets.remove(&link) else { return };
        let at = self.arrival();
        let pipe = self.wires[socket.wire].outward(socket.side);
        let count = socket.outbox.len().min(pipe.room());
        pipe.write(&socket.outbox[..count], at);
        self.let_go(socket.wire, socket.side);
    }

    /// One end is closed; the other end hears of it.
    fn let_go(&mut self, id: WireId, side: Side) {
        let at = self.arrival();
        let wire = &mut self.wires[id];
        wire.ends[side.index()].link = None;
        wire.inward(side).drain();
        if wire.state == WireState::Open {
            let arrival = wire.outward(side).finish(at);
            self.plan(arrival, Task::Readable(id, side.other()));
        }
        let wire = &mut self.wires[id];
        if wire.ends.iter().all(|end| end.link.is_none()) {
            wire.state = WireState::Over;
        }
    }
}
