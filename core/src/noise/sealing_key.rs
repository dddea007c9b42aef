use super::Identity;
use super::envelope::{self, Context, ENVELOPE};
#[cfg(any(miri, not(feature = "ring")))]
use super::sealer_portable as sealer;
#[cfg(all(feature = "ring", not(miri)))]
use super::sealer_ring as sealer;
use super::secret::Secret;
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

    /// Seals the message of a number, which comes in pieces and has `len` bytes, and puts out what is sealed
    /// and its tag, in pieces as well.
    pub(crate) fn seal<'p>(
        &self,
        seq: u64,
        len: usize,
        pieces: impl Iterator<Item = &'p [u8]>,
        put: &mut dyn FnMut(&[u8]),
    ) {
        sealer::seal(&self.key, seq, len, pieces, put);
    }
}

/// Bytes of a key's hint.
pub(super) const HINT: usize = 8;
