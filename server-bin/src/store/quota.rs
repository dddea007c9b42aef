/// Bounds what the server keeps for one user, where that differs from what it keeps for others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Messages; none for the server's [`Limits`](super::Limits).
    pub messages: Option<u64>,
    /// Bytes of their bodies and envelopes; none for the server's limits.
    pub bytes: Option<u64>,
}
