use super::Identity;
use super::envelope::{self, Context, ENVELOPE};
use super::sealing_key::{HINT, SealingKey};
use super::secret::Secret;
use super::suite::ChaChaPoly;
use crate::id::{Epoch, PublicKey};
use crate::limits::TAG;

/// Opens one sender's messages in one numbering: some 110 bytes.
#[derive(Clone)]
pub(crate) struct OpeningKey {
    epoch: Epoch,
    /// The ephemeral key of the envelope that it came in: the same one brings nothing new.
    ephemeral: [u8; 32],
    /// Who sealed the messages.
    pub(crate) from: PublicKey,
    key: Secret<32>,
}

impl OpeningKey {
    /// Opens an envelope; `None` if it is not made for this identity, or for another context.
    pub(crate) fn new(own: &Identity, envelope: &[u8], context: &Context<'_>) -> Option<Self> {
        let noise = Self::noise(envelope)?;
        let (from, key) = envelope::read(own, noise, &context.prologue())?;
        let ephemeral = *noise.first_chunk()?;
        Some(Self { epoch: context.epoch, ephemeral, from, key })
    }

    /// Tells whether an envelope of a numbering is the one that this key came in.
    pub(crate) fn came_in(&self, envelope: &[u8], epoch: Epoch) -> bool {
        let ephemeral = Self::noise(envelope).and_then(|noise| noise.first_chunk());
        self.epoch == epoch && ephemeral == Some(&self.ephemeral)
    }

    /// Returns the numbering whose messages it opens.
    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Tells whether it is for messages of a numbering.
    pub(crate) fn is_for(&self, epoch: Epoch) -> bool {
        self.epoch == epoch
    }

    /// Decrypts a sealed body in place and returns it; `None`, and no plaintext in `sealed`, if it
    /// is not the one of this number.
    pub(crate) fn open<'b>(&self, seq: u64, sealed: &'b mut [u8]) -> Option<&'b mut [u8]> {
        let (text, tag) = sealed.split_last_chunk_mut::<TAG>()?;
        ChaChaPoly::open(&self.key, seq, text, *tag).ok()?;
        Some(text)
    }

    fn noise(envelope: &[u8]) -> Option<&[u8; ENVELOPE]> {
        let envelope: &[u8; SealingKey::ENVELOPE] = envelope.try_into().ok()?;
        envelope.last_chunk::<{ SealingKey::ENVELOPE - HINT }>()
    }
}
