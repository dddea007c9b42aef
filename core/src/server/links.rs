use core::net::SocketAddr;

use alloc::boxed::Box;
use slab::Slab;

use super::link::{Link, Phase};
use super::send_queue::SendQueue;
use crate::id::LinkId;
use crate::keepalive::KeepAlive;
use crate::session::Session;
use crate::time::Instant;

/// Holds the links of a server, found by their id in constant time.
pub(super) struct Links {
    slots: Slab<Link>,
    /// Links made so far.
    made: u32,
}

impl Links {
    pub(super) const fn new() -> Self {
        Self { slots: Slab::new(), made: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn insert(
        &mut self,
        addr: SocketAddr,
        session: Session,
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
            alive,
            armed: Instant::NEVER,
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
        self.slots.try_remove(id.slot())
    }

    /// Goes through all links in the order of their slots.
    pub(super) fn ids(&self) -> impl Iterator<Item = LinkId> {
        self.slots.iter().map(|(_, link)| link.id)
    }
}
