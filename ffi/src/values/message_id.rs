use breeze_core::id::{Epoch, MessageId};

/// Names one message the same way at its sender and its recipient.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct breeze_message_id {
    /// The numbering that the sender chose for this recipient.
    pub epoch: u64,
    /// The message's number in it, from 1.
    pub seq: u64,
}

impl breeze_message_id {
    pub(crate) const NONE: Self = Self { epoch: 0, seq: 0 };
}

impl From<MessageId> for breeze_message_id {
    fn from(id: MessageId) -> Self {
        Self { epoch: id.epoch.to_bits(), seq: id.seq }
    }
}

impl From<breeze_message_id> for MessageId {
    fn from(id: breeze_message_id) -> Self {
        Self { epoch: Epoch::from_bits(id.epoch), seq: id.seq }
    }
}
