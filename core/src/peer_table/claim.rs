/// Says for what a user is to have a place in the peer table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It is online.
    Presence,
    /// Messages go to it or come from it, or the host watches it.
    Message,
}
