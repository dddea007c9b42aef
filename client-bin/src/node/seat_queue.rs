use std::collections::VecDeque;
use std::mem;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::ndjson::{Event, FileEntry};

/// Events that may wait for whoever runs the node, and their bytes, before links are left unread,
/// and commands that bring more of them. They are read again at half of that.
const MANY: usize = 1024;
const MANY_BYTES: usize = 8 * 1024 * 1024;

/// Events that may wait for a guest, and their bytes: more than everybody's presence and path, and
/// what a busy conversation brings while the guest is held up for some seconds.
const MAX_EVENTS: usize = 16 * 1024;
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// About what an event takes beside its texts.
const EVENT: usize = 256;

/// Says what happens when a reader does not keep up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// The node waits: this is whom it runs for, and who must not miss a message.
    Host,
    /// The reader is dropped: it must not hold up others.
    Guest,
}

/// Holds events on their way to one reader.
#[derive(Debug)]
pub(super) struct SeatQueue {
    pub(super) manner: Manner,
    events: VecDeque<Rc<Event<'static>>>,
    bytes: usize,
    /// Commands given from this seat whose outcome is open.
    pub(super) outstanding: usize,
    /// The seat has no more commands: it ends once nothing is outstanding.
    leaving: bool,
    /// Nothing more will come.
    ended: bool,
    /// More waits than whoever runs the node can be left with.
    crowded: bool,
    /// It has caught up since that was asked last.
    eased: bool,
    reader: Option<Waker>,
    /// Who waits to give a command.
    giver: Option<Waker>,
    /// Who waits for the end.
    mourner: Option<Waker>,
}

impl SeatQueue {
    pub(super) fn new(manner: Manner) -> Self {
        Self {
            manner,
            events: VecDeque::new(),
            bytes: 0,
            outstanding: 0,
            leaving: false,
            ended: false,
            crowded: false,
            eased: false,
            reader: None,
            giver: None,
            mourner: None,
        }
    }

    pub(super) fn push(&mut self, event: Rc<Event<'static>>) {
        if self.ended {
            return;
        }
        self.bytes += weight(&event);
        self.events.push_back(event);
        let full = self.events.len() > MAX_EVENTS || self.bytes > MAX_BYTES;
        self.crowded |= self.events.len() >= MANY || self.bytes >= MANY_BYTES;
        if full && self.manner == Manner::Guest {
            log::info!("an attached command does not read its events, and is dropped");
            // What it has missed cannot be made up for by what it would read now.
            self.events.clear();
            self.bytes = 0;
            self.events.push_back(Rc::new(too_slow()));
            self.end();
        }
        wake(&mut self.reader);
    }

    /// Ends the queue after the events in it: what comes later is not told.
    pub(super) fn end(&mut self) {
        self.ended = true;
        wake(&mut self.reader);
        wake(&mut self.mourner);
    }

    /// Ends the queue as soon as nothing is outstanding.
    pub(super) fn leave(&mut self) {
        self.leaving = true;
        wake(&mut self.reader);
    }

    pub(super) fn settle_one(&mut self) {
        self.outstanding = self.outstanding.saturating_sub(1);
        wake(&mut self.reader);
    }

