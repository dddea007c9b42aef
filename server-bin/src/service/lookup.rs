use breeze_core::id::{LinkId, PublicKey, UserId};

/// Questions that may wait for the disk; more are answered with "try later".
pub(super) const MAX_LOOKUPS: usize = 4096;

/// A question to the accounts.
#[derive(Debug)]
pub(super) enum Lookup {
    /// May this key log in under this name?
    Claim { link: LinkId, user: UserId, key: PublicKey },
}
