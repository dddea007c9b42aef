use crate::error::{FileEnd, FileRefusal};
use crate::wire::{HoldReason, Offer};

/// Tells the host what came of a transfer, and what it does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived<'b> {
    /// Nothing that concerns the host.
    Nothing,
    /// Somebody offers a stream that is not being received: the host calls
    /// [`accept`](super::Transfers::accept), now or much later, or [`end`](super::Transfers::end); if the
    /// transfer is over already, it says so with `end` again.
    Offered {
        /// The sender's number of it.
        number: u64,
        /// What it is; checked.
        offer: Offer<'b>,
    },
    /// The recipient accepts a stream that this host offers, or says anew where to go on.
    Wanted {
        /// The transfer.
        number: u64,
        /// Where to go on.
        from: u64,
    },
    /// Bytes to be written; then the host says [`written`](super::Transfers::written).
    Data {
        /// The transfer.
        number: u64,
        /// Their place in the stream, right behind the last ones; but after
        /// [`WrongBlock`](Self::WrongBlock), that block's beginning.
        at: u64,
        /// The bytes.
        bytes: &'b [u8],
    },
    /// A block is whole and right: a host that is to go on after a crash remembers its hash.
    Verified {
        /// The transfer.
        number: u64,
        /// The block.
        block: u64,
        /// Its hash.
        hash: [u8; 32],
    },
    /// A block was wrong. It comes again, unless this was the last time: then the transfer has ended as
    /// [`Corrupt`](FileEnd::Corrupt).
    WrongBlock {
        /// The transfer.
        number: u64,
        /// The block.
        block: u64,
        /// Whether the transfer has ended.
        is_last: bool,
    },
    /// The recipient cannot go on for now.
    Held {
        /// The transfer.
        number: u64,
        /// Why.
        reason: HoldReason,
    },
    /// The other side has ended a transfer. The host may not know it.
    Ended {
        /// The transfer.
        number: u64,
        /// Whether its sender did: then it is one that this host receives.
        by_sender: bool,
        /// How.
        end: FileEnd,
    },
    /// The recipient wants a stream that is not being sent. The host [offers](super::Transfers::offer) it
    /// again, or says how it [ended](super::Transfers::end).
    Missed {
        /// The transfer.
        number: u64,
    },
    /// The server does not relay a transfer's items. For `Busy` that is dealt with.
    Refused {
        /// The transfer.
        number: u64,
        /// Why.
        reason: FileRefusal,
    },
}
