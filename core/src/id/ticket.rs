use core::fmt;

use heapless::Vec;
use zeroize::Zeroize;

use crate::limits::MAX_TICKET;

/// Holds what a client shows at login to enrol its key: an enrolment code or a password, up to 128
/// bytes, wiped when dropped. `Debug` shows only whether there is one.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Ticket(Vec<u8, MAX_TICKET, u8>);

impl Ticket {
    /// Takes a code or a password; `None` if it has more than 128 bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        Vec::from_slice(bytes).ok().map(Self)
    }

    /// Returns the bytes, none if there is no ticket.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "no ticket" } else { "a ticket" })
    }
}
