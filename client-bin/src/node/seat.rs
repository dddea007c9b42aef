use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::Poll;

use breeze_server::driver::SharedHub;
use smol::io::AsyncRead;

use super::client_machine::ClientMachine;
use super::seat_id::SeatId;
use super::seat_queue::Manner;
use crate::ndjson::{BadCommand, Command, Event, Line, LineReader};

/// Is a place at a node's desk: commands in, events out.
pub(crate) struct Seat {
    hub: SharedHub<ClientMachine>,
    id: SeatId,
}

impl Seat {
    /// Takes a seat, and is told the present state first; there may be none left.
    pub(super) fn take(hub: &SharedHub<ClientMachine>, manner: Manner) -> Option<Self> {
        let id = hub.borrow_mut().machine.seat(manner)?;
        Some(Self { hub: hub.clone(), id })
    }

    /// Carries a command out; what comes of it, events tell.
    pub(crate) fn command(&self, command: Command) {
        self.hub.borrow_mut().input(|machine, now| machine.command(now, self.id, command));
    }

    /// Carries a command out as soon as there is room for what comes of it. Meanwhile somebody has to
    /// take the events of this seat.
    pub(crate) async fn command_in_turn(&self, command: Command) {
        self.room(command.tells_everybody()).await;
        self.command(command);
    }

    /// Carries out the commands of a script, to the end of its input or to the one that ends it.
    ///
    /// They are read no faster than there is room for what comes of them.
    pub(crate) async fn obey(&self, input: impl AsyncRead + Unpin) -> io::Result<()> {
        let mut input = LineReader::new(input);
        while let Some(line) = input.next().await? {
            let command = match line {
                Line::Whole(line) => Command::parse(line),
                Line::TooLong => Err(BadCommand::too_long()),
            };
            match command {
                Ok(Command::Quit) => break,
                Ok(command) => self.command_in_turn(command).await,
                Err(bad) => {
                    self.room(false).await;
                    self.hub.borrow_mut().machine.desk.tell(self.id, bad.into_event());
                }
            }
        }
        Ok(())
    }

    /// Waits until there is room for what comes of a command: events for everybody, or answers to
    /// this seat alone.
    async fn room(&self, tells_everybody: bool) {
        poll_fn(|cx| {
            let machine = &mut self.hub.borrow_mut().machine;
            let crowded = match tells_everybody {
                true => machine.desk.is_crowded(),
                false => machine.desk.is_crowded_at(self.id),
            };
            if !crowded && machine.has_room() {
                return Poll::Ready(());
            }
            if let Some(queue) = machine.desk.queue(self.id) {
                queue.watch_for_room(cx.waker());
            }
            Poll::Pending
        })
        .await;
    }

    /// Waits for the next event; `None` when the node has failed, was closed, or has nothing more
    /// to tell to this seat.
    pub(crate) async fn next_event(&self) -> Option<Rc<Event<'static>>> {
        poll_fn(|cx| {
            let mut hub = self.hub.borrow_mut();
            let next = hub.machine.desk.poll_next(self.id, cx);
            if hub.machine.desk.queue(self.id).is_some_and(|queue| queue.has_eased()) {
                hub.slots.wake_all();
                hub.machine.desk.wake_givers();
            }
            next
        })
        .await
    }

    /// Waits until the queue of events has ended, though it may not be empty yet.
    pub(super) async fn ended(&self) {
        poll_fn(|cx| match self.hub.borrow_mut().machine.desk.queue(self.id) {
            Some(queue) => queue.poll_ended(cx),
            None => Poll::Ready(()),
        })
        .await;
    }

    /// Gives no more commands: the events end once all of those from here have their outcome.
    pub(super) fn leave(&self) {
        if let Some(queue) = self.hub.borrow_mut().machine.desk.queue(self.id) {
            queue.leave();
        }
    }

    /// Ends the events after those in the queue.
    pub(super) fn end(&self) {
        if let Some(queue) = self.hub.borrow_mut().machine.desk.queue(self.id) {
            queue.end();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut hub = self.hub.borrow_mut();
        hub.machine.desk.stand(self.id);
        // Whoever waits for the last guest to go looks again.
        hub.pump();
    }
}
