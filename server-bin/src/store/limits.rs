use std::time::Duration;

/// Bounds what the server keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Messages for one recipient, unless it has a [`Quota`](super::Quota) of its own.
    pub messages: u64,
    /// Bytes of their bodies and envelopes.
    pub bytes: u64,
    /// Messages for all recipients together.
    pub total_messages: u64,
    /// Bytes of their bodies and envelopes.
    pub total_bytes: u64,
    /// How long a message is kept for a recipient that does not come, and how long it is remembered
    /// what became of earlier ones.
    pub age: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages: 10_000,
            bytes: 64 << 20,
            total_messages: 1_000_000,
            total_bytes: 8 << 30,
            age: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }
}
