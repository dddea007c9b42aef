use core::fmt;

use noise_protocol::patterns::noise_xx;
use noise_protocol::{DH, HandshakeState};

use super::secret::Secret;
use super::suite::{self, Blake2s, ChaChaPoly, X25519};
use super::{HandshakeError, Identity, RecordCipher, Transport};
use crate::id::PublicKey;

/// Names the protocol and its version. Both sides mix it into the handshake, so that one with
/// another version ends at its second message. Source: Noise rev 34, section 6.
pub const PROLOGUE: &[u8] = b"Breeze 2";

/// Bytes of the longest Noise message, of the handshake or after it: Noise rev 34, section 3.
pub const MAX_MESSAGE: usize = 65_535;

/// Bytes of the three handshake messages without their payloads.
///
/// From the initiator 32: its ephemeral key. From the responder 96: its ephemeral key, its static
/// key with a tag, the payload's tag. From the initiator 64: its static key with a tag, the
/// payload's tag. Source: Noise rev 34, section 7.5, pattern XX.
pub const MESSAGE_OVERHEADS: [usize; 3] = [32, 96, 64];

type State = HandshakeState<X25519, ChaChaPoly, Blake2s>;

/// Runs one side of the handshake that opens a link: three messages, written and read in turn.
///
/// The initiator writes, reads, writes; the responder reads, writes, reads. Each message may carry
/// a payload. The first one's is neither secret nor authentic. The second one's is authentic and
/// secret from those who only listen, but goes to an initiator who has not proved anything yet. The
/// third one's is secret and authentic.
///
/// Any error ends the handshake and wipes its secrets: every later call returns
/// [`OutOfTurn`](HandshakeError::OutOfTurn). Some 660 bytes at every step.
/// Source: Noise rev 34, sections 5.3 and 7.5.
pub struct Handshake {
    /// `None` once the handshake has failed.
    state: Option<State>,
    expected: Option<PublicKey>,
    /// Known once a whole message has proved it; `state` knows it too early.
    remote: Option<PublicKey>,
}

impl Handshake {
    /// Starts the handshake of the side that dialled.
    ///
    /// `ephemeral` is 32 fresh bytes from a strong random source, used for this handshake and never
    /// again. With an `expected` key the initiator accepts no other and keeps its own from whoever
    /// has another; without one it accepts any, and the caller looks at
    /// [`remote_key`](Self::remote_key).
    pub fn initiator(
        identity: &Identity,
        ephemeral: [u8; 32],
        expected: Option<PublicKey>,
    ) -> Self {
        Self { expected, ..Self::with_prologue(true, identity, ephemeral, PROLOGUE) }
    }

    /// Starts the handshake of the side that was dialled.
    ///
    /// `ephemeral` is 32 fresh bytes from a strong random source, used for this handshake and never
    /// again. It accepts any key: the caller looks at [`remote_key`](Self::remote_key).
    pub fn responder(identity: &Identity, ephemeral: [u8; 32]) -> Self {
        Self::with_prologue(false, identity, ephemeral, PROLOGUE)
    }

    pub(super) fn with_prologue(
        is_initiator: bool,
        identity: &Identity,
        ephemeral: [u8; 32],
        prologue: &[u8],
    ) -> Self {
        let ephemeral = Secret(ephemeral);
        let ephemeral = suite::key_pair(&ephemeral, &suite::public_key(&ephemeral));
        Self::from_pairs(is_initiator, identity.key_pair(), ephemeral, prologue)
    }

    /// Takes the key pairs as they are: the tests make some that no honest party has.
    pub(super) fn from_pairs(
        is_initiator: bool,
        own: <X25519 as DH>::Key,
        ephemeral: <X25519 as DH>::Key,
        prologue: &[u8],
    ) -> Self {
        let (own, ephemeral) = (Some(own), Some(ephemeral));
        let state = State::new(noise_xx(), is_initiator, prologue, own, ephemeral, None, None);
        Self { state: Some(state), expected: None, remote: None }
    }

    /// Tells whether the next step is to [`write`](Self::write) a message.
    pub fn is_my_turn(&self) -> bool {
        self.state.as_ref().is_some_and(|state| !state.completed() && state.is_write_turn())
    }

    /// Tells whether all three messages are through and the next step is to
    /// [`finish`](Self::finish).
    pub fn is_complete(&self) -> bool {
        self.state.as_ref().is_some_and(State::completed)
    }

    /// Returns the static key that the peer has proved to hold.
    ///
    /// The initiator knows it from the second message on, the responder from the third. After
    /// [`WrongKey`](HandshakeError::WrongKey) it is the wrong one, for the log.
    pub fn remote_key(&self) -> Option<PublicKey> {
        self.remote
    }

