use core::fmt;

use serde::{Deserialize, Serialize};

/// Tells one run of a client from the next one of the same user: 64 bits at random.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instance(u64);

impl Instance {
    /// Wraps the 64 bits of an instance.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
