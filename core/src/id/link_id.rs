use core::fmt;
use core::num::NonZeroU32;

/// Names one link, a byte pipe between the host and some peer, for as long as it lives.
///
/// A slot of the link table and a generation: the id of a closed link is never taken for that of
/// its successor, so a host's late input for it is recognised and ignored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId {
    /// One more than the slot: where there may be no link, that takes no more room.
    after_slot: NonZeroU32,
    generation: u32,
}

impl LinkId {
    pub(crate) const fn new(slot: u32, generation: u32) -> Self {
        // No table has a slot of the highest number, nor of the one below.
        Self { after_slot: NonZeroU32::MIN.saturating_add(slot), generation }
    }

    /// Returns the slot: below the table's capacity, and used by one live link at a time.
    pub const fn slot(self) -> usize {
        (self.after_slot.get() - 1) as usize
    }

    /// Returns the id as one number, for hosts that key a table of their own with it.
    pub const fn to_bits(self) -> u64 {
        (self.generation as u64) << 32 | self.slot() as u64
    }

    /// Restores an id from [`to_bits`](Self::to_bits).
    pub const fn from_bits(bits: u64) -> Self {
        Self::new(bits as u32, (bits >> 32) as u32)
    }
}

impl fmt::Debug for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "link {}.{}", self.slot(), self.generation)
    }
}
