use alloc::vec::Vec;

use slab::Slab;

use super::link::Link;
use crate::time::Instant;

/// Orders the links that wait for a time, the earliest first: a binary heap of their slots, in which
/// each link knows its place, so that one takes four bytes here and can be taken out at any time.
#[derive(Debug)]
pub(super) struct Timers(Vec<u32>);

/// The place of a link that is not in the heap.
pub(super) const NOWHERE: u32 = u32::MAX;

impl Timers {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Returns the slot of the first link.
    pub(super) fn first(&self) -> Option<usize> {
        self.0.first().map(|slot| *slot as usize)
    }

    /// Sets a link's timer; it may be set already.
    pub(super) fn arm(&mut self, links: &mut Slab<Link>, slot: usize, at: Instant) {
        self.disarm(links, slot);
        links[slot].armed = at;
        self.0.push(slot as u32);
        self.rise(links, self.0.len() - 1);
    }

    /// Takes a link's timer away, if it is set.
    pub(super) fn disarm(&mut self, links: &mut Slab<Link>, slot: usize) {
        let link = &mut links[slot];
        link.armed = Instant::NEVER;
        let place = core::mem::replace(&mut link.place, NOWHERE);
        if place == NOWHERE {
            return;
        }
        let place = place as usize;
        self.0.swap_remove(place);
        if place < self.0.len() {
            self.sink(links, place);
            self.rise(links, place);
        }
    }

    /// Moves what is at a place up for as long as it is earlier than what is above.
    fn rise(&mut self, links: &mut Slab<Link>, mut place: usize) {
        while place > 0 && self.is_earlier(links, place, (place - 1) / 2) {
            self.0.swap(place, (place - 1) / 2);
            links[self.0[place] as usize].place = place as u32;
            place = (place - 1) / 2;
        }
        links[self.0[place] as usize].place = place as u32;
    }

    /// Moves what is at a place down for as long as something below is earlier.
    fn sink(&mut self, links: &mut Slab<Link>, mut place: usize) {
        loop {
            let below = [2 * place + 1, 2 * place + 2].into_iter();
            let below = below.filter(|below| *below < self.0.len());
            let first = below.reduce(|one, other| match self.is_earlier(links, other, one) {
                true => other,
                false => one,
            });
            let Some(first) = first.filter(|first| self.is_earlier(links, *first, place)) else {
                break;
            };
            self.0.swap(place, first);
            links[self.0[place] as usize].place = place as u32;
            place = first;
        }
        links[self.0[place] as usize].place = place as u32;
    }

    /// Tells which of two comes first, always the same one: of those with the same time, the one with the
    /// smaller id.
    fn is_earlier(&self, links: &Slab<Link>, one: usize, other: usize) -> bool {
        let key = |place: usize| {
            let link = &links[self.0[place] as usize];
            (link.armed, link.id)
        };
        key(one) < key(other)
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn has(&self, slot: usize, place: u32) -> bool {
        self.0.get(place as usize).is_some_and(|there| *there as usize == slot)
    }
}
