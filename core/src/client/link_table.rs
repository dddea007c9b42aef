use super::link::Link;
use crate::id::LinkId;

/// Holds the links of a client, in slots that do not move.
pub(crate) struct LinkTable<S: ?Sized = [Slot]> {
    slots: S,
}

/// A place for a link, and how many it has held.
pub(crate) struct Slot {
    generation: u32,
    link: Option<Link>,
}

impl<const N: usize> LinkTable<[Slot; N]> {
    // Not built on the stack first; see `Client::new`.
    #[inline(never)]
    pub(crate) const fn new() -> Self {
        Self { slots: [const { Slot { generation: 0, link: None } }; N] }
    }
}

impl LinkTable {
    pub(super) fn insert(&mut self, link: Link) -> Option<LinkId> {
        let index = self.slots.iter().position(|slot| slot.link.is_none())?;
        let slot = &mut self.slots[index];
        slot.generation = slot.generation.wrapping_add(1);
        slot.link = Some(link);
        Some(LinkId::new(index as u32, slot.generation))
    }

    pub(super) fn remove(&mut self, id: LinkId) -> Option<Link> {
        self.slot(id)?.link.take()
    }

    pub(super) fn get(&self, id: LinkId) -> Option<&Link> {
        let slot = self.slots.get(id.slot())?;
        if self.id_at(id.slot()) == Some(id) { slot.link.as_ref() } else { None }
    }

    pub(super) fn get_mut(&mut self, id: LinkId) -> Option<&mut Link> {
        self.slot(id)?.link.as_mut()
    }

    fn slot(&mut self, id: LinkId) -> Option<&mut Slot> {
        if self.id_at(id.slot()) == Some(id) { self.slots.get_mut(id.slot()) } else { None }
    }

    /// Returns the id of the link in a slot.
    pub(super) fn id_at(&self, index: usize) -> Option<LinkId> {
        let slot = self.slots.get(index)?;
        slot.link.as_ref().map(|_| LinkId::new(index as u32, slot.generation))
    }

    pub(super) fn free(&self) -> usize {
        self.slots.iter().filter(|slot| slot.link.is_none()).count()
    }

    /// Finds the first link that meets a condition.
    pub(super) fn find(&self, mut meets: impl FnMut(LinkId, &Link) -> bool) -> Option<LinkId> {
        self.iter().find(|(id, link)| meets(*id, link)).map(|(id, _)| id)
    }

    /// Goes through all links in the order of their slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (LinkId, &Link)> {
        self.slots.iter().enumerate().filter_map(|(index, slot)| {
            let link = slot.link.as_ref()?;
            Some((LinkId::new(index as u32, slot.generation), link))
        })
    }
}
