use serde::{Deserialize, Serialize};

use crate::id::{Epoch, MessageId};

/// The number of a relayed message.
pub(super) const RELAY: u8 = 10;
/// The number of the item that is a sealed message.
const SEALED: u8 = 0;
/// The number of the item that is a step of a file's transfer.
#[cfg(feature = "files")]
const FILE: u8 = 4;

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

/// Finds the sealed message in a frame, as it is encoded, if the frame is one of this version at all.
pub(crate) fn sealed_item(frame: &[u8]) -> Option<&[u8]> {
    relayed_item(frame, SEALED)
}

/// Finds the relayed step of a file's transfer in a frame, as [`sealed_item`] does.
#[cfg(feature = "files")]
pub(crate) fn file_item(frame: &[u8]) -> Option<&[u8]> {
    relayed_item(frame, FILE)
}

/// A frame of what is relayed begins with the numbers of the message, of the peer's length, and after the
/// peer that of the item. Lengths can be written with more bytes than they need, which nobody does.
fn relayed_item(frame: &[u8], number: u8) -> Option<&[u8]> {
    let [RELAY, peer @ 0..=0x7f, rest @ ..] = frame else { return None };
    let item = rest.get(usize::from(*peer)..)?;
    (item.first() == Some(&number)).then_some(item)
}

impl Sealed<'_> {
    /// Returns the message's id.
    pub const fn id(&self) -> MessageId {
        MessageId { epoch: self.epoch, seq: self.seq }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::id::UserId;
    use crate::wire::{Message, Relay, RelayItem};

    /// A length in two bytes was taken for a longer one, and whatever stood there was passed on as if it
    /// were a message: its recipient ended its session.
    #[test]
    fn an_item_is_found_where_it_is_or_nowhere() {
        let peer = UserId::new("alice").expect("a good name");
        let sealed = Sealed {
            epoch: Epoch::from_bits(1),
            seq: 1,
            back: 0,
            gap: 0,
            envelope: &[],
            body: &[0; 200],
        };
        let message = Message::Relay(Relay { peer, item: RelayItem::Sealed(sealed) });
        let mut frame = [0; 256];
        let frame = postcard::to_slice(&message, &mut frame).expect("it fits");
        let item = sealed_item(frame).expect("it is there");
        assert_eq!(item.len(), frame.len() - 7);
        let longer = [&[RELAY, 0x85, 0][..], &frame[2..]].concat();
        assert_eq!(Message::decode(&longer), Ok(message));
        assert_eq!(sealed_item(&longer), None);
        let longer: Vec<u8> = [&[RELAY | 0x80, 0][..], &frame[1..]].concat();
        assert_eq!(sealed_item(&longer), None);
    }
}
