use core::net::SocketAddr;

use alloc::boxed::Box;
use slab::Slab;

use super::link::{Link, Phase};
use super::send_queue::{SendQueue, Spare};
use crate::id::LinkId;
use crate::keepalive::KeepAlive;
use crate::limits::{ALL_QUEUES, LEAN_QUEUE, SESSION_QUEUE};
use crate::noise::Handshake;
use crate::session::Session;
use crate::time::Instant;

/// Holds the links of a server, found by their id in constant time.
pub(super) struct Links {
    slots: Slab<Link>,
    /// Links made so far.
    made: u32,
    /// Bytes of memory that the queues of all links take.
    queued: usize,
    /// Memory for the next queues.
    spare: Spare,
}

impl Links {
    pub(super) const fn new() -> Self {
        Self { slots: Slab::new(), made: 0, queued: 0, spare: Spare::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn insert(
        &mut self,
        addr: SocketAddr,
        session: Session<Box<Handshake>>,
        phase: Phase,
        alive: KeepAlive,
    ) -> LinkId {
        self.made = self.made.wrapping_add(1);
        let entry = self.slots.vacant_entry();
        let id = LinkId::new(entry.key() as u32, self.made);
        entry.insert(Link {
            id,
            addr,
            session: Box::new(session),
            phase,
            stranger: None,
            alive,
            armed: Instant::NEVER,
            queue: SendQueue::default(),
            counted: 0,
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
        self.queued -= self.get(id)?.counted;
        self.slots.try_remove(id.slot())
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
        count(&mut self.queued, link);
        !core::mem::replace(&mut link.announced, true)
    }

    /// Counts what the queue of a link takes, after some of it was sent, and takes its memory back if
    /// nothing is left.
    pub(super) fn tidy(&mut self, id: LinkId) {
        let Some(link) = self.slots.get_mut(id.slot()).filter(|link| link.id == id) else { return };
        link.queue.release(&mut self.spare);
        count(&mut self.queued, link);
    }

    /// Returns how much may wait for a session now.
    pub(super) fn queue_limit(&self) -> usize {
        if self.queued < ALL_QUEUES { SESSION_QUEUE } else { LEAN_QUEUE }
    }

    /// Goes through all links in the order of their slots.
    pub(super) fn ids(&self) -> impl Iterator<Item = LinkId> {
        self.slots.iter().map(|(_, link)| link.id)
    }
}

/// Counts what the queue of a link takes.
fn count(queued: &mut usize, link: &mut Link) {
    let memory = link.queue.memory();
    *queued = *queued - link.counted + memory;
    link.counted = memory;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::Identity;
    use crate::time::Span;
    use crate::wire::Hello;

    fn insert(links: &mut Links) -> LinkId {
        let session = Session::listener(&Identity::from_secret([1; 32]), [2; 32], Hello::HOST);
        let alive = KeepAlive::new(Instant::ZERO, Span::from_millis(0), Span::from_millis(0));
        let addr = SocketAddr::from(([192, 0, 2, 1], 7));
        links.insert(addr, session, Phase::Closed, alive)
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
        assert!(links.furnish(two).expect("a link").queue.memory() >= 100);
        links.announce(two);
        links.remove(two);
        assert_eq!(links.queued, 0);
    }
}
