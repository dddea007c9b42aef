use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use breeze_server::driver::within;
use smol::channel::{self, Receiver, Sender};
use smol::future;

use super::no_event::NoEvent;

/// Events that wait for the host here. Behind them they wait in the node, which leaves its links unread
/// once too many do.
const EVENTS: usize = 256;

/// Holds events, as lines, on their way from the node's thread to its host's.
pub(super) struct Mailbox {
    events: Receiver<String>,
    /// Has a byte for each event that waits: what the host polls.
    bell: PipeReader,
    /// The next event, which the host had no room for.
    held: Mutex<Option<String>>,
}

/// Is the node's end of a mailbox. Without it there are no more events.
pub(super) struct Post {
    events: Sender<String>,
    bell: PipeWriter,
}

impl Mailbox {
    /// Makes an empty mailbox.
    pub(super) fn new() -> std::io::Result<(Self, Post)> {
        let (reader, writer) = pipe()?;
        let (sender, receiver) = channel::bounded(EVENTS);
        let mailbox = Self { events: receiver, bell: reader, held: Mutex::new(None) };
        Ok((mailbox, Post { events: sender, bell: writer }))
    }

    /// Takes the next event if it has at most `room` bytes, and waits for it, no longer than `limit` if
    /// there is one.
    pub(super) fn next(&self, limit: Option<Duration>, room: usize) -> Result<String, NoEvent> {
        // Nothing is left half done in there.
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let event = match held.take() {
            Some(event) => event,
            None => self.receive(limit)?,
        };
        if event.len() > room {
            let len = event.len();
            *held = Some(event);
            return Err(NoEvent::TooLong(len));
        }
        // It was put there before the event was.
        let _ = (&self.bell).read(&mut [0]);
        Ok(event)
    }

    fn receive(&self, limit: Option<Duration>) -> Result<String, NoEvent> {
        let received = match limit {
            None => Some(self.events.recv_blocking()),
            Some(limit) => future::block_on(within(limit, self.events.recv())),
        };
        match received {
            None => Err(NoEvent::TimedOut),
            Some(Ok(event)) => Ok(event),
            Some(Err(_)) => Err(NoEvent::Ended),
        }
    }

    /// Takes nothing more: whoever waits to put an event there goes on.
    pub(super) fn close(&self) {
        self.events.close();
    }

    /// Returns what is readable while an event waits, and once no more will come.
    #[cfg(unix)]
    pub(super) fn bell(&self) -> std::os::fd::RawFd {
        std::os::fd::AsRawFd::as_raw_fd(&self.bell)
    }
}

impl Post {
    /// Waits for room and puts an event there. Returns whether anybody wants it.
    pub(super) async fn put(&self, event: String) -> bool {
        self.ring();
        self.events.send(event).await.is_ok()
    }

    /// Puts an event there if there is room. Returns whether there was.
    pub(super) fn try_put(&self, event: String) -> bool {
        self.ring();
        self.events.try_send(event).is_ok()
    }

    fn ring(&self) {
        // A pipe holds far more bytes than there is room for events, and one event waits for room. If
        // the host is gone nobody listens.
        let _ = (&self.bell).write(&[1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_order_and_wait_for_room() {
        let (mailbox, post) = Mailbox::new().expect("a mailbox");
        assert_eq!(mailbox.next(Some(Duration::ZERO), 10), Err(NoEvent::TimedOut));
        for text in ["first", "second"] {
            assert!(post.try_put(text.into()));
        }
        assert_eq!(mailbox.next(None, 4), Err(NoEvent::TooLong(5)));
        assert_eq!(mailbox.next(None, 4), Err(NoEvent::TooLong(5)), "it stays");
        assert_eq!(mailbox.next(None, 5), Ok("first".into()));
        drop(post);
        assert_eq!(mailbox.next(None, 10), Ok("second".into()));
        assert_eq!(mailbox.next(None, 10), Err(NoEvent::Ended));
        assert_eq!(mailbox.next(Some(Duration::MAX), 10), Err(NoEvent::Ended));
    }

    #[test]
    fn there_is_a_bound_and_whoever_waits_is_let_go() {
        let (mailbox, post) = Mailbox::new().expect("a mailbox");
        for n in 0..EVENTS {
            assert!(post.try_put(n.to_string()));
        }
        assert!(!post.try_put("one more".into()));
        let waiter = std::thread::spawn(move || future::block_on(post.put("later".into())));
        assert_eq!(mailbox.next(None, 10), Ok("0".into()));
        assert!(waiter.join().expect("no panic"));
        mailbox.close();
    }
}
