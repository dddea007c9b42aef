use heapless::Vec;
use noise_protocol::HandshakeState;
use noise_protocol::patterns::noise_x;

use super::Identity;
use super::secret::Secret;
use super::suite::{self, Blake2s, ChaChaPoly, X25519};
use crate::id::{Epoch, PublicKey, UserId};
use crate::limits::MAX_USER_ID;

/// Bytes of a Noise X message with an empty payload: an ephemeral key, the sender's static key with
/// its tag, and the payload's tag. Source: Noise rev 34, section 7.4.
pub const ENVELOPE: usize = 32 + 48 + 16;

/// Bytes that begin the prologue of an envelope, and keep it apart from a link's, and what is sealed for
/// one purpose from what is for another.
const LABEL: usize = 15;
/// Bytes of the longest prologue: two user ids with a byte of length each, and an epoch.
const MAX_PROLOGUE: usize = LABEL + 2 * (1 + MAX_USER_ID) + 8;

type State = HandshakeState<X25519, ChaChaPoly, Blake2s>;

/// Says between whom, and in which numbering, messages are sealed: all of it is bound to the key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'c> {
    pub from: &'c UserId,
    pub to: &'c UserId,
    pub epoch: Epoch,
    pub purpose: Purpose,
}

/// Says what is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Messages.
    Messages,
    /// Items of files' transfers.
    #[cfg(feature = "files")]
    Files,
}

impl Purpose {
    const fn label(self) -> &'static [u8; LABEL] {
        match self {
            Self::Messages => b"Breeze 2 sealed",
            #[cfg(feature = "files")]
            Self::Files => b"Breeze 2 files\0",
        }
    }
}

impl Context<'_> {
    /// Returns the prologue of the envelope.
    pub(super) fn prologue(&self) -> Vec<u8, MAX_PROLOGUE> {
        let mut prologue = Vec::new();
        let (from, to) = (self.from.as_str(), self.to.as_str());
        let lens = [[from.len() as u8], [to.len() as u8]];
        let epoch = self.epoch.to_bits().to_be_bytes();
        for part in
            [&self.purpose.label()[..], &lens[0], from.as_bytes(), &lens[1], to.as_bytes(), &epoch]
        {
            // There is room for the longest names.
            let _ = prologue.extend_from_slice(part);
        }
        prologue
    }
}

/// Makes the envelope of a sender's messages to a recipient, and the key that seals them.
///
/// `ephemeral` is 32 fresh secret bytes, used for this envelope and no other. `None` if the
/// recipient's key is of low order.
/// Source: Noise rev 34, section 7.4, `Noise_X_25519_ChaChaPoly_BLAKE2s`.
pub(super) fn write(
    own: &Identity,
    ephemeral: &Secret<32>,
    to: PublicKey,
    prologue: &[u8],
) -> Option<([u8; ENVELOPE], Secret<32>)> {
    let mut state = initiator(own, ephemeral, to, prologue);
    let mut envelope = [0; ENVELOPE];
    state.write_message(&[], &mut envelope).ok()?;
    Some((envelope, transport_key(&state)))
}

/// Opens an envelope: who made it, and the key that opens the messages.
pub(super) fn read(
    own: &Identity,
    envelope: &[u8; ENVELOPE],
    prologue: &[u8],
) -> Option<(PublicKey, Secret<32>)> {
    let mut state = State::new(noise_x(), false, prologue, Some(own.key_pair()), None, None, None);
    state.read_message(envelope, &mut []).ok()?;
    let from = state.get_rs().map(PublicKey::from_bytes)?;
    Some((from, transport_key(&state)))
}

pub(super) fn initiator(
    own: &Identity,
    ephemeral: &Secret<32>,
    to: PublicKey,
    prologue: &[u8],
) -> State {
    let ephemeral = suite::key_pair(ephemeral, &suite::public_key(ephemeral));
    let (own, to) = (Some(own.key_pair()), Some(*to.as_bytes()));
    State::new(noise_x(), true, prologue, own, Some(ephemeral), to, None)
}

/// The messages that follow a one-way handshake all go from the initiator to the responder, under
/// the first of the two keys.
pub(super) fn transport_key(state: &State) -> Secret<32> {
    state.get_ciphers().0.extract().0
}
