use alloc::boxed::Box;
use slab::Slab;

use super::link::{Link, Phase};
use super::send_queue::{SendQueue, Spare};
use super::timers::{NOWHERE, Timers};
use crate::id::{Endpoint, LinkId};
use crate::limits::{ALL_QUEUES, LEAN_QUEUE, SESSION_QUEUE};
use crate::noise::Handshake;
use crate::session::Session;
use crate::time::{Instant, Span};

/// Holds the links of a server, found by their id in constant time.
pub(super) struct Links {
    slots: Slab<Link>,
    timers: Timers,
    /// Links made so far.
    made: u32,
    /// Bytes of memory that the queues of all links take.
    queued: usize,
    /// Memory for the next queues.
    spare: Spare,
}

impl Links {
    pub(super) const fn new() -> Self {
        Self { slots: Slab::new(), timers: Timers::new(), made: 0, queued: 0, spare: Spare::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn insert(
        &mut self,
        addr: Endpoint,
        session: Session<Box<Handshake>>,
        since: Instant,
        patience: Span,
    ) -> LinkId {
        self.made = self.made.wrapping_add(1);
        let entry = self.slots.vacant_entry();
        let id = LinkId::new(entry.key() as u32, self.made);
        entry.insert(Link {
            id,
            addr,
            session: Box::new(session),
            phase: Phase::Starting,
            stranger: None,
            since,
            patience,
            armed: Instant::NEVER,
            place: NOWHERE,
            queue: SendQueue::default(),
            pong: false,
            announced: false,
        });
        id
    }

    pub(super) fn get(&self, id: LinkId) -> Option<&Link> {
        self.slots.get(id.slot()).filter(|link| link.id == id)
    }

    pub(super) fn get_mut(&mut self, id: LinkId) -> Option<&mut Link> {
        self.slots.get_mut(id.slot()).filter(|link| link.id == id)
    }

    pub(super) fn remove(&mut self, id: LinkId) -> Option<Link> {
        self.get(id)?;
        self.timers.disarm(&mut self.slots, id.slot());
        let link = self.slots.try_remove(id.slot())?;
        link.queue.discount(&mut self.queued);
        Some(link)
    }

    /// Sets a link's timer, unless it is set early enough: traffic, which only ever moves the
    /// deadline later, costs nothing here.
    pub(super) fn rearm(&mut self, id: LinkId) {
        let Some(link) = self.get(id) else { return };
        let at = link.deadline();
        if at < link.armed {
            self.timers.arm(&mut self.slots, id.slot(), at);
        }
    }

    /// Returns the time of the next timer.
    pub(super) fn next_timer(&self) -> Instant {
        self.timers.first().map_or(Instant::NEVER, |slot| self.slots[slot].armed)
    }

    /// Takes out the first link whose time has come.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<LinkId> {
        let slot = self.timers.first()?;
        let Link { id, armed, .. } = self.slots[slot];
        if armed > now {
            return None;
        }
        self.timers.disarm(&mut self.slots, slot);
        Some(id)
    }

    /// Returns a link, with memory for what is to be queued for it, if there is some to spare.
    pub(super) fn furnish(&mut self, id: LinkId) -> Option<&mut Link> {
        let link = self.slots.get_mut(id.slot()).filter(|link| link.id == id)?;
        link.queue.take(&mut self.spare);
        Some(link)
    }

    /// Counts what the queue of a link takes, after it may have grown, and tells whether the host has
    /// yet to hear that there is something to send.
    pub(super) fn announce(&mut self, id: LinkId) -> bool {
        let Some(link) = self.slots.get_mut(id.slot()).filter(|link| link.id == id) else {
            return false;
        };
        link.queue.count(&mut self.queued);
        !core::mem::replace(&mut link.announced, true)
    }

    /// Counts what the queue of a link takes, after some of it was sent, and takes its memory back if
    /// nothing is left.
    pub(super) fn tidy(&mut self, id: LinkId) {
        let Some(link) = self.slots.get_mut(id.slot()).filter(|link| link.id == id) else { return };
        link.queue.count(&mut self.queued);
        link.queue.release(&mut self.queued, &mut self.spare);
    }

    /// Returns how much may wait for a session now.
    pub(super) fn queue_limit(&self) -> usize {
        if self.queued < ALL_QUEUES { SESSION_QUEUE } else { LEAN_QUEUE }
    }

    /// Returns how many timers are set.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn timers(&self) -> usize {
        self.timers.len()
    }

