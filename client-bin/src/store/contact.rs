use breeze_core::id::PublicKey;

/// Is what this user knows of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contact {
    /// The key that the user is known by.
    pub(crate) key: PublicKey,
    /// People have compared the fingerprints.
    pub(crate) verified: bool,
    /// The display name last seen.
    pub(crate) name: String,
}
