use core::net::{SocketAddr, SocketAddrV4};
use core::slice;
use core::time::Duration;

use breeze_core::id::{Endpoint, LinkId};
use breeze_core::io::{Output, Received, Target};
use breeze_core::noise::Identity;
use breeze_core::time::Instant;
use breeze_core::{Client, Config};
use smoltcp::iface::SocketStorage;
use smoltcp::time::Instant as NetInstant;
use smoltcp::wire::{IpAddress, IpEndpoint};

use crate::answer::{Status, answer};
use crate::board::Board;
use crate::inbox::Inbox;
use crate::limits::{BLOCKS, LIMITS, LINKS, PEERS, PIPES, TRANSMIT};
use crate::memory::Memory;
use crate::network::{Network, Place};
use crate::options::Options;
use crate::pipe::{Pipe, Usage};
use crate::random::Random;
use crate::report::report;

/// The core, with the capacities that this device gives it.
pub type Device = Client<PEERS, LINKS, BLOCKS>;

/// Is the device at work: the core, its connections, and what it answers.
pub struct Node<'b, B> {
    board: &'b mut B,
    client: &'b mut Device,
    network: Network<'static>,
    inboxes: &'static mut [Inbox; PIPES],
    random: Random,
    server: SocketAddrV4,
    /// When the core wants to be called unless something happens.
    wake: Instant,
    /// Answers that found no room.
    lost: u32,
}

impl<'b, B: Board> Node<'b, B> {
    /// Makes the core; [`new`](Self::new) is given it.
    ///
    /// It is some 16 KiB large and stays where the caller puts it, so the compiler is not to make
    /// another one first: a local variable that is set by this call has none.
    #[inline(never)]
    pub fn client(board: &mut B, options: &Options, random: &mut Random) -> Device {
        let mut config = Config::new(options.user.clone(), options.name.clone(), random.number());
        config.limits = LIMITS;
        let own = SocketAddrV4::new(options.address.address(), options.listen);
        let advertised = match options.advertise.is_empty() {
            true => slice::from_ref(&own),
            false => &options.advertise[..],
        };
        let endpoints = advertised.iter().map(|&addr| Endpoint::new(addr.into()));
        config.endpoints = endpoints.collect();
        let identity = Identity::from_secret(options.identity);
        Device::new(config, identity, random.secret(), to_core(board.now()))
    }

    /// Makes it ready to log in.
    pub fn new(
        board: &'b mut B,
        client: &'b mut Device,
        memory: &'static mut Memory,
        options: &Options,
        mut random: Random,
    ) -> Self {
        let place = Place {
            hardware: board.mac_address(),
            address: options.address,
            gateway: options.gateway,
            listen: options.listen,
            random: random.number(),
        };
        let now = board.now();
        let sockets = memory.sockets.write([SocketStorage::EMPTY; PIPES]);
        let network = Network::new(board.net(), now, &place, sockets, &mut memory.rings);
        let (inboxes, server) = (&mut memory.inboxes, options.server);
        Self { board, client, network, inboxes, random, server, wake: Instant::ZERO, lost: 0 }
    }

    /// Works until the core gives up for good: the server refuses the device, has another key than
    /// before, or another device has taken its name.
    pub fn run(&mut self) {
        self.network.listen();
        while !self.client.is_stopped() || self.client.has_links() {
            self.turn();
            let now = self.board.now();
            if !self.network.is_busy(now) {
                self.board.idle();
            }
        }
    }

    /// Does what there is to do at this moment.
    fn turn(&mut self) {
        let now = self.board.now();
        self.network.poll(now, self.board.net());
        if self.wake <= to_core(now) {
            self.client.timeout(to_core(now));
            self.drain();
        }
        for index in 0..PIPES {
            self.serve(index);
        }
        self.network.listen();
        let now = self.board.now();
        self.network.poll(now, self.board.net());
    }

    fn serve(&mut self, index: usize) {
        let usage = self.network.pipes[index].usage;
        match usage {
            Usage::Free => {}
            Usage::Listening if self.network.is_opening(index) => {}
            Usage::Listening => self.accept(index),
            Usage::Dialling(_) if self.network.is_opening(index) => {}
            Usage::Dialling(link) if self.network.is_open(index) => {
                self.network.pipes[index].usage = Usage::Open(link);
                self.inboxes[index].clear();
                let (now, ephemeral) = (self.now(), self.random.secret());
                self.client.opened(now, link, ephemeral);
                self.drain();
            }
            Usage::Dialling(link) => self.broken(index, link),
            Usage::Open(link) => {
                self.receive(index);
                self.transmit(index);
                if self.network.pipes[index].usage == Usage::Open(link)
                    && !self.network.is_open(index)
                {
                    self.broken(index, link);
                }
            }
            Usage::Closing { until } => {
                let now = self.board.now();
                self.network.see_closed(index, now, until);
            }
        }
    }

