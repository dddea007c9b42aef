use breeze_core::id::UserId;
use serde::{Deserialize, Serialize};

use crate::store::{SecretKind, UserRow};

/// Tells of one user; also a line of `user list --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListedUser {
    pub(crate) user: UserId,
    /// That of its key, if it has enrolled one.
    pub(crate) fingerprint: Option<String>,
    /// What it can enrol a key with.
    pub(crate) secret: Option<SecretKind>,
    /// Whether it has a session; none if no server runs.
    pub(crate) online: Option<bool>,
    /// Messages that are kept for it.
    pub(crate) messages: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// Messages that may be kept for it; none for the server's default.
    pub(crate) quota_messages: Option<u64>,
    /// The bytes that they may have; none for the server's default.
    pub(crate) quota_bytes: Option<u64>,
}

impl From<UserRow> for ListedUser {
    fn from(row: UserRow) -> Self {
        Self {
            user: row.user,
            fingerprint: row.key.map(|key| key.fingerprint().to_string()),
            secret: row.has_secret,
            online: None,
            messages: row.messages,
            bytes: row.bytes,
            quota_messages: row.quota.messages,
            quota_bytes: row.quota.bytes,
        }
    }
}
