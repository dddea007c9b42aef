use core::borrow::BorrowMut;

use crate::error::CloseReason;
use crate::id::PublicKey;
use crate::limits::{MIN_MAX_FRAME, RECORD_HEADER};
use crate::noise::{
    Handshake, HandshakeError, Identity, OpenError, RecordCipher, SealError, Transport,
};
use crate::wire::{Deframer, Hello, RecordWriter};

/// Opens every link in both directions: the protocol's name and its version.
pub(crate) const PREAMBLE: [u8; 4] = *b"BRZ\x02";

/// The longest handshake message that is waited for: any hello of a later version fits.
const MAX_HANDSHAKE_MESSAGE: usize = 512;

/// Turns one link's bytes into frames and back: preamble, Noise handshake, then records.
///
/// It holds keys and counters, no bytes: records are opened in the host's receive buffer and built
/// in its send buffer. `H` holds the handshake as long as it lasts: a box, where there is an allocator and
/// what is idle has to be small.
pub(crate) struct Session<H = Handshake> {
    state: State<H>,
    /// What the other side announced.
    remote_limits: Hello,
    presented_key: Option<PublicKey>,
    /// The other side has proved that it has the key.
    is_proved: bool,
    is_dialler: bool,
    preamble_sent: bool,
    preamble_received: bool,
}

enum State<H> {
    Handshaking {
        held: H,
        /// What this side announces.
        limits: Hello,
    },
    /// Records flow.
    Open { transport: Transport, deframer: Deframer },
    /// An error ended it.
    Dead,
}

/// What became of received bytes.
pub(crate) struct Progress<'b> {
    pub consumed: usize,
    pub need: usize,
    pub what: What<'b>,
}

/// What received bytes held.
pub(crate) enum What<'b> {
    /// Nothing whole yet.
    Nothing,
    /// The end of the handshake, as far as this side receives: the other side's key is proved to a
    /// dialler, and to a listener.
    Established,
    /// The content of a frame.
    Frame(&'b mut [u8]),
}

impl<H: BorrowMut<Handshake> + From<Handshake>> Session<H> {
    /// Starts a session as the side that dialled. With `expected`, any other key is refused before
    /// this side's own key is shown.
    pub(crate) fn dialler(
        identity: &Identity,
        ephemeral: [u8; 32],
        expected: Option<PublicKey>,
        limits: Hello,
    ) -> Self {
        Self::new(Handshake::initiator(identity, ephemeral, expected), limits, true)
    }

    /// Starts a session as the side that was dialled.
    pub(crate) fn listener(identity: &Identity, ephemeral: [u8; 32], limits: Hello) -> Self {
        Self::new(Handshake::responder(identity, ephemeral), limits, false)
    }

    fn new(handshake: Handshake, mut limits: Hello, is_dialler: bool) -> Self {
        limits.takes_aes &= RecordCipher::HAS_AES;
        Self {
            state: State::Handshaking { held: handshake.into(), limits },
            remote_limits: limits,
            presented_key: None,
            is_proved: false,
            is_dialler,
            preamble_sent: false,
            preamble_received: false,
        }
    }

    /// Returns the other side's key once the handshake has proved it.
    pub(crate) fn remote_key(&self) -> Option<PublicKey> {
        self.presented_key.filter(|_| self.is_proved)
    }

    /// Returns the key that the other side showed, be it the expected one or not.
    pub(crate) fn presented_key(&self) -> Option<PublicKey> {
        self.presented_key
    }

    /// Returns what the other side can take.
    pub(crate) fn remote_limits(&self) -> Hello {
        self.remote_limits
    }

    /// Tells whether the handshake waits for this side to send.
    pub(crate) fn wants_handshake_turn(&self) -> bool {
        matches!(&self.state, State::Handshaking { held, .. } if held.borrow().is_my_turn())
    }

    /// Tells whether records can be sent, after the handshake bytes that may still be due.
    pub(crate) fn is_established(&self) -> bool {
        self.is_proved && !matches!(self.state, State::Dead)
    }

