use std::cell::RefCell;
use std::collections::VecDeque;
use std::task::Waker;

use super::socket::Ready;

/// Lists the connections of a hub to which something has happened, and wakes the task that serves them.
///
/// A connection may be on it more than once; with what a wait of the reactor brings, and what machines
/// have to say, that is a few times at most.
#[derive(Debug, Default)]
pub(super) struct Turns {
    queue: RefCell<VecDeque<Turn>>,
    driver: RefCell<Option<Waker>>,
}

/// Is something that has happened to a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    /// The connection's number in its hub.
    pub(super) connection: usize,
    /// What the system says.
    pub(super) ready: Ready,
}

impl Turns {
    /// Gives a connection a turn.
    pub(super) fn push(&self, connection: usize, ready: Ready) {
        self.queue.borrow_mut().push_back(Turn { connection, ready });
        self.wake();
    }

    /// Takes out the turn that was given first.
    pub(super) fn pop(&self) -> Option<Turn> {
        self.queue.borrow_mut().pop_front()
    }

    pub(super) fn len(&self) -> usize {
        self.queue.borrow().len()
    }

    /// Has the task that serves connections look again.
    pub(super) fn wake(&self) {
        if let Some(driver) = self.driver.take() {
            driver.wake();
        }
    }

    /// Keeps whom to wake for the next turn.
    pub(super) fn watch(&self, driver: &Waker) {
        match &mut *self.driver.borrow_mut() {
            Some(known) => known.clone_from(driver),
            none => *none = Some(driver.clone()),
        }
    }
}
