use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::task::{Context, Poll};
use std::time::Duration;

use async_io::Async;
use breeze_core::id::LinkId;
use smol::future;

use super::socket::Socket;
use super::{Hub, Machine, SharedHub, within};

/// Reads, or writes, that one connection makes in a row before others have their turn.
const TURNS: usize = 8;
/// How long a connection is kept to the end, so that the other side reads why it was closed.
const LINGER: Duration = Duration::from_secs(1);

/// Serves one connection.
pub struct Connection<M> {
    hub: SharedHub<M>,
    link: LinkId,
    socket: Socket,
    /// Bytes received that are no whole frame yet; empty almost always.
    received: Vec<u8>,
    /// Bytes taken for sending that the socket had no room for; empty almost always.
    unsent: Vec<u8>,
}

/// What became of a try to read or to write.
enum Step {
    /// There may be more to do at once.
    Again,
    /// The socket, or the state machine, has nothing to do.
    Idle,
    /// The connection is over.
    Over,
}

impl<M: Machine> Connection<M> {
    /// Makes the task of a link that the state machine knows, and that has a slot.
    ///
    /// # Errors
    /// Those of the system, which cannot watch one more socket; the state machine is to be told that the
    /// link is gone.
    pub fn new(hub: SharedHub<M>, link: LinkId, stream: Async<TcpStream>) -> io::Result<Self> {
        let local = stream.get_ref().local_addr().ok().map(|addr| addr.ip().to_canonical());
        let socket = Socket::new(stream)?;
        let mut shared = hub.borrow_mut();
        shared.slots.place(link, local);
        shared.connection_begins();
        drop(shared);
        Ok(Self { hub, link, socket, received: Vec::new(), unsent: Vec::new() })
    }

    /// Moves bytes until the link is gone or the connection breaks.
    pub async fn run(mut self) {
        let broken = poll_fn(|cx| self.poll(cx)).await;
        if broken {
            self.hub.borrow_mut().input(|machine, now| machine.closed(now, self.link));
        } else if self.hub.borrow_mut().linger_begins() {
            self.linger().await;
            self.hub.borrow_mut().linger_ends();
        }
        self.hub.borrow_mut().connection_ends();
    }

    /// Does a bounded amount of work. Ready with whether the connection broke: otherwise the state
    /// machine closed the link.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let hub = self.hub.clone();
        let mut hub = hub.borrow_mut();
        hub.slots.watch(self.link, cx.waker());
        if hub.slots.is_broken(self.link) {
            return Poll::Ready(true);
        }
        let mut turns = 0;
        loop {
            turns += 1;
            let read = match hub.machine.is_receptive() {
                true => self.read(cx, &mut hub),
                false => Step::Idle,
            };
            let write = self.write(cx, &mut hub);
            if hub.slots.is_closed(self.link) {
                return Poll::Ready(false);
            }
            match (read, write) {
                (Step::Over, _) | (_, Step::Over) => return Poll::Ready(true),
                (Step::Idle, Step::Idle) => return Poll::Pending,
                (Step::Again, _) | (_, Step::Again) if turns < TURNS => {}
                (Step::Again, _) | (_, Step::Again) => {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
        }
    }

    /// Reads once and feeds the state machine.
    fn read(&mut self, cx: &mut Context<'_>, hub: &mut Hub<M>) -> Step {
        // All connections receive in one buffer, which takes as much as there is at once. What is no
        // whole frame yet waits beside it.
        let mut buf = std::mem::take(&mut hub.scratch);
        let held = self.received.len();
        buf[..held].copy_from_slice(&self.received);
        let (end, step) = match self.socket.poll_read(cx, &mut buf[held..]) {
            Poll::Ready(Ok(0)) => (held, Step::Over),
            Poll::Ready(Ok(count)) => (held + count, Step::Again),
            Poll::Pending => (held, Step::Idle),
            Poll::Ready(Err(error)) => {
                log::debug!("{:?} broke: {error}", self.link);
                (held, Step::Over)
            }
        };
        let mut start = 0;
        if end > held {
            let now = hub.clock.now();
            loop {
                let consumed = hub.machine.received(now, self.link, &mut buf[start..end]);
                start += consumed.bytes;
                hub.pump();
                if !consumed.again || start == end {
                    break;
                }
            }
        }
        self.received.clear();
        self.received.extend_from_slice(&buf[start..end]);
        if self.received.is_empty() {
            self.received = Vec::new();
        }
        hub.scratch = buf;
        step
    }

    /// Writes once what the state machine has to send.
    fn write(&mut self, cx: &mut Context<'_>, hub: &mut Hub<M>) -> Step {
        if !self.unsent.is_empty() {
            return match self.socket.poll_write(cx, &self.unsent) {
                Poll::Ready(Ok(count)) => {
                    self.unsent.drain(..count);
                    if self.unsent.is_empty() {
                        self.unsent = Vec::new();
                    }
                    Step::Again
                }
                Poll::Pending => Step::Idle,
                Poll::Ready(Err(_)) => Step::Over,
            };
        }
        if !hub.slots.sends(self.link) {
            return Step::Idle;
        }
        let now = hub.clock.now();
        let mut scratch = std::mem::take(&mut hub.scratch);
        let len = hub.machine.transmit(now, self.link, &mut scratch);
        let step = if len == 0 {
            hub.slots.sent_all(self.link);
            Step::Idle
        } else {
            let written = match self.socket.poll_write(cx, &scratch[..len]) {
                Poll::Ready(outcome) => outcome,
                Poll::Pending => Ok(0),
            };
            match written {
                Ok(count) => {
                    self.unsent.extend_from_slice(&scratch[count..len]);
                    Step::Again
                }
                Err(_) => Step::Over,
            }
        };
        hub.scratch = scratch;
        hub.pump();
        step
    }

    /// Sends what was taken for sending, says that no more follows, and waits a little for the other
    /// side to do the same: closing at once could destroy what it has not read yet.
    async fn linger(&mut self) {
        let farewell = async {
            while !self.unsent.is_empty() {
                let count = poll_fn(|cx| self.socket.poll_write(cx, &self.unsent)).await?;
                self.unsent.drain(..count);
            }
            self.socket.shutdown()?;
            // What still comes is of no use, and there may be no end to it.
            while poll_fn(|cx| self.discard(cx)).await? > 0 {
                future::yield_now().await;
            }
            Ok(())
        };
        let outcome: Option<io::Result<()>> = within(LINGER, farewell).await;
        if let Err(error) = outcome.unwrap_or(Err(ErrorKind::TimedOut.into())) {
            log::debug!("{:?} was not closed in good order: {error}", self.link);
        }
    }

    fn discard(&self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.socket.poll_read(cx, &mut self.hub.borrow_mut().scratch)
    }
}
