use std::cell::RefCell;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::rc::Rc;
use std::task::Waker;

use async_io::Async;
use breeze_core::error::AcceptError;
use breeze_core::id::LinkId;
use breeze_core::time::Instant;

use super::connections::Connections;
use super::socket::{Ready, Socket};
use super::turns::Turns;
use super::{Clock, Machine, Slots};

/// Bytes that one system call reads or writes at most; any frame fits, and the record it ends in.
const SCRATCH: usize = 128 * 1024;

/// Owns a state machine and what its tasks share.
pub struct Hub<M> {
    /// The state machine and its program.
    pub machine: M,
    /// The time.
    pub clock: Clock,
    /// What connections have yet to be told.
    pub slots: Slots,
    pub(super) connections: Connections,
    pub(super) turns: Rc<Turns>,
    /// Where connections receive, and send from: idle ones have no buffers.
    pub(super) scratch: Vec<u8>,
    /// When the state machine next has to hear of time.
    pub(super) deadline: Instant,
    /// How many connections may wait until the other side has read why they are closed: one more is
    /// closed at once. No bound unless set.
    pub most_lingering: usize,
    /// Who wants to look again after the next input, or the next end of a connection.
    watcher: Option<Waker>,
}

/// A hub, shared by the tasks of one thread. None keeps it borrowed while it waits.
pub type SharedHub<M> = Rc<RefCell<Hub<M>>>;

impl<M: Machine> Hub<M> {
    /// Makes the hub of a state machine.
    pub fn new(machine: M, clock: Clock) -> SharedHub<M> {
        let turns = Rc::<Turns>::default();
        Rc::new(RefCell::new(Self {
            machine,
            clock,
            slots: Slots::new(turns.clone()),
            connections: Connections::new(turns.clone()),
            turns,
            scratch: vec![0; SCRATCH],
            deadline: Instant::NEVER,
            most_lingering: usize::MAX,
            watcher: None,
        }))
    }

    /// Feeds the state machine and acts on what it says.
    pub fn input<R>(&mut self, feed: impl FnOnce(&mut M, Instant) -> R) -> R {
        let result = feed(&mut self.machine, self.clock.now());
        self.pump();
        result
    }

    /// Takes in a connection, and makes the slot of its link.
    pub(super) fn accept(
        &mut self,
        addr: SocketAddr,
        ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError> {
        let accepted = self.machine.accepted(self.clock.now(), addr, ephemeral);
        if let Ok(link) = accepted {
            // Before the machine has its say, of which the slot keeps a part.
            self.slots.open(link);
        }
        self.pump();
        accepted
    }

    /// Acts on everything that the state machine has to say after an input.
    pub fn pump(&mut self) {
        let deadline = self.machine.pump(self.clock.now(), &mut self.slots);
        let sooner = deadline < self.deadline;
        self.deadline = deadline;
        if sooner {
            self.turns.wake();
        }
        self.wake_watcher();
    }

    /// Moves the bytes of a link from now on until it is gone, or its pipe breaks.
    ///
    /// # Errors
    /// Those of the system, which cannot watch one more socket; the state machine is to be told that the
    /// link is gone.
    pub fn connect(&mut self, link: LinkId, stream: Async<TcpStream>) -> io::Result<()> {
        let number = self.connections.insert(link, Socket::new(stream)?)?;
        self.slots.connect(link, number);
        Ok(())
    }

    /// Breaks the connections that end at addresses which this machine does not have any more:
    /// nothing comes to them, and the system does not say so.
    pub fn break_all_but(&mut self, addresses: &[IpAddr]) {
        for (number, connection) in self.connections.iter_mut() {
            if connection.socket.local().is_some_and(|local| !addresses.contains(&local)) {
                connection.is_broken = true;
                self.turns.push(number, Ready::default());
            }
        }
    }

    /// Tells whether connections have not ended yet. One whose link is closed still has to send
    /// what the other side should read, and to wait until it has.
    pub fn has_connections(&self) -> bool {
        self.connections.len() > 0
    }

    pub(super) fn wake_watcher(&mut self) {
        if let Some(waker) = self.watcher.take() {
            waker.wake();
        }
    }

    /// Wakes a task after the next input or the next end of a connection; there is one such task at
    /// a time.
    pub fn watch(&mut self, waker: &Waker) {
        self.watcher = Some(waker.clone());
    }
}
