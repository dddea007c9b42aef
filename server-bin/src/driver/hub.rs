use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::Waker;

use breeze_core::error::AcceptError;
use breeze_core::id::LinkId;
use breeze_core::time::Instant;

use super::{Clock, Machine, Slots};

/// Bytes that one system call reads or writes at most; any frame fits, and the record it ends in.
const SCRATCH: usize = 128 * 1024;

/// Owns a state machine and what its tasks share.
#[derive(Debug)]
pub struct Hub<M> {
    /// The state machine and its program.
    pub machine: M,
    /// The time.
    pub clock: Clock,
    /// What the tasks of connections are told.
    pub slots: Slots,
    /// Where connections without unfinished business receive, and all of them send from: idle
    /// connections have no buffers.
    pub(super) scratch: Vec<u8>,
    /// When the state machine next has to hear of time, and who waits for that.
    pub(super) deadline: Instant,
    pub(super) timekeeper: Option<Waker>,
    /// Connections whose tasks have not ended.
    connections: usize,
    /// Those among them that wait until the other side has read why they are closed.
    lingering: usize,
    /// How many there may be of those: one more is closed without waiting. No bound unless set.
    pub most_lingering: usize,
    /// Who wants to look again after the next input, or the next end of a connection.
    watcher: Option<Waker>,
}

/// A hub, shared by the tasks of one thread. None keeps it borrowed while it waits.
pub type SharedHub<M> = Rc<RefCell<Hub<M>>>;

impl<M: Machine> Hub<M> {
    /// Makes the hub of a state machine.
    pub fn new(machine: M, clock: Clock) -> SharedHub<M> {
        Rc::new(RefCell::new(Self {
            machine,
            clock,
            slots: Slots::default(),
            scratch: vec![0; SCRATCH],
            deadline: Instant::NEVER,
            timekeeper: None,
            connections: 0,
            lingering: 0,
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
        if sooner && let Some(waker) = self.timekeeper.take() {
            waker.wake();
        }
        self.wake_watcher();
    }

    /// Tells whether connections have not ended yet. One whose link is closed still has to send
    /// what the other side should read, and to wait until it has.
    pub fn has_connections(&self) -> bool {
        self.connections > 0
    }

    #[cfg(test)]
    pub(super) fn connections(&self) -> usize {
        self.connections
    }

    pub(super) fn connection_begins(&mut self) {
        self.connections += 1;
    }

    pub(super) fn connection_ends(&mut self) {
        self.connections -= 1;
        self.wake_watcher();
    }

    /// Tells whether one more connection may linger, and counts it if so.
    pub(super) fn linger_begins(&mut self) -> bool {
        let has_room = self.lingering < self.most_lingering;
        self.lingering += usize::from(has_room);
        has_room
    }

    pub(super) fn linger_ends(&mut self) {
        self.lingering -= 1;
    }

    fn wake_watcher(&mut self) {
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