    /// Takes in whoever dialled the device.
    fn accept(&mut self, index: usize) {
        let remote = self.network.socket(index).remote_endpoint();
        let (now, ephemeral) = (self.now(), self.random.secret());
        let accepted = remote.map(|remote| {
            let addr = to_socket_addr(remote);
            self.board.say(format_args!("dialled by {addr}"));
            self.client.accepted(now, addr, ephemeral)
        });
        match accepted {
            Some(Ok(link)) => {
                self.network.pipes[index].usage = Usage::Open(link);
                self.inboxes[index].clear();
                self.drain();
            }
            Some(Err(error)) => {
                self.board.say(format_args!("turned away: {error}"));
                self.close(index);
            }
            None => self.close(index),
        }
    }

    /// Feeds the core with what has arrived, until it takes no more.
    fn receive(&mut self, index: usize) {
        while let Usage::Open(link) = self.network.pipes[index].usage {
            let filled = self.inboxes[index].fill(self.network.socket(index));
            let now = self.now();
            let inbox = &mut self.inboxes[index];
            let Received { consumed, need: _, message } =
                self.client.received(now, link, inbox.bytes());
            let goes_on = filled || consumed > 0 || message.is_some();
            if let Some(message) = message {
                let uptime = Duration::from_millis(now.as_millis());
                let status = Status { uptime, stack: self.board.stack(), lost: self.lost };
                let answer = answer(message.text, status);
                let (from, path) = (message.from, message.path.code());
                self.board.say(format_args!("message from {from}: {path}"));
                // There is no disk to keep it on.
                self.client.acknowledge(now, &from, message.id);
                // The device knows no calendar: its answer has the time of the question.
                if let Err(error) = self.client.send(now, &from, &answer, message.sent_ms) {
                    self.lost += 1;
                    self.board.say(format_args!("answer to {from} lost: {error}"));
                }
            }
            inbox.drop_front(consumed);
            self.drain();
            if !goes_on {
                break;
            }
        }
    }

    /// Sends what the core has to say, as far as there is room for it.
    fn transmit(&mut self, index: usize) {
        while let Pipe { usage: Usage::Open(link), sends: true, .. } = self.network.pipes[index] {
            let (now, client) = (self.now(), &mut *self.client);
            // It is sealed right where TCP keeps it.
            let sent = self.network.socket(index).send(|room| {
                let len = client.transmit(now, link, room);
                (len, (len, room.len()))
            });
            // A connection that takes nothing any more is noticed elsewhere.
            let Ok((len, room)) = sent else { return };
            self.drain();
            if len == 0 {
                // Unless all was free, there may be something for which that was too little.
                self.network.pipes[index].sends = room < TRANSMIT;
                return;
            }
        }
    }

    /// Does all that the core asks for.
    fn drain(&mut self) {
        loop {
            let now = self.now();
            match self.client.poll(now) {
                Output::Open { link, target } => self.dial(link, &target),
                Output::Transmit(link) => {
                    if let Some(index) = self.network.find(link) {
                        self.network.pipes[index].sends = true;
                    }
                }
                Output::Close(link) => {
                    if let Some(index) = self.network.find(link) {
                        self.close(index);
                    }
                }
                Output::Event(event) => report(self.board, &event),
                Output::Wait(until) => {
                    self.wake = until;
                    return;
                }
            }
        }
    }

    fn dial(&mut self, link: LinkId, target: &Target) {
        let addr = match target {
            Target::Server => {
                self.board.say(format_args!("dialling the server at {}", self.server));
                SocketAddr::V4(self.server)
            }
            Target::Peer { user, addr } => {
                self.board.say(format_args!("dialling {user} at {addr}"));
                *addr
            }
        };
        let begun = match addr {
            SocketAddr::V4(addr) => self.network.dial(link, addr),
            // There is no IPv6 here.
            SocketAddr::V6(_) => false,
        };
        if !begun {
            let now = self.now();
            self.client.closed(now, link);
        }
    }

    /// Tells the core that a connection broke, or never stood.
    fn broken(&mut self, index: usize, link: LinkId) {
        self.close(index);
        let now = self.now();
        self.client.closed(now, link);
        self.drain();
    }

    fn close(&mut self, index: usize) {
        let now = self.board.now();
        self.network.close(index, now);
    }

    fn now(&mut self) -> Instant {
        to_core(self.board.now())
    }
}

fn to_core(now: NetInstant) -> Instant {
    Instant::from_millis(now.total_millis().max(0) as u64)
}

fn to_socket_addr(endpoint: IpEndpoint) -> SocketAddr {
    let IpAddress::Ipv4(ip) = endpoint.addr;
    SocketAddr::from((ip, endpoint.port))
}
