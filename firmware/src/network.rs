use core::net::SocketAddrV4;

use breeze_core::id::LinkId;
use smoltcp::iface::{Config, Interface, SocketSet, SocketStorage};
use smoltcp::phy;
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{EthernetAddress, IpCidr, Ipv4Address, Ipv4Cidr};

use crate::limits::PIPES;
use crate::memory::Rings;
use crate::pipe::{Pipe, Usage};

/// How long a connection may leave unanswered what it was sent. The core gives a silent link up
/// sooner; this is for whoever knocks and says no more.
const UNANSWERED: Duration = Duration::from_secs(10);
/// How long a connection is kept to the end, so that the other side reads why it was closed.
const LINGER: Duration = Duration::from_secs(1);
/// Ports from which the device dials, in turn.
const LOCAL_PORTS: core::ops::Range<u16> = 49_152..65_535;

/// Is TCP/IP, with its sockets and what they are used for.
pub(crate) struct Network<'m> {
    interface: Interface,
    sockets: SocketSet<'m>,
    pub(crate) pipes: [Pipe; PIPES],
    /// Where others dial the device.
    listen: u16,
    /// From where the device dials next.
    local_port: u16,
}

/// Says who the device is on its network.
pub(crate) struct Place {
    pub(crate) hardware: EthernetAddress,
    pub(crate) address: Ipv4Cidr,
    pub(crate) gateway: Ipv4Address,
    pub(crate) listen: u16,
    /// Makes sequence numbers and ports hard to guess.
    pub(crate) random: u64,
}

impl<'m> Network<'m> {
    pub(crate) fn new(
        device: &mut impl phy::Device,
        now: Instant,
        place: &Place,
        storage: &'m mut [SocketStorage<'m>; PIPES],
        rings: &'m mut [Rings; PIPES],
    ) -> Self {
        let mut config = Config::new(place.hardware.into());
        config.random_seed = place.random;
        let mut interface = Interface::new(config, device, now);
        // Both tables have room for one entry and are empty.
        interface.update_ip_addrs(|addrs| {
            let _ = addrs.push(IpCidr::Ipv4(place.address));
        });
        let _ = interface.routes_mut().add_default_ipv4_route(place.gateway);
        let mut sockets = SocketSet::new(&mut storage[..]);
        let pipes = rings.each_mut().map(|Rings { receive, transmit }| {
            let (receive, transmit) = (&mut receive[..], &mut transmit[..]);
            let mut socket = Socket::new(SocketBuffer::new(receive), SocketBuffer::new(transmit));
            // Records are written whole: to hold the last piece back would only delay it.
            socket.set_nagle_enabled(false);
            socket.set_timeout(Some(UNANSWERED));
            Pipe { handle: sockets.add(socket), usage: Usage::Free, sends: false }
        });
        let range = u64::from(LOCAL_PORTS.end - LOCAL_PORTS.start);
        let local_port = LOCAL_PORTS.start + (place.random % range) as u16;
        Self { interface, sockets, pipes, listen: place.listen, local_port }
    }

    /// Moves frames between the device and the sockets.
    pub(crate) fn poll(&mut self, now: Instant, device: &mut impl phy::Device) {
        self.interface.poll(now, device, &mut self.sockets);
    }

    /// Tells whether there is something to do at once.
    pub(crate) fn is_busy(&mut self, now: Instant) -> bool {
        self.interface.poll_delay(now, &self.sockets) == Some(Duration::ZERO)
    }

    /// Returns the socket of a pipe.
    pub(crate) fn socket(&mut self, index: usize) -> &mut Socket<'m> {
        self.sockets.get_mut(self.pipes[index].handle)
    }

    /// Sees to it that somebody can dial the device.
    pub(crate) fn listen(&mut self) {
        if self.pipes.iter().any(|pipe| pipe.usage == Usage::Listening) {
            return;
        }
        let Some(index) = self.take_pipe() else { return };
        let port = self.listen;
        // The port is none of those that cannot be listened on, and the socket is closed.
        if self.socket(index).listen(port).is_ok() {
            self.pipes[index].usage = Usage::Listening;
        }
    }

    /// Begins a connection for a link; returns whether it could.
    pub(crate) fn dial(&mut self, link: LinkId, to: SocketAddrV4) -> bool {
        let Some(index) = self.take_pipe() else { return false };
        self.local_port = match self.local_port + 1 {
            port if LOCAL_PORTS.contains(&port) => port,
            _ => LOCAL_PORTS.start,
        };
        let socket = self.sockets.get_mut::<Socket<'_>>(self.pipes[index].handle);
        if socket.connect(self.interface.context(), to, self.local_port).is_err() {
            return false;
        }
        self.pipes[index].usage = Usage::Dialling(link);
        true
    }

    /// Returns the pipe of a link.
    pub(crate) fn find(&self, link: LinkId) -> Option<usize> {
        self.pipes.iter().position(|pipe| pipe.usage.is_of(link))
    }

    /// Closes a connection once what it was given is sent; it is of no use for anything else.
    pub(crate) fn close(&mut self, index: usize, now: Instant) {
        self.socket(index).close();
        self.pipes[index].usage = Usage::Closing { until: now + LINGER };
        self.pipes[index].sends = false;
    }

    /// Frees a pipe whose connection is over, by now or by force.
    pub(crate) fn see_closed(&mut self, index: usize, now: Instant, until: Instant) {
        let socket = self.socket(index);
        // What still comes is of no use to anybody, but what comes behind it is: the end.
        let _ = socket.recv(|bytes| (bytes.len(), ()));
        if socket.is_open() && now < until {
            return;
        }
        if socket.is_open() {
            socket.abort();
        }
        self.pipes[index].usage = Usage::Free;
    }

    /// Tells whether a connection stands, or still has something to be read.
    pub(crate) fn is_open(&mut self, index: usize) -> bool {
        self.socket(index).may_recv()
    }

    /// Tells whether a connection is still on its way.
    pub(crate) fn is_opening(&mut self, index: usize) -> bool {
        matches!(self.socket(index).state(), State::Listen | State::SynSent | State::SynReceived)
    }

    /// Takes a pipe that is free, or else the one that has been closing for longest.
    fn take_pipe(&mut self) -> Option<usize> {
        let free = self.pipes.iter().position(|pipe| pipe.usage == Usage::Free);
        let index = free.or_else(|| {
            let closing =
                self.pipes.iter().enumerate().filter_map(|(index, pipe)| match pipe.usage {
                    Usage::Closing { until } => Some((until, index)),
                    Usage::Free | Usage::Listening | Usage::Dialling(_) | Usage::Open(_) => None,
                });
            closing.min().map(|(_, index)| index)
        })?;
        self.socket(index).abort();
        self.pipes[index].usage = Usage::Free;
        self.pipes[index].sends = false;
        Some(index)
    }
}
