use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use crate::ndjson::Event;

/// Events that may wait for their reader before links are left unread.
const MANY: usize = 1024;

/// Holds events on their way to whoever reads them.
#[derive(Debug, Default)]
pub(super) struct EventQueue {
    events: VecDeque<Event<'static>>,
    reader: Option<Waker>,
    /// Nothing more will come.
    ended: bool,
}

impl EventQueue {
    pub(super) fn push(&mut self, event: Event<'static>) {
        if !self.ended {
            self.events.push_back(event);
            self.wake();
        }
    }

    /// Ends the queue after the events in it: what comes later is not told.
    pub(super) fn end(&mut self) {
        self.ended = true;
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    /// Takes out the next event; `None` after the last one.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Event<'static>>> {
        match self.events.pop_front() {
            Some(event) => Poll::Ready(Some(event)),
            None if self.ended => Poll::Ready(None),
            None => {
                self.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Tells whether the reader does not keep up.
    pub(super) fn is_crowded(&self) -> bool {
        self.events.len() >= MANY
    }

    /// Tells whether the reader has just caught up far enough for links to be read again.
    pub(super) fn has_eased(&self) -> bool {
        self.events.len() == MANY / 2
    }
}
