use core::mem::MaybeUninit;

use smoltcp::iface::SocketStorage;

use crate::inbox::Inbox;
use crate::limits::{PIPES, RECEIVE, TRANSMIT};

/// Is the memory of the firmware's connections: a static.
pub struct Memory {
    /// Filled in at the start: as initial values they would be kept in flash, too.
    pub(crate) sockets: MaybeUninit<[SocketStorage<'static>; PIPES]>,
    pub(crate) rings: [Rings; PIPES],
    pub(crate) inboxes: [Inbox; PIPES],
}

/// Is what TCP holds for one socket.
pub(crate) struct Rings {
    pub(crate) receive: [u8; RECEIVE],
    pub(crate) transmit: [u8; TRANSMIT],
}

impl Memory {
    /// Makes it, at compile time.
    pub const fn new() -> Self {
        Self {
            sockets: MaybeUninit::uninit(),
            rings: [const { Rings { receive: [0; RECEIVE], transmit: [0; TRANSMIT] } }; PIPES],
            inboxes: [const { Inbox::EMPTY }; PIPES],
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}
