use breeze_core::error::RelayRefusal;
use breeze_core::id::{Epoch, UserId};

/// Says that kept messages of one sender to one recipient were given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GivenUp {
    /// The sender, to be told if it is online.
    pub from: UserId,
    /// The recipient.
    pub to: UserId,
    /// Their numbering.
    pub epoch: Epoch,
    /// The last of them: all before it that the recipient has not acknowledged are given up too.
    pub upto: u64,
    /// Why.
    pub reason: RelayRefusal,
}
