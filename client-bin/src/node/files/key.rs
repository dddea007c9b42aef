use std::fmt;

use breeze_core::id::UserId;

/// Names a transfer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::node) struct Key {
    /// Its sender's number of it.
    pub(super) number: u64,
    /// The other side.
    pub(super) peer: UserId,
    /// It goes from here.
    pub(super) is_outgoing: bool,
}

impl Key {
    pub(super) fn outgoing(to: &UserId, number: u64) -> Self {
        Self { number, peer: to.clone(), is_outgoing: true }
    }

    pub(super) fn incoming(from: &UserId, number: u64) -> Self {
        Self { number, peer: from.clone(), is_outgoing: false }
    }

    /// Returns who sends it, if that is the other side.
    pub(super) fn from(&self) -> Option<UserId> {
        (!self.is_outgoing).then(|| self.peer.clone())
    }

    /// Returns who gets it, if that is the other side.
    pub(super) fn to(&self) -> Option<UserId> {
        self.is_outgoing.then(|| self.peer.clone())
    }

    /// Returns what its part files are called: two senders may draw the same number.
    pub(super) fn id(&self) -> u128 {
        // FNV-1a, 64 bits: it only has to tell names apart.
        let tell_apart = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let peer = self.peer.as_str().bytes().fold(0xcbf2_9ce4_8422_2325, tell_apart);
        (u128::from(peer) << 64) | u128::from(self.number)
    }
}

/// As people and scripts call it.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.number)
    }
}
