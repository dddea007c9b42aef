use std::cell::RefCell;
use std::rc::Rc;
use std::task::Waker;

use breeze_core::time::Instant;

use super::{Clock, Machine, Slots};

/// Bytes that one system call reads or writes at most; any frame fits.
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
    /// Who wants to look again after the next input.
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
            watcher: None,
        }))
    }

    /// Feeds the state machine and acts on what it says.
    pub fn input<R>(&mut self, feed: impl FnOnce(&mut M, Instant) -> R) -> R {
        let result = feed(&mut self.machine, self.clock.now());
        self.pump();
        result
    }

    /// Acts on everything that the state machine has to say after an input.
    pub fn pump(&mut self) {
        let deadline = self.machine.pump(self.clock.now(), &mut self.slots);
        let sooner = deadline < self.deadline;
        self.deadline = deadline;
        if sooner && let Some(waker) = self.timekeeper.take() {
            waker.wake();
        }
        if let Some(waker) = self.watcher.take() {
            waker.wake();
        }
    }

    /// Wakes a task after the next input; there is one such task at a time.
    pub fn watch(&mut self, waker: &Waker) {
        self.watcher = Some(waker.clone());
    }
}
