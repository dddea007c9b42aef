use core::fmt;

use serde::{Deserialize, Serialize};

/// Names one unbroken numbering of the messages from one sender to one recipient.
///
/// The sender draws it, 64 bits at random, when it has no memory of earlier numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(u64);

impl Epoch {
    /// Wraps the 64 bits of an epoch.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Returns the 64 bits of the epoch.
    pub const fn to_bits(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
