use breeze_core::id::{PublicKey, UserId};

use super::{Quota, SecretKind};

/// Shows a user to whoever runs the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UserRow {
    /// The name.
    pub user: UserId,
    /// The key that is enrolled, if one is.
    pub key: Option<PublicKey>,
    /// What can enrol another key, if anything can.
    pub has_secret: Option<SecretKind>,
    /// The user's own quota.
    pub quota: Quota,
    /// Messages that are kept for the user.
    pub messages: u64,
    /// Bytes of their bodies and envelopes.
    pub bytes: u64,
}
