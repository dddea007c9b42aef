use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown};

use async_io::Async;
use mio::event::Event;
use mio::net::TcpStream;

/// A read that fills less than its buffer was all there was (`epoll(7)`); elsewhere one more has to
/// say that there is nothing.
const SHORT_READ_IS_ALL: bool = cfg!(target_os = "linux");

/// Is one connection's socket, with what the system has said of it.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) stream: TcpStream,
    ready: Ready,
}

/// Says what a socket is ready for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ready {
    readable: bool,
    writable: bool,
    /// The other side sends no more: what ends what there is to read is its end.
    ends: bool,
}

impl From<&Event> for Ready {
    fn from(event: &Event) -> Self {
        Self {
            readable: event.is_readable() || event.is_error(),
            writable: event.is_writable() || event.is_error(),
            ends: event.is_read_closed() || event.is_error(),
        }
    }
}

impl Socket {
    pub(super) fn new(stream: Async<std::net::TcpStream>) -> io::Result<Self> {
        let stream = TcpStream::from_std(stream.into_inner()?);
        // There may be something already: the first try tells.
        Ok(Self { stream, ready: Ready { readable: true, writable: true, ends: false } })
    }

    /// Takes in what the system says of it.
    pub(super) fn note(&mut self, ready: Ready) {
        self.ready.readable |= ready.readable;
        self.ready.writable |= ready.writable;
        self.ready.ends |= ready.ends;
    }

    /// Tells whether there may be something to read.
    pub(super) fn is_readable(&self) -> bool {
        self.ready.readable
    }

    /// Reads what is there, 0 bytes at its end; none if there is nothing now.
    pub(super) fn read(&mut self, buf: &mut [u8]) -> io::Result<Option<usize>> {
        while self.ready.readable {
            match self.stream.read(buf) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.ready.readable = false,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => {
                    let count = outcome?;
                    let is_all = count < buf.len() && SHORT_READ_IS_ALL && !self.ready.ends;
                    self.ready.readable = !is_all;
                    return Ok(Some(count));
                }
            }
        }
        Ok(None)
    }

    /// Writes what there is room for.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        while self.ready.writable {
            match self.stream.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.ready.writable = false,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => return outcome,
            }
        }
        Ok(0)
    }

    /// Says that nothing more is written.
    pub(super) fn shutdown(&self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    /// Returns at which address of this machine it ends, as far as that is known.
    pub(super) fn local(&self) -> Option<IpAddr> {
        self.stream.local_addr().ok().map(|addr| addr.ip().to_canonical())
    }
}
