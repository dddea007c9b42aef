use super::envelope::{self, Context, ENVELOPE};
use super::secret::Secret;
use super::{Identity, Sealer};
use crate::id::PublicKey;

/// Seals one sender's messages to one recipient, in one numbering: 136 bytes.
///
/// A message's number is its nonce, so a number must always stand for the same bytes under one key.
/// The recipient opens the messages once it has the envelope, which may go with any of them.
/// Source: Noise rev 34, sections 7.4 and 11.4.
#[derive(Clone)]
pub(crate) struct SealingKey {
    envelope: [u8; SealingKey::ENVELOPE],
    key: Secret<32>,
}

impl SealingKey {
    /// Bytes of an envelope on the wire: the hint for whose key it is, then the Noise message.
    pub(crate) const ENVELOPE: usize = HINT + ENVELOPE;

    /// Draws a new key. `ephemeral` is 32 fresh secret bytes; `None` if the recipient's key is of
    /// low order.
    pub(crate) fn new(
        own: &Identity,
        ephemeral: &Secret<32>,
        to: PublicKey,
        context: &Context<'_>,
    ) -> Option<Self> {
        let (noise, key) = envelope::write(own, ephemeral, to, &context.prologue())?;
        let mut envelope = [0; Self::ENVELOPE];
        envelope[..HINT].copy_from_slice(&to.hint());
        envelope[HINT..].copy_from_slice(&noise);
        Some(Self { envelope, key })
    }

    /// Returns what the recipient needs to open the messages.
    pub(crate) fn envelope(&self) -> &[u8] {
        &self.envelope
    }

    /// Starts to seal the message of a number.
    pub(crate) fn seal(&self, seq: u64) -> Sealer {
        Sealer::new(&self.key, seq)
    }
}

/// Bytes of a key's hint.
pub(super) const HINT: usize = 8;
