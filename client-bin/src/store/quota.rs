/// Bounds what the outbox holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quota {
    /// Messages.
    pub(super) messages: u64,
    /// Bytes of their texts.
    pub(super) bytes: u64,
}

impl Quota {
    /// Tells whether an outbox of so many messages and bytes can take a text.
    pub(super) fn has_room(self, messages: u64, bytes: u64, text: u64) -> bool {
        messages < self.messages && bytes.saturating_add(text) <= self.bytes
    }
}

impl Default for Quota {
    /// As much as the server keeps for a recipient by default.
    fn default() -> Self {
        Self { messages: 10_000, bytes: 64 * 1024 * 1024 }
    }
}
