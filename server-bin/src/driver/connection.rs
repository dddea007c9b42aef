use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::task::{Context, Poll};
use std::time::Duration;

use async_io::Async;
use breeze_core::id::LinkId;
use smol::future;
use smol::io::AsyncWriteExt;

use super::{Hub, Machine, SharedHub, within};

/// Reads, or writes, that one connection makes in a row before others have their turn.
const TURNS: usize = 8;
/// How long a connection is kept to the end, so that the other side reads why it was closed.
const LINGER: Duration = Duration::from_secs(1);

/// Serves one connection.
pub struct Connection<M> {
    hub: SharedHub<M>,
    link: LinkId,
    stream: Async<TcpStream>,
    /// Bytes received that are no whole frame yet; empty almost always.
    received: Vec<u8>,
    /// How long `received` has to become for anything to happen.
    need: usize,
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
    pub fn new(hub: SharedHub<M>, link: LinkId, stream: Async<TcpStream>) -> Self {
        let local = stream.get_ref().local_addr().ok().map(|addr| addr.ip().to_canonical());
        let mut shared = hub.borrow_mut();
        shared.slots.place(link, local);
        shared.connection_begins();
        drop(shared);
        Self { hub, link, stream, received: Vec::new(), need: 0, unsent: Vec::new() }
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
        // A frame in parts is collected in a buffer of its own; all else is received in the one
        // that all connections share.
        let own = !self.received.is_empty();
        let mut buf = match own {
            true => std::mem::take(&mut self.received),
            false => std::mem::take(&mut hub.scratch),
        };
        let held = if own { buf.len() } else { 0 };
        if own {
            buf.resize(self.need.max(held + 4096), 0);
        }
        let outcome = loop {
            match self.stream.get_ref().read(&mut buf[held..]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    match self.stream.poll_readable(cx) {
                        Poll::Ready(Ok(())) => {}
                        Poll::Ready(Err(error)) => break Err(error),
                        Poll::Pending => break Ok(None),
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => break outcome.map(Some),
            }
        };
        let (end, step) = match outcome {
            Ok(Some(0)) => (held, Step::Over),
            Ok(Some(count)) => (held + count, Step::Again),
            Ok(None) => (held, Step::Idle),
            Err(error) => {
                log::debug!("{:?} broke: {error}", self.link);
                (held, Step::Over)
            }
        };
        let mut start = 0;
        if matches!(step, Step::Again) {
            let now = hub.clock.now();
            loop {
                let consumed = hub.machine.received(now, self.link, &mut buf[start..end]);
                start += consumed.bytes;
                self.need = consumed.need;
                hub.pump();
                if !consumed.again || start == end {
                    break;
                }
            }
        }
        if own {
            buf.truncate(end);
            buf.drain(..start);
            if buf.is_empty() {
                buf = Vec::new();
            }
            self.received = buf;
        } else {
            self.received.extend_from_slice(&buf[start..end]);
            hub.scratch = buf;
        }
        step
    }

    /// Writes once what the state machine has to send.
    fn write(&mut self, cx: &mut Context<'_>, hub: &mut Hub<M>) -> Step {
        if !self.unsent.is_empty() {
            return match self.write_out(cx, &self.unsent) {
                Ok(Some(count)) => {
                    self.unsent.drain(..count);
                    if self.unsent.is_empty() {
                        self.unsent = Vec::new();
                    }
                    Step::Again
                }
                Ok(None) => Step::Idle,
                Err(_) => Step::Over,
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
            match self.write_out(cx, &scratch[..len]) {
                Ok(count) => {
                    self.unsent.extend_from_slice(&scratch[count.unwrap_or(0)..len]);
                    Step::Again
                }
                Err(_) => Step::Over,
            }
        };
        hub.scratch = scratch;
        hub.pump();
        step
    }

    /// Writes what the socket takes; `None` if that is nothing now.
    fn write_out(&self, cx: &mut Context<'_>, bytes: &[u8]) -> io::Result<Option<usize>> {
        loop {
            match self.stream.get_ref().write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    match self.stream.poll_writable(cx) {
                        Poll::Ready(outcome) => outcome?,
                        Poll::Pending => return Ok(None),
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => return outcome.map(Some),
            }
        }
    }

    /// Sends what was taken for sending, says that no more follows, and waits a little for the other
    /// side to do the same: closing at once could destroy what it has not read yet.
    async fn linger(&mut self) {
        let farewell = async {
            (&self.stream).write_all(&self.unsent).await?;
            self.stream.get_ref().shutdown(Shutdown::Write)?;
            // What still comes is of no use, and there may be no end to it.
            while self.stream.read_with(|stream| self.discard(stream)).await? > 0 {
                future::yield_now().await;
            }
            Ok(())
        };
        let outcome: Option<io::Result<()>> = within(LINGER, farewell).await;
        if let Err(error) = outcome.unwrap_or(Err(ErrorKind::TimedOut.into())) {
            log::debug!("{:?} was not closed in good order: {error}", self.link);
        }
    }

    fn discard(&self, mut stream: &TcpStream) -> io::Result<usize> {
        stream.read(&mut self.hub.borrow_mut().scratch)
    }
}
