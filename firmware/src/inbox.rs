use smoltcp::socket::tcp::Socket;

use crate::limits::INBOX;

/// Holds what arrived on a link and is not dealt with, in one piece: records are opened in place.
pub(crate) struct Inbox {
    bytes: [u8; INBOX],
    len: usize,
}

impl Inbox {
    pub(crate) const EMPTY: Self = Self { bytes: [0; INBOX], len: 0 };

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }

    /// Takes from the socket what there is room for; returns whether that was anything.
    pub(crate) fn fill(&mut self, socket: &mut Socket<'_>) -> bool {
        // A socket without anything, or without a connection, gives nothing.
        let taken = socket.recv_slice(&mut self.bytes[self.len..]).unwrap_or(0);
        self.len += taken;
        taken > 0
    }

    /// Drops bytes from the front.
    pub(crate) fn drop_front(&mut self, count: usize) {
        let count = count.min(self.len);
        self.bytes.copy_within(count..self.len, 0);
        self.len -= count;
    }
}
