use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::rc::Rc;
use std::task::{Context, Poll};

use async_io::Async;
use mio::net::TcpStream;

use super::reactor::{Reactor, Readiness};

/// A read that fills less than its buffer was all there was (`epoll(7)`); elsewhere one more has to
/// say that there is nothing.
const SHORT_READ_IS_ALL: bool = cfg!(target_os = "linux");

/// Is one connection's socket, which the reactor of its thread watches.
pub(super) struct Socket {
    stream: TcpStream,
    readiness: Rc<Readiness>,
    reactor: Rc<Reactor>,
    number: usize,
}

impl Socket {
    /// Has a connection watched by the reactor that runs on this thread.
    pub(super) fn new(stream: Async<std::net::TcpStream>) -> io::Result<Self> {
        let reactor = Reactor::current()?;
        let mut stream = TcpStream::from_std(stream.into_inner()?);
        let readiness = Rc::<Readiness>::default();
        // There may be something already: the first try tells.
        readiness.readable.set(true);
        readiness.writable.set(true);
        let number = reactor.watch(&mut stream, readiness.clone())?;
        Ok(Self { stream, readiness, reactor, number })
    }

    /// Reads what is there, 0 bytes at its end; has the task woken when there is something.
    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if !self.readiness.readable.get() {
            self.watch(cx);
            return Poll::Pending;
        }
        loop {
            match (&self.stream).read(buf) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.readiness.readable.set(false);
                    self.watch(cx);
                    return Poll::Pending;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => {
                    let all = outcome.as_ref().is_ok_and(|count| *count < buf.len());
                    let ends = self.readiness.ends.get();
                    self.readiness.readable.set(!(all && SHORT_READ_IS_ALL && !ends));
                    return Poll::Ready(outcome);
                }
            }
        }
    }

    /// Writes what there is room for; has the task woken when there is some.
    pub(super) fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if !self.readiness.writable.get() {
            self.watch(cx);
            return Poll::Pending;
        }
        loop {
            match (&self.stream).write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.readiness.writable.set(false);
                    self.watch(cx);
                    return Poll::Pending;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => return Poll::Ready(outcome),
            }
        }
    }

    /// Says that nothing more is written.
    pub(super) fn shutdown(&self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    fn watch(&self, cx: &Context<'_>) {
        let mut task = self.readiness.task.borrow_mut();
        match &mut *task {
            Some(known) => known.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.reactor.forget(&mut self.stream, self.number);
    }
}