    /// Tells whether a link's timer is set, and in its place.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn is_armed(&self, id: LinkId) -> bool {
        self.get(id)
            .is_some_and(|link| link.armed.is_set() && self.timers.has(id.slot(), link.place))
    }

    /// Goes through all links in the order of their slots.
    pub(super) fn ids(&self) -> impl Iterator<Item = LinkId> {
        self.slots.iter().map(|(_, link)| link.id)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::noise::Identity;
    use crate::wire::Hello;

    fn insert(links: &mut Links) -> LinkId {
        let session = Session::listener(&Identity::from_secret([1; 32]), [2; 32], Hello::HOST);
        let addr = Endpoint::new(([192, 0, 2, 1], 7).into());
        links.insert(addr, session, Instant::ZERO, Span::from_millis(0))
    }

    /// The links come out as in a sorted list, however their timers are set and taken away.
    #[test]
    fn timers_come_in_order() {
        let mut links = Links::new();
        let mut sorted = Vec::new();
        let ids: Vec<_> = (0..40).map(|_| insert(&mut links)).collect();
        let mut random = 1_u32;
        for round in 0..2000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let id = ids[(random >> 16) as usize % ids.len()];
            let at = Instant::from_millis(u64::from(random >> 24));
            links.get_mut(id).expect("a link").since = at;
            match sorted.iter().position(|(_, other)| *other == id) {
                Some(place) if sorted[place].0 <= at => {}
                Some(place) => sorted[place].0 = at,
                None => sorted.push((at, id)),
            }
            links.rearm(id);
            sorted.sort();
            assert_eq!(links.next_timer(), sorted[0].0);
            if round % 3 == 0 {
                let (at, id) = sorted.remove(0);
                assert_eq!(links.pop_due(at), Some(id));
            }
        }
        let (_, gone) = sorted.remove(sorted.len() / 2);
        links.remove(gone);
        for (at, id) in sorted {
            let before = Instant::from_millis(at.as_millis().saturating_sub(1));
            assert!(before == at || links.pop_due(before).is_none());
            assert_eq!(links.pop_due(at), Some(id));
        }
        assert_eq!((links.next_timer(), links.timers.len()), (Instant::NEVER, 0));
    }

    #[test]
    fn queues_are_short_while_they_take_much_together() {
        let mut links = Links::new();
        let [one, two] = [insert(&mut links), insert(&mut links)];
        assert_eq!(links.queue_limit(), SESSION_QUEUE);
        for id in [one, two] {
            links.get_mut(id).expect("a link").queue.reserve(ALL_QUEUES / 2);
            assert!(links.announce(id), "the first time");
            assert!(!links.announce(id), "the host knows");
        }
        assert_eq!(links.queue_limit(), LEAN_QUEUE);
        links.remove(one);
        assert_eq!(links.queue_limit(), SESSION_QUEUE);
        links.tidy(two);
        links.tidy(one);
        assert_eq!(links.queued, 0);
        assert_eq!(links.spare.memory(), 0, "it was too large to be kept");
        links.get_mut(two).expect("a link").queue.reserve(100);
        links.tidy(two);
        assert_eq!((links.queued, links.spare.memory()), (0, 100));
        links.furnish(two).expect("a link");
        links.announce(two);
        assert_eq!((links.queued, links.spare.memory()), (100, 0));
        links.remove(two);
        assert_eq!(links.queued, 0);
    }
}
