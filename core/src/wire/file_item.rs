use serde::{Deserialize, Serialize};

use super::Offer;
use crate::error::FileEnd;
use crate::id::Epoch;

/// Carries a step of a file's transfer (PROTOCOL.md, "Files").
///
/// `number` names the transfer among those of its sender to this recipient. The order of the variants is
/// their number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileItem<'a> {
    /// 0, from the sender: describes what it would send.
    Offer {
        /// The transfer.
        number: u64,
        /// What it is.
        #[serde(borrow)]
        offer: Offer<'a>,
    },
    /// 1, from the recipient: accepts, says where to go on, and how far.
    Want {
        /// The transfer.
        number: u64,
        /// Counts the times that the recipient has said where to go on.
        round: u32,
        /// Where to go on, if the round is new.
        from: u64,
        /// Where to stop until told more.
        upto: u64,
    },
    /// 2, from the sender: the next bytes of the stream, all of one block.
    Data {
        /// The transfer.
        number: u64,
        /// The round that the bytes belong to.
        round: u32,
        /// Where in the stream they are.
        at: u64,
        /// The bytes.
        #[serde(serialize_with = "super::bytes::serialize")]
        bytes: &'a [u8],
    },
    /// 3, from the sender: leads from the block whose bytes it has just sent to the root.
    Proof {
        /// The transfer.
        number: u64,
        /// The round that the block belongs to.
        round: u32,
        /// The block.
        block: u64,
        /// The hashes of the neighbours on the way, 32 bytes each.
        #[serde(serialize_with = "super::bytes::serialize")]
        hashes: &'a [u8],
    },
    /// 4, from the recipient: it cannot go on for now, and says `Want` when it can.
    Held {
        /// The transfer.
        number: u64,
        /// Why.
        reason: HoldReason,
    },
    /// 5, from either: nothing more is sent, or wanted.
    Ended {
        /// The transfer.
        number: u64,
        /// Whether its sender says so.
        by_sender: bool,
        /// How it ended.
        end: FileEnd,
    },
}

impl FileItem<'_> {
    /// Returns the number of the transfer.
    pub const fn number(&self) -> u64 {
        match *self {
            Self::Offer { number, .. }
            | Self::Want { number, .. }
            | Self::Data { number, .. }
            | Self::Proof { number, .. }
            | Self::Held { number, .. }
            | Self::Ended { number, .. } => number,
        }
    }
}

impl<'a> FileItem<'a> {
    /// Decodes an item that stands alone. `None` if the bytes are not exactly one.
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (item, rest) = postcard::take_from_bytes(bytes).ok()?;
        rest.is_empty().then_some(item)
    }
}

/// Says why a recipient does not go on for now. The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HoldReason {
    /// Its disk is full.
    DiskFull,
    /// Its user has stopped it for now.
    Paused,
}

/// Carries a step of a file's transfer through the server, sealed for its recipient (PROTOCOL.md,
/// "Relayed files").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayedFile<'a> {
    /// As in [`FileItem`], for refusals.
    pub number: u64,
    /// Bytes of the whole stream: a server may have a limit.
    pub size: u64,
    /// What the key is called.
    pub epoch: Epoch,
    /// Counts what was sealed with this key, from 0: the nonce.
    pub count: u64,
    /// What the recipient needs to open items of this epoch, 104 bytes; or none.
    #[serde(borrow, serialize_with = "super::bytes::serialize")]
    pub envelope: &'a [u8],
    /// An encoded [`FileItem`], sealed, and its tag.
    #[serde(borrow, serialize_with = "super::bytes::serialize")]
    pub body: &'a [u8],
}
