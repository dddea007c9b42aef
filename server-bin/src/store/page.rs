use breeze_core::io::Kept;

/// Holds some of the messages that are kept for a user, in order of arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// The messages.
    pub kept: Vec<Kept>,
    /// The place of the last of them, after which the next page begins.
    pub last: u64,
    /// There are others after them.
    pub more: bool,
}
