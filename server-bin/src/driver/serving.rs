use std::time::Duration;

use breeze_core::id::LinkId;
use breeze_core::time::Instant;

use super::connection::Step;
use super::turns::Turn;
use super::{Hub, Machine};

/// Reads, or writes, that one connection makes in a row before others have their turn.
const TURNS: usize = 8;
/// How long a connection is kept to the end, so that the other side reads why it was closed.
const LINGER: Duration = Duration::from_secs(1);

/// What is to become of a connection.
enum Outcome {
    /// There may be more to do at once.
    Again,
    /// It waits for its socket, or for the state machine.
    Waits,
    /// It broke.
    Broken,
    /// The state machine closed the link.
    Closed,
}

/// Serving connections, each when it has its turn.
impl<M: Machine> Hub<M> {
    /// Does what the time has come for.
    pub(super) fn keep_time(&mut self) {
        let now = self.clock.now();
        while let Some((until, number)) = self.connections.next_to_go() {
            if until > now {
                break;
            }
            self.end(number);
        }
        if self.deadline <= now {
            self.machine.timeout(now);
            self.pump();
        }
    }

    /// Returns when there is next something to do because of the time.
    pub(super) fn next_time(&self) -> Instant {
        self.deadline.min(self.connections.next_to_go().map_or(Instant::NEVER, |(until, _)| until))
    }

    /// Serves the connections that something has happened to, each once. Returns whether there are no
    /// more of them now.
    pub(super) fn take_turns(&mut self) -> bool {
        for _ in 0..self.turns.len() {
            if let Some(turn) = self.turns.pop() {
                self.take_turn(turn);
            }
        }
        self.turns.len() == 0
    }

    fn take_turn(&mut self, Turn { connection: number, ready }: Turn) {
        let Some(connection) = self.connections.get_mut(number) else { return };
        connection.socket.note(ready);
        let link = connection.link;
        if connection.lingers_until().is_some() {
            return self.linger(number);
        }
        let outcome = match connection.is_broken {
            true => Outcome::Broken,
            false => self.serve(number, link),
        };
        match outcome {
            Outcome::Waits => {}
            Outcome::Again => self.turns.push(number, Default::default()),
            Outcome::Broken => {
                self.end(number);
                self.input(|machine, now| machine.closed(now, link));
            }
            Outcome::Closed if self.connections.lingering() < self.most_lingering => {
                self.connections.linger(number, self.clock.now() + LINGER);
                self.linger(number);
            }
            Outcome::Closed => self.end(number),
        }
    }

    /// Does a bounded amount of work for a connection.
    fn serve(&mut self, number: usize, link: LinkId) -> Outcome {
        for _ in 0..TURNS {
            let read = match self.machine.is_receptive() {
                true => self.read(number, link),
                false => Step::Idle,
            };
            let write = self.write(number, link);
            if self.slots.is_closed(link) {
                return Outcome::Closed;
            }
            match (read, write) {
                (Step::Over, _) | (_, Step::Over) => return Outcome::Broken,
                (Step::Idle, Step::Idle) => return Outcome::Waits,
                (Step::Again, _) | (_, Step::Again) => {}
            }
        }
        Outcome::Again
    }

    /// Reads once and feeds the state machine.
    fn read(&mut self, number: usize, link: LinkId) -> Step {
        let Some(connection) = self.connections.get_mut(number) else { return Step::Over };
        if !connection.socket.is_readable() {
            return Step::Idle;
        }
        // All connections receive in one buffer, which takes as much as there is at once. What is no
        // whole frame yet waits beside it.
        let held = connection.recall(&mut self.scratch);
        let end = match connection.socket.read(&mut self.scratch[held..]) {
            Ok(None) => return Step::Idle,
            Ok(Some(0)) => return Step::Over,
            Ok(Some(count)) => held + count,
            Err(error) => {
                log::debug!("{link:?} broke: {error}");
                return Step::Over;
            }
        };
        let mut start = 0;
        let now = self.clock.now();
        loop {
            let consumed = self.machine.received(now, link, &mut self.scratch[start..end]);
            start += consumed.bytes;
            self.pump();
            if !consumed.again || start == end {
                break;
            }
        }
        if let Some(connection) = self.connections.get_mut(number) {
            connection.keep(&self.scratch[start..end]);
        }
        Step::Again
    }

    /// Writes once what the state machine has to send.
    fn write(&mut self, number: usize, link: LinkId) -> Step {
        let Some(connection) = self.connections.get_mut(number) else { return Step::Over };
        if connection.has_unsent() {
            return match connection.flush() {
                Ok(true) => Step::Again,
                Ok(false) => Step::Idle,
                Err(_) => Step::Over,
            };
        }
        if !self.slots.sends(link) {
            return Step::Idle;
        }
        let len = self.machine.transmit(self.clock.now(), link, &mut self.scratch);
        let step = if len == 0 {
            // Not even the system is asked.
            self.slots.sent_all(link);
            Step::Idle
        } else {
            match connection.send(&self.scratch[..len]) {
                Ok(()) => Step::Again,
                Err(_) => Step::Over,
            }
        };
        self.pump();
        step
    }

    /// Has a connection wait until the other side has read why it is closed.
    fn linger(&mut self, number: usize) {
        let Some(connection) = self.connections.get_mut(number) else { return };
        match connection.linger(&mut self.scratch) {
            Ok(Step::Idle) => {}
            Ok(Step::Again) => self.turns.push(number, Default::default()),
            Ok(Step::Over) => self.end(number),
            Err(error) => {
                log::debug!("{:?} was not closed in good order: {error}", connection.link);
                self.end(number);
            }
        }
    }

    /// Closes a connection.
    fn end(&mut self, number: usize) {
        if let Some(link) = self.connections.remove(number) {
            self.slots.disconnect(link);
            self.wake_watcher();
        }
    }
}
