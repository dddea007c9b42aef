use std::task::Waker;

use breeze_core::id::LinkId;

/// Holds what the hub has to tell the task of each connection.
#[derive(Debug, Default)]
pub struct Slots {
    slots: Vec<Slot>,
}

/// What one connection's task was told and not acted on yet.
#[derive(Debug, Default)]
struct Slot {
    link: Option<LinkId>,
    waker: Option<Waker>,
    /// The link has something to send.
    sends: bool,
    /// The link is gone.
    closed: bool,
}

impl Slots {
    /// Makes the slot of a new link.
    pub fn open(&mut self, link: LinkId) {
        if self.slots.len() <= link.slot() {
            self.slots.resize_with(link.slot() + 1, Slot::default);
        }
        self.slots[link.slot()] = Slot { link: Some(link), ..Slot::default() };
    }

    /// Tells a connection's task that there is something to send.
    pub fn announce(&mut self, link: LinkId) {
        self.tell(link, |slot| slot.sends = true);
    }

    /// Tells a connection's task that the link is gone.
    pub fn close(&mut self, link: LinkId) {
        self.tell(link, |slot| slot.closed = true);
    }

    fn tell(&mut self, link: LinkId, what: impl FnOnce(&mut Slot)) {
        if let Some(slot) = self.slot(link) {
            what(slot);
            if let Some(waker) = slot.waker.take() {
                waker.wake();
            }
        }
    }

    /// Wakes the tasks of all connections.
    pub fn wake_all(&mut self) {
        for waker in self.slots.iter_mut().filter_map(|slot| slot.waker.take()) {
            waker.wake();
        }
    }

    /// Keeps whom to wake when there is something to tell.
    pub fn watch(&mut self, link: LinkId, waker: &Waker) {
        if let Some(slot) = self.slot(link) {
            match &mut slot.waker {
                Some(known) => known.clone_from(waker),
                none => *none = Some(waker.clone()),
            }
        }
    }

    pub(super) fn sends(&mut self, link: LinkId) -> bool {
        self.slot(link).is_some_and(|slot| slot.sends)
    }

    /// Notes that a link has nothing more to send for now.
    pub(super) fn sent_all(&mut self, link: LinkId) {
        if let Some(slot) = self.slot(link) {
            slot.sends = false;
        }
    }

    /// Tells whether the link is gone; so it is once its slot has another.
    pub fn is_closed(&mut self, link: LinkId) -> bool {
        self.slot(link).is_none_or(|slot| slot.closed)
    }

    fn slot(&mut self, link: LinkId) -> Option<&mut Slot> {
        self.slots.get_mut(link.slot()).filter(|slot| slot.link == Some(link))
    }
}
