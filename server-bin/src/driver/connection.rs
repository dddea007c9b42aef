use std::io;

use breeze_core::id::LinkId;
use breeze_core::time::Instant;

use super::socket::Socket;

/// Reads that one connection makes in a row, at its end, before others have their turn.
const TURNS: usize = 8;

/// Is one link's byte pipe.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) link: LinkId,
    pub(super) socket: Socket,
    /// It is of no use any more.
    pub(super) is_broken: bool,
    /// What few connections have at a time.
    rest: Option<Box<Rest>>,
}

/// What a connection has yet to do.
#[derive(Debug, Default)]
struct Rest {
    /// Bytes received that are no whole frame yet.
    received: Vec<u8>,
    /// Bytes taken for sending that the socket had no room for.
    unsent: Vec<u8>,
    /// How long it waits for the other side to read why it was closed, if it was.
    farewell: Option<Farewell>,
}

#[derive(Debug)]
struct Farewell {
    deadline: Instant,
    /// All is sent, and that nothing follows.
    said: bool,
}

/// What became of a try to read or to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// There may be more to do at once.
    Again,
    /// The socket, or the state machine, has nothing to do.
    Idle,
    /// The connection is over.
    Over,
}

impl Connection {
    pub(super) fn new(link: LinkId, socket: Socket) -> Self {
        Self { link, socket, is_broken: false, rest: None }
    }

    /// Puts the bytes that are no whole frame yet at the front of a buffer, and returns their number.
    pub(super) fn recall(&self, buf: &mut [u8]) -> usize {
        let held = self.rest.as_ref().map_or(&[][..], |rest| &rest.received);
        buf[..held.len()].copy_from_slice(held);
        held.len()
    }

    /// Keeps the bytes that are no whole frame yet, in place of those that it had.
    pub(super) fn keep(&mut self, received: &[u8]) {
        if self.rest.is_some() || !received.is_empty() {
            let held = &mut self.rest.get_or_insert_default().received;
            held.clear();
            held.extend_from_slice(received);
            self.tidy();
        }
    }

    /// Tells whether there are bytes that the socket had no room for.
    pub(super) fn has_unsent(&self) -> bool {
        self.rest.as_ref().is_some_and(|rest| !rest.unsent.is_empty())
    }

    /// Sends bytes, and keeps those for which there is no room.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let count = self.socket.write(bytes)?;
        if count < bytes.len() {
            self.rest.get_or_insert_default().unsent.extend_from_slice(&bytes[count..]);
        }
        Ok(())
    }

    /// Sends what there was no room for; returns whether that is all of it.
    pub(super) fn flush(&mut self) -> io::Result<bool> {
        let Some(rest) = &mut self.rest else { return Ok(true) };
        while !rest.unsent.is_empty() {
            let count = self.socket.write(&rest.unsent)?;
            if count == 0 {
                return Ok(false);
            }
            rest.unsent.drain(..count);
        }
        self.tidy();
        Ok(true)
    }

    /// Returns how long it lingers, if it does.
    pub(super) fn lingers_until(&self) -> Option<Instant> {
        Some(self.rest.as_ref()?.farewell.as_ref()?.deadline)
    }

    /// Begins to wait until the other side has read why it is closed.
    pub(super) fn begin_farewell(&mut self, deadline: Instant) {
        self.rest.get_or_insert_default().farewell = Some(Farewell { deadline, said: false });
    }

    /// Sends what was taken for sending, says that no more follows, and waits for the other side to do
    /// the same: closing at once could destroy what it has not read yet.
    pub(super) fn linger(&mut self, scratch: &mut [u8]) -> io::Result<Step> {
        if !self.flush()? {
            return Ok(Step::Idle);
        }
        if let Some(Rest { farewell: Some(farewell), .. }) = self.rest.as_deref_mut()
            && !std::mem::replace(&mut farewell.said, true)
        {
            self.socket.shutdown()?;
        }
        // What still comes is of no use, and there may be no end to it.
        for _ in 0..TURNS {
            match self.socket.read(scratch)? {
                Some(0) => return Ok(Step::Over),
                Some(_) => {}
                None => return Ok(Step::Idle),
            }
        }
        Ok(Step::Again)
    }

    /// Gives memory back that is not needed any more.
    fn tidy(&mut self) {
        if let Some(Rest { received, unsent, farewell: None }) = self.rest.as_deref()
            && received.is_empty()
            && unsent.is_empty()
        {
            self.rest = None;
        }
    }
}
