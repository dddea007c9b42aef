use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::time::Duration;

use breeze_server::driver::within;
use smol::channel::{self, Receiver, Sender};
use smol::future;
use smol::lock::Mutex;

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
    /// there is one. That holds too for those who wait until others have taken theirs.
    pub(super) fn next(&self, limit: Option<Duration>, room: usize) -> Result<String, NoEvent> {
        let taking = self.take(room);
        match limit {
            None => future::block_on(taking),
            Some(limit) => {
                future::block_on(within(limit, taking)).unwrap_or(Err(NoEvent::TimedOut))
            }
        }
    }

    /// Dropping the future loses no event.
    async fn take(&self, room: usize) -> Result<String, NoEvent> {
        let mut held = self.held.lock().await;
        let event = match held.take() {
            Some(event) => event,
            None => self.events.recv().await.map_err(|_| NoEvent::Ended)?,
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
    /// Waits for room and puts an event there, unless nobody takes any more.
    pub(super) async fn put(&self, event: String) {
        if self.events.is_closed() {
            return;
        }
        // A pipe holds far more bytes than there is room for events, and one event waits for room. If
        // the host is gone nobody listens.
        let _ = (&self.bell).write(&[1]);
        let _ = self.events.send(event).await;
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::thread;
    use std::time::Instant;

    use super::*;

    /// Waits until a condition holds that another thread brings about.
    pub(in super::super) fn until(holds: impl Fn() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < Duration::from_secs(20), "waited in vain");
            thread::yield_now();
        }
    }

    fn put(post: &Post, event: &str) {
        future::block_on(post.put(event.into()));
    }

    #[test]
    fn events_come_in_order_and_wait_for_room() {
        let (mailbox, post) = Mailbox::new().expect("a mailbox");
        assert_eq!(mailbox.next(Some(Duration::ZERO), 10), Err(NoEvent::TimedOut));
        for text in ["first", "second"] {
            put(&post, text);
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
            put(&post, &n.to_string());
        }
        let one_more = future::block_on(future::poll_once(post.put("one more".into())));
        assert_eq!(one_more, None, "it waits");
        let waiter = thread::spawn(move || {
            put(&post, "later");
            put(&post, "last");
        });
        assert_eq!(mailbox.next(None, 10), Ok("0".into()));
        mailbox.close();
        waiter.join().expect("no panic");
    }

    /// Whoever had no time had to wait for another's turn all the same, which may never end.
    #[test]
    fn nobody_waits_longer_than_allowed_for_another() {
        let (mailbox, post) = Mailbox::new().expect("a mailbox");
        thread::scope(|scope| {
            let waiter = scope.spawn(|| mailbox.next(None, 10));
            until(|| mailbox.held.try_lock().is_none());
            assert_eq!(mailbox.next(Some(Duration::ZERO), 10), Err(NoEvent::TimedOut));
            put(&post, "for it");
            assert_eq!(waiter.join().expect("no panic"), Ok("for it".into()));
        });
    }
}
