use breeze_core::id::PublicKey;

use super::Quota;
use super::schema::AccountRow;
use super::usage::Usage;

/// Is what is known of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Account {
    /// The key that is enrolled, if one is.
    pub(super) key: Option<PublicKey>,
    /// There was a key at some time.
    pub(super) was_enrolled: bool,
    /// Bytes of a frame that the client took at its last login; 0 if that is not known.
    pub(super) max_frame: u32,
    pub(super) quota: Quota,
}

impl Account {
    pub(super) fn enrolled(key: PublicKey, max_frame: u32) -> Self {
        Self { key: Some(key), was_enrolled: true, max_frame, quota: Quota::default() }
    }

    pub(super) fn from_row((key, was_enrolled, max_frame, quota): AccountRow<'_>) -> Self {
        let (messages, bytes) = quota;
        let key = key.copied().map(PublicKey::from_bytes);
        Self { key, was_enrolled, max_frame, quota: Quota { messages, bytes } }
    }

    pub(super) fn to_row(&self) -> AccountRow<'_> {
        let Quota { messages, bytes } = self.quota;
        let key = self.key.as_ref().map(PublicKey::as_bytes);
        (key, self.was_enrolled, self.max_frame, (messages, bytes))
    }

    /// Returns what may be kept for the user where this is what may be kept for others.
    pub(super) fn most(&self, others: Usage) -> Usage {
        Usage {
            messages: self.quota.messages.unwrap_or(others.messages),
            bytes: self.quota.bytes.unwrap_or(others.bytes),
        }
    }
}
