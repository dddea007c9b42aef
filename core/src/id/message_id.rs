use core::fmt;

use super::Epoch;

/// Names one message the same way at its sender and its recipient.
///
/// Shown as sixteen hexadecimal digits of the epoch, a dash and the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MessageId {
    /// The numbering that the sender chose for this recipient.
    pub epoch: Epoch,
    /// The message's number in it, from 1.
    pub seq: u64,
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}-{}", self.epoch, self.seq)
    }
}
