use super::wire::{Side, WireId};

/// What a host keeps for one link: its end of a connection, and the two buffers.
#[derive(Debug)]
pub(super) struct Socket {
    pub wire: WireId,
    pub side: Side,
    /// Received and not dropped yet.
    pub inbox: Vec<u8>,
    /// Bytes that the receive buffer holds by now: it grows as the core asks.
    pub limit: usize,
    /// Taken from the core and not written yet.
    pub outbox: Vec<u8>,
    /// The core has, or may have, more to send.
    pub wants: bool,
}

impl Socket {
    /// The first size of a receive buffer.
    const FIRST: usize = 512;

    pub(super) const fn new(wire: WireId, side: Side) -> Self {
        Self { wire, side, inbox: Vec::new(), limit: Self::FIRST, outbox: Vec::new(), wants: false }
    }
}
