use std::net::IpAddr;
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
    /// This end of the connection, once there is one.
    local: Option<IpAddr>,
    /// The connection is of no use any more.
    broken: bool,
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

    /// Keeps at which address of this machine a link's connection ends.
    pub(super) fn place(&mut self, link: LinkId, local: Option<IpAddr>) {
        if let Some(slot) = self.slot(link) {
            slot.local = local;
        }
    }

    /// Breaks the connections that end at addresses which this machine does not have any more:
    /// nothing comes to them, and the system does not say so.
    pub fn break_all_but(&mut self, addresses: &[IpAddr]) {
        for slot in &mut self.slots {
            if slot.local.is_some_and(|local| !addresses.contains(&local)) {
                slot.broken = true;
                if let Some(waker) = slot.waker.take() {
                    waker.wake();
                }
            }
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

    /// Tells whether the link's connection is to be given up.
    pub(super) fn is_broken(&mut self, link: LinkId) -> bool {
        self.slot(link).is_some_and(|slot| slot.broken)
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

    impl Count {
        fn get(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    fn link(slot: u64, generation: u64) -> LinkId {
        LinkId::from_bits(generation << 32 | slot)
    }

    #[test]
    fn what_is_told_wakes_that_one_task() {
        let mut slots = Slots::default();
        let counts = [Arc::<Count>::default(), Arc::default()];
        for (slot, count) in (0..).zip(&counts) {
            slots.open(link(slot, 1));
            slots.watch(link(slot, 1), &count.clone().into());
        }
        slots.announce(link(1, 1));
        assert_eq!(counts.each_ref().map(|count| count.get()), [0, 1]);
        assert!(slots.sends(link(1, 1)) && !slots.sends(link(0, 1)));

        // A task that has not looked yet is not woken again.
        slots.close(link(1, 1));
        assert_eq!(counts[1].get(), 1);
        assert!(slots.is_closed(link(1, 1)) && !slots.is_closed(link(0, 1)));

        slots.watch(link(1, 1), &counts[1].clone().into());
        slots.wake_all();
        slots.wake_all();
        assert_eq!(counts.each_ref().map(|count| count.get()), [1, 2]);

        slots.sent_all(link(1, 1));
        assert!(!slots.sends(link(1, 1)));
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
    fn connections_of_addresses_that_are_gone_break() {
        let ips = [1, 2, 3].map(|n| IpAddr::from([192, 0, 2, n]));
        let mut slots = Slots::default();
        let counts = [Arc::<Count>::default(), Arc::default(), Arc::default()];
        for ((slot, local), count) in (0..).zip([Some(ips[0]), Some(ips[1]), None]).zip(&counts) {
            slots.open(link(slot, 1));
            slots.place(link(slot, 1), local);
            slots.watch(link(slot, 1), &count.clone().into());
        }
        slots.break_all_but(&ips[1..]);
        assert_eq!([0, 1, 2].map(|slot| slots.is_broken(link(slot, 1))), [true, false, false]);
        assert_eq!(counts.each_ref().map(|count| count.get()), [1, 0, 0]);
        slots.open(link(0, 2));
        assert!(!slots.is_broken(link(0, 2)), "its successor has a connection of its own");
    }

    #[test]
    fn a_link_that_was_never_opened_is_closed() {
        let mut slots = Slots::default();
        slots.announce(link(7, 1));
        assert!(slots.is_closed(link(7, 1)) && !slots.sends(link(7, 1)));
    }
}
