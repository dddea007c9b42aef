use serde::{Deserialize, Serialize};

use crate::id::{Epoch, MessageId};

/// The number of a relayed message.
pub(super) const RELAY: u8 = 10;
/// The number of the item that is a sealed message.
const SEALED: u8 = 0;

/// Carries one numbered message through the server, sealed for its recipient (PROTOCOL.md,
/// "Sealed").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed<'a> {
    /// As in [`Chat`](super::Chat).
    pub epoch: Epoch,
    /// As in [`Chat`](super::Chat).
    pub seq: u64,
    /// As in [`Chat`](super::Chat).
    pub back: u64,
    /// As in [`Chat`](super::Chat).
    pub gap: u64,
    /// What the recipient needs to open this numbering's messages, 104 bytes; or none, if the
    /// recipient has it already.
    #[serde(borrow, serialize_with = "super::bytes::serialize")]
    pub envelope: &'a [u8],
    /// An encoded [`ChatBody`](super::ChatBody), sealed, and its tag.
    #[serde(borrow, serialize_with = "super::bytes::serialize")]
    pub body: &'a [u8],
}

/// Tells whether a frame holds a sealed message, if it is one of this version at all.
pub(crate) fn is_sealed(frame: &[u8]) -> bool {
    relayed_item(frame).is_some()
}

/// Finds the sealed message in a frame, as it is encoded, if the frame is one of this version at all: it
/// begins with the numbers of the message, of the peer's length, and after the peer that of the item.
pub(crate) fn relayed_item(frame: &[u8]) -> Option<&[u8]> {
    let [RELAY, peer, rest @ ..] = frame else { return None };
    let item = rest.get(usize::from(*peer)..)?;
    (item.first() == Some(&SEALED)).then_some(item)
}

impl Sealed<'_> {
    /// Returns the message's id.
    pub const fn id(&self) -> MessageId {
        MessageId { epoch: self.epoch, seq: self.seq }
    }
}