    /// Writes the next message to `out` and returns its length: that of the payload and the
    /// message's part of [`MESSAGE_OVERHEADS`].
    ///
    /// # Errors
    /// `OutOfTurn` if it is not our turn, `BadLength` if the message would exceed
    /// [`MAX_MESSAGE`], `BufferTooSmall` if it does not fit in `out`, and `Rejected` if the peer's
    /// ephemeral key turns out to be of low order. What `out` holds then is of no use.
    pub fn write(&mut self, payload: &[u8], out: &mut [u8]) -> Result<usize, HandshakeError> {
        let result = self.try_write(payload, out);
        self.end_on_error(result)
    }

    /// Reads the peer's next message, writes its payload to `payload` and returns the payload's
    /// length. `message` is the whole message and no more.
    ///
    /// # Errors
    /// `OutOfTurn` if it is not the peer's turn, `BadLength` if the message is shorter than its
    /// part of [`MESSAGE_OVERHEADS`] or longer than [`MAX_MESSAGE`], `BufferTooSmall` if its
    /// payload does not fit in `payload`, `Rejected` if it is not authentic or holds a key of low
    /// order, and `WrongKey` if the peer has proved another key than the expected one. What
    /// `payload` holds then is of no use.
    pub fn read(&mut self, message: &[u8], payload: &mut [u8]) -> Result<usize, HandshakeError> {
        let result = self.try_read(message, payload);
        self.end_on_error(result)
    }

    /// Ends a complete handshake and returns ChaChaPoly with its keys for the records that follow.
    ///
    /// # Errors
    /// `OutOfTurn` if the handshake is not complete.
    pub fn finish(self) -> Result<Transport, HandshakeError> {
        self.finish_with(RecordCipher::default())
    }

    /// Ends a complete handshake and returns this cipher with its keys for the records that follow: one
    /// that both parties have agreed on in the handshake's payloads.
    ///
    /// # Errors
    /// `OutOfTurn` if the handshake is not complete.
    pub fn finish_with(mut self, cipher: RecordCipher) -> Result<Transport, HandshakeError> {
        self.finish_in_place(cipher)
    }

    /// Does the same where the handshake lies, which is of no use any more.
    pub(crate) fn finish_in_place(
        &mut self,
        cipher: RecordCipher,
    ) -> Result<Transport, HandshakeError> {
        let state = self.state.take_if(|state| state.completed());
        let state = state.ok_or(HandshakeError::OutOfTurn)?;
        let (from_initiator, from_responder) = state.get_ciphers();
        let keys = [from_initiator, from_responder].map(|state| state.extract().0);
        let [from_initiator, from_responder] = keys;
        Ok(if state.get_is_initiator() {
            Transport::new(cipher, from_initiator, from_responder)
        } else {
            Transport::new(cipher, from_responder, from_initiator)
        })
    }

    fn try_write(&mut self, payload: &[u8], out: &mut [u8]) -> Result<usize, HandshakeError> {
        let state = self.state_at(true)?;
        let length = payload.len().saturating_add(state.get_next_message_overhead());
        if length > MAX_MESSAGE {
            return Err(HandshakeError::BadLength);
        }
        let out = out.get_mut(..length).ok_or(HandshakeError::BufferTooSmall)?;
        state.write_message(payload, out).map_err(|_| HandshakeError::Rejected)?;
        Ok(length)
    }

    fn try_read(&mut self, message: &[u8], payload: &mut [u8]) -> Result<usize, HandshakeError> {
        let state = self.state_at(false)?;
        if message.len() > MAX_MESSAGE {
            return Err(HandshakeError::BadLength);
        }
        let length = message.len().checked_sub(state.get_next_message_overhead());
        let length = length.ok_or(HandshakeError::BadLength)?;
        let payload = payload.get_mut(..length).ok_or(HandshakeError::BufferTooSmall)?;
        state.read_message(message, payload).map_err(|_| HandshakeError::Rejected)?;
        self.remote = state.get_rs().map(PublicKey::from_bytes);
        match (self.expected, self.remote) {
            (Some(expected), Some(remote)) if expected != remote => Err(HandshakeError::WrongKey),
            _ => Ok(length),
        }
    }

    /// Returns the state if it is running and the next step is the one given: without this and the
    /// checks of lengths, `noise-protocol` panics.
    fn state_at(&mut self, writing: bool) -> Result<&mut State, HandshakeError> {
        self.state
            .as_mut()
            .filter(|state| !state.completed() && state.is_write_turn() == writing)
            .ok_or(HandshakeError::OutOfTurn)
    }

    fn end_on_error(
        &mut self,
        result: Result<usize, HandshakeError>,
    ) -> Result<usize, HandshakeError> {
        if result.is_err() {
            self.state = None;
        }
        result
    }

    #[cfg(test)]
    pub(super) fn hash(&self) -> Option<&[u8]> {
        self.state.as_ref().map(State::get_hash)
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("failed", &self.state.is_none())
            .field("complete", &self.is_complete())
            .field("expected", &self.expected)
            .field("remote", &self.remote)
            .finish_non_exhaustive()
    }
}