    /// Takes in what the host received and has not dropped yet.
    pub(crate) fn receive<'b>(&mut self, bytes: &'b mut [u8]) -> Result<Progress<'b>, CloseReason> {
        let is_open = matches!(self.state, State::Open { .. });
        let result = self.step(bytes);
        // Once records flow, a broken one ends this direction; why can still be said in the other.
        if result.is_err() && !is_open {
            self.state = State::Dead;
        }
        result
    }

    fn step<'b>(&mut self, bytes: &'b mut [u8]) -> Result<Progress<'b>, CloseReason> {
        if !self.preamble_received {
            return self.receive_preamble(bytes);
        }
        match &mut self.state {
            // Nothing that makes sense can come before this side has spoken.
            State::Handshaking { held, .. } if held.borrow().is_my_turn() && !bytes.is_empty() => {
                Err(CloseReason::BadHandshake)
            }
            State::Handshaking { .. } => self.receive_handshake(bytes),
            State::Open { transport, deframer } => {
                let step = deframer
                    .next(bytes, |record| transport.open_in_place(record).map_err(open_reason))?;
                let what = step.frame.map_or(What::Nothing, What::Frame);
                Ok(Progress { consumed: step.consumed, need: step.need, what })
            }
            State::Dead => Err(CloseReason::Disconnected),
        }
    }

    fn receive_preamble<'b>(&mut self, bytes: &mut [u8]) -> Result<Progress<'b>, CloseReason> {
        let known = bytes.len().min(PREAMBLE.len());
        let (magic, version) = (&PREAMBLE[..3], PREAMBLE[3]);
        if bytes[..known.min(3)] != magic[..known.min(3)] {
            return Err(CloseReason::BadHandshake);
        }
        match bytes.get(3) {
            None => Ok(Progress { consumed: 0, need: PREAMBLE.len(), what: What::Nothing }),
            Some(&theirs) if theirs != version => Err(CloseReason::Version),
            Some(_) => {
                self.preamble_received = true;
                Ok(Progress { consumed: PREAMBLE.len(), need: RECORD_HEADER, what: What::Nothing })
            }
        }
    }

    fn receive_handshake<'b>(&mut self, bytes: &mut [u8]) -> Result<Progress<'b>, CloseReason> {
        let State::Handshaking { held, .. } = &mut self.state else {
            return Err(CloseReason::Unexpected);
        };
        let handshake: &mut Handshake = held.borrow_mut();
        let Some(header) = bytes.first_chunk::<RECORD_HEADER>() else {
            return Ok(Progress { consumed: 0, need: RECORD_HEADER, what: What::Nothing });
        };
        let len = usize::from(u16::from_be_bytes(*header));
        if len > MAX_HANDSHAKE_MESSAGE {
            return Err(CloseReason::BadHandshake);
        }
        let end = RECORD_HEADER + len;
        let Some(message) = bytes.get(RECORD_HEADER..end) else {
            return Ok(Progress { consumed: 0, need: end, what: What::Nothing });
        };
        let mut payload = [0; MAX_HANDSHAKE_MESSAGE];
        let read = handshake.read(message, &mut payload);
        self.presented_key = handshake.remote_key();
        let payload_len = read.map_err(handshake_reason)?;
        if self.presented_key.is_none() {
            return Ok(Progress { consumed: end, need: RECORD_HEADER, what: What::Nothing });
        }
        self.remote_limits =
            Hello::decode(&payload[..payload_len]).map_err(|_| CloseReason::BadHandshake)?;
        self.is_proved = true;
        if handshake.is_complete() {
            self.open()?;
        }
        Ok(Progress { consumed: end, need: RECORD_HEADER, what: What::Established })
    }

    /// Goes over to records, once all handshake messages were exchanged.
    fn open(&mut self) -> Result<(), CloseReason> {
        let State::Handshaking { mut held, limits } =
            core::mem::replace(&mut self.state, State::Dead)
        else {
            return Err(CloseReason::Unexpected);
        };
        let cipher = RecordCipher::agree(limits.takes_aes, self.remote_limits.takes_aes);
        let transport = held.borrow_mut().finish_in_place(cipher).map_err(handshake_reason)?;
        let mut deframer = Deframer::new(limits);
        if !self.is_dialler {
            // Whoever it is: what it may say now is short.
            deframer.limit_frames(MIN_MAX_FRAME as u32);
        }
        self.state = State::Open { transport, deframer };
        Ok(())
    }

    /// Takes frames as long as this side has announced, with `limits`, from now on: the other side is
    /// known. Until then one that was dialled takes what is needed to get to know it, which fits in
    /// [`MIN_MAX_FRAME`], and no stranger has it hold more.
    pub(crate) fn trust(&mut self, limits: Hello) {
        if let State::Open { deframer, .. } = &mut self.state {
            deframer.limit_frames(limits.max_frame);
        }
    }

    /// Writes the handshake bytes that are due to the front of `buf` and returns their number.
    ///
    /// A buffer that cannot hold them gets none.
    pub(crate) fn transmit_handshake(&mut self, buf: &mut [u8]) -> Result<usize, CloseReason> {
        let mut at = 0;
        let State::Handshaking { held, limits } = &mut self.state else {
            return Ok(0);
        };
        let handshake: &mut Handshake = held.borrow_mut();
        if !handshake.is_my_turn() || buf.len() < HANDSHAKE_ROOM {
            return Ok(0);
        }
        if !self.preamble_sent {
            buf[..PREAMBLE.len()].copy_from_slice(&PREAMBLE);
            at += PREAMBLE.len();
        }
        // The dialler's first message is in the clear and says nothing; every other one of either
        // side is its last, and carries what it can take.
        let hello = limits.encode();
        let payload: &[u8] = if self.is_dialler && !self.preamble_sent { &[] } else { &hello };
        let message = at + RECORD_HEADER;
        let len = handshake.write(payload, &mut buf[message..]).map_err(handshake_reason)?;
        buf[at..message].copy_from_slice(&(len as u16).to_be_bytes());
        self.preamble_sent = true;
        if handshake.is_complete() {
            self.open()?;
        }
        Ok(message + len)
    }

    /// Writes what a side that cannot go on may still say: which version it speaks. Returns the
    /// number of bytes.
    pub(crate) fn transmit_version(&mut self, buf: &mut [u8]) -> usize {
        match buf.first_chunk_mut() {
            Some(front) if !self.preamble_sent => {
                *front = PREAMBLE;
                self.preamble_sent = true;
                PREAMBLE.len()
            }
            _ => 0,
        }
    }

    /// Starts writing records at the front of `buf`; `None` unless records can flow now.
    #[expect(clippy::type_complexity, reason = "a closure's type has no shorter name")]
    pub(crate) fn writer<'b>(
        &'b mut self,
        buf: &'b mut [u8],
    ) -> Option<RecordWriter<'b, impl FnMut(&mut [u8], usize) -> Result<usize, CloseReason> + 'b>>
    {
        let State::Open { transport, .. } = &mut self.state else {
            return None;
        };
        let seal =
            |buf: &mut [u8], len: usize| transport.seal_in_place(buf, len).map_err(seal_reason);
        Some(RecordWriter::new(buf, self.remote_limits, seal))
    }
}

/// The most that one turn of the handshake takes: the responder's, with preamble, length, 96 bytes
/// of Noise's and the hello.
const HANDSHAKE_ROOM: usize = PREAMBLE.len() + RECORD_HEADER + 96 + Hello::MAX_LEN;

fn handshake_reason(error: HandshakeError) -> CloseReason {
    match error {
        HandshakeError::WrongKey => CloseReason::WrongKey,
        HandshakeError::OutOfTurn
        | HandshakeError::BadLength
        | HandshakeError::Rejected
        | HandshakeError::BufferTooSmall => CloseReason::BadHandshake,
    }
}

fn open_reason(error: OpenError) -> CloseReason {
    match error {
        OpenError::TooShort => CloseReason::Malformed,
        OpenError::Rejected => CloseReason::BadRecord,
        OpenError::Exhausted => CloseReason::Exhausted,
    }
}

fn seal_reason(error: SealError) -> CloseReason {
    match error {
        SealError::Exhausted | SealError::BufferTooSmall => CloseReason::Exhausted,
    }
}

#[cfg(all(test, feature = "alloc"))]
#[path = "session_tests.rs"]
mod tests;