    /// Takes out the next event; `None` after the last one.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Rc<Event<'static>>>> {
        match self.events.pop_front() {
            Some(event) => {
                self.bytes = self.bytes.saturating_sub(weight(&event));
                if self.crowded && self.events.len() <= MANY / 2 && self.bytes <= MANY_BYTES / 2 {
                    (self.crowded, self.eased) = (false, true);
                }
                Poll::Ready(Some(event))
            }
            None if self.ended || (self.leaving && self.outstanding == 0) => Poll::Ready(None),
            None => {
                self.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    pub(super) fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.ended {
            return Poll::Ready(());
        }
        self.mourner = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Wakes a task when a command may be given.
    pub(super) fn watch_for_room(&mut self, waker: &Waker) {
        self.giver = Some(waker.clone());
    }

    /// Wakes the task that waits to give a command.
    pub(super) fn wake_giver(&mut self) {
        wake(&mut self.giver);
    }

    /// Tells whether the node has to wait for the reader.
    pub(super) fn is_crowded(&self) -> bool {
        self.manner == Manner::Host && self.crowded
    }

    /// Tells, once, that the reader has caught up far enough for the node to go on.
    pub(super) fn has_eased(&mut self) -> bool {
        mem::take(&mut self.eased) && self.manner == Manner::Host
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = mem::take(waker) {
        waker.wake();
    }
}

fn too_slow() -> Event<'static> {
    Event::Error {
        code: "too_slow".into(),
        message: "events were not read fast enough, and later ones are lost; attach again and \
                  ask who is there"
            .into(),
        reference: None,
    }
}

/// Returns about how many bytes an event takes in memory.
fn weight(event: &Event<'_>) -> usize {
    EVENT
        + match event {
            Event::Message { name, text, .. } => name.len() + text.len(),
            Event::History { messages } => {
                messages.iter().map(|message| EVENT + message.text.len()).sum()
            }
            Event::Who { users } => users.len() * EVENT,
            Event::Error { message, .. } => message.len(),
            Event::Contact { name, .. } | Event::FileOffer { name, .. } => name.len(),
            Event::FileDone { name, path, .. } => name.len() + path.len(),
            Event::FileFailed { name, message, .. } => name.len() + message.len(),
            Event::Files { transfers, .. } => transfers.iter().map(file_weight).sum(),
            Event::KeyChanged { .. }
            | Event::Ready { .. }
            | Event::Presence { .. }
            | Event::Path { .. }
            | Event::State { .. }
            | Event::FileProgress { .. }
            | Event::Server { .. } => 0,
        }
}

fn file_weight(entry: &FileEntry<'_>) -> usize {
    EVENT + entry.name.len() + entry.path.as_ref().map_or(0, |path| path.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> Rc<Event<'static>> {
        let (code, message) = ("code".into(), text.to_owned().into());
        Rc::new(Event::Error { code, message, reference: None })
    }

    fn next(queue: &mut SeatQueue) -> Poll<Option<Rc<Event<'static>>>> {
        queue.poll_next(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_guest_that_does_not_read_is_told_and_dropped() {
        let text = "x".repeat(64 * 1024);
        for (text, enough) in [("", MAX_EVENTS + 1), (text.as_str(), MAX_BYTES / text.len() + 1)] {
            let mut queue = SeatQueue::new(Manner::Guest);
            for _ in 0..enough + 10 {
                queue.push(event(text));
            }
            assert_eq!(next(&mut queue), Poll::Ready(Some(Rc::new(too_slow()))));
            assert_eq!(next(&mut queue), Poll::Ready(None));
        }
    }

    #[test]
    fn a_host_is_waited_for() {
        let text = "x".repeat(64 * 1024);
        for (text, most) in [("", MANY), (text.as_str(), MANY_BYTES / text.len())] {
            let mut queue = SeatQueue::new(Manner::Host);
            let mut crowded_at = None;
            for _ in 0..MAX_EVENTS + 1 {
                queue.push(event(text));
                if queue.is_crowded() {
                    crowded_at.get_or_insert(queue.events.len());
                }
                assert_eq!(queue.is_crowded(), crowded_at.is_some());
            }
            let crowded_at = crowded_at.expect("crowded");
            assert!((most - 1..=most).contains(&crowded_at), "{crowded_at}");
            let mut eased_at = Vec::new();
            while next(&mut queue).is_ready() {
                let many = queue.events.len() > MANY / 2 || queue.bytes > MANY_BYTES / 2;
                assert_eq!(queue.is_crowded(), many);
                if queue.has_eased() {
                    eased_at.push(queue.events.len());
                }
            }
            assert!(matches!(eased_at[..], [at] if at + 1 >= most / 2), "{eased_at:?}");
            assert_eq!(queue.bytes, 0);
        }
    }

    #[test]
    fn whoever_leaves_learns_what_came_of_the_messages() {
        let mut queue = SeatQueue::new(Manner::Guest);
        queue.outstanding = 1;
        queue.leave();
        assert_eq!(next(&mut queue), Poll::Pending);
        queue.settle_one();
        queue.push(event("delivered"));
        assert_eq!(next(&mut queue), Poll::Ready(Some(event("delivered"))));
        assert_eq!(next(&mut queue), Poll::Ready(None));
    }
}
