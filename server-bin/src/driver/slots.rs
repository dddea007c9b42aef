use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::Waker;

use breeze_core::id::LinkId;

use super::socket::Ready;
use super::turns::Turns;

/// Holds what a machine has said of each link and was not acted on yet.
#[derive(Debug, Default)]
pub struct Slots {
    slots: Vec<Slot>,
    /// Who waits for links that are yet to have a connection.
    dials: BTreeMap<LinkId, Waker>,
    turns: Rc<Turns>,
}

#[derive(Debug, Default)]
struct Slot {
    link: Option<LinkId>,
    /// The number of its connection, once there is one.
    connection: Option<u32>,
    /// The link has something to send.
    sends: bool,
    /// The link is gone.
    closed: bool,
}

impl Slots {
    pub(super) fn new(turns: Rc<Turns>) -> Self {
        Self { turns, ..Self::default() }
    }

    /// Makes the slot of a new link.
    pub fn open(&mut self, link: LinkId) {
        if self.slots.len() <= link.slot() {
            self.slots.resize_with(link.slot() + 1, Slot::default);
        }
        let opened = Slot { link: Some(link), ..Slot::default() };
        if let Some(before) = std::mem::replace(&mut self.slots[link.slot()], opened).link {
            self.dials.remove(&before);
        }
    }

    /// Takes in that there is something to send on a link.
    pub fn announce(&mut self, link: LinkId) {
        self.tell(link, |slot| !std::mem::replace(&mut slot.sends, true));
    }

    /// Takes in that a link is gone.
    pub fn close(&mut self, link: LinkId) {
        self.tell(link, |slot| !std::mem::replace(&mut slot.closed, true));
        if let Some(waker) = self.dials.remove(&link) {
            waker.wake();
        }
    }

    /// Gives all connections a turn.
    pub fn wake_all(&mut self) {
        for connection in self.slots.iter().filter_map(|slot| slot.connection) {
            self.turns.push(connection as usize, Ready::default());
        }
    }

    /// Keeps whom to wake when a link is gone that is yet to have a connection.
    pub(super) fn watch(&mut self, link: LinkId, dial: &Waker) {
        self.dials.insert(link, dial.clone());
    }

    /// Takes in that a link has a connection.
    pub(super) fn connect(&mut self, link: LinkId, connection: usize) {
        self.dials.remove(&link);
        if let Some(slot) = self.slot(link) {
            slot.connection = u32::try_from(connection).ok();
        }
    }

    /// Takes in that a link's connection has ended.
    pub(super) fn disconnect(&mut self, link: LinkId) {
        if let Some(slot) = self.slot(link) {
            slot.connection = None;
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

    /// Notes something of a link, and gives its connection a turn if that is news.
    fn tell(&mut self, link: LinkId, note: impl FnOnce(&mut Slot) -> bool) {
        if let Some(slot) = self.slot(link)
            && note(slot)
            && let Some(connection) = slot.connection
        {
            self.turns.push(connection as usize, Ready::default());
        }
    }

    fn slot(&mut self, link: LinkId) -> Option<&mut Slot> {
        self.slots.get_mut(link.slot()).filter(|slot| slot.link == Some(link))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    /// Counts how often it is woken.
    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn link(slot: u64, generation: u64) -> LinkId {
        LinkId::from_bits(generation << 32 | slot)
    }

    fn turns(slots: &Slots) -> Vec<usize> {
        std::iter::from_fn(|| slots.turns.pop()).map(|turn| turn.connection).collect()
    }

    #[test]
    fn what_is_told_gives_that_one_connection_a_turn() {
        let mut slots = Slots::default();
        for slot in 0..2 {
            slots.open(link(slot, 1));
            slots.connect(link(slot, 1), slot as usize + 10);
        }
        let count = Arc::<Count>::default();
        slots.turns.watch(&count.clone().into());
        slots.announce(link(1, 1));
        assert!(slots.sends(link(1, 1)) && !slots.sends(link(0, 1)));
        // What is known is no news.
        slots.announce(link(1, 1));
        assert_eq!(turns(&slots), [11]);
        slots.close(link(1, 1));
        slots.close(link(1, 1));
        assert_eq!(turns(&slots), [11]);
        assert!(slots.is_closed(link(1, 1)) && !slots.is_closed(link(0, 1)));
        assert_eq!(count.0.load(Ordering::Relaxed), 1, "who has not looked yet is not woken again");

        slots.sent_all(link(1, 1));
        assert!(!slots.sends(link(1, 1)));
        slots.wake_all();
        assert_eq!(turns(&slots), [10, 11]);
        slots.disconnect(link(1, 1));
        slots.announce(link(1, 1));
        assert_eq!(turns(&slots), [0; 0]);
    }

    #[test]
    fn who_dials_hears_that_the_link_is_gone() {
        let mut slots = Slots::default();
        slots.open(link(1, 1));
        let count = Arc::<Count>::default();
        slots.watch(link(1, 1), &count.clone().into());
        slots.announce(link(1, 1));
        assert_eq!(count.0.load(Ordering::Relaxed), 0);
        slots.close(link(1, 1));
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_successor_hears_nothing_of_what_its_predecessor_is_told() {
        let mut slots = Slots::default();
        slots.open(link(3, 1));
        slots.announce(link(3, 1));
        slots.open(link(3, 2));
        assert!(slots.is_closed(link(3, 1)));
        assert!(!slots.sends(link(3, 2)) && !slots.is_closed(link(3, 2)));
        slots.announce(link(3, 1));
        slots.close(link(3, 1));
        assert!(!slots.sends(link(3, 2)) && !slots.is_closed(link(3, 2)));
    }

    #[test]
    fn a_link_that_was_never_opened_is_closed() {
        let mut slots = Slots::default();
        slots.announce(link(7, 1));
        assert!(slots.is_closed(link(7, 1)) && !slots.sends(link(7, 1)));
    }
}
