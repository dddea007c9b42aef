//! Whole handshakes: honest ones, published ones, another implementation's, hostile ones.

mod envelopes;
mod honest;
// A handshake takes Miri half a minute: it sees two, and nothing in here that it would not see there.
#[cfg(not(miri))]
mod hostile;
#[cfg(not(miri))]
mod interop;
#[cfg(not(miri))]
mod vectors;

use std::vec::Vec;

use super::secret::Secret;

use super::{Handshake, HandshakeError, Identity, MAX_MESSAGE, OpenError, RecordCipher, Transport};

/// What the three messages carry in these tests.
pub(super) const PAYLOADS: [&[u8]; 3] = [b"hello", b"", b"login"];

pub(super) fn alice() -> Identity {
    Identity::from_secret([0xa1; 32])
}

pub(super) fn bob() -> Identity {
    Identity::from_secret([0xb0; 32])
}

/// Starts a handshake from Alice to Bob.
pub(super) fn pair() -> (Handshake, Handshake) {
    let initiator = Handshake::initiator(&alice(), [0xe1; 32], Some(bob().public()));
    (initiator, Handshake::responder(&bob(), [0xe2; 32]))
}

pub(super) fn write(from: &mut Handshake, payload: &[u8]) -> Result<Vec<u8>, HandshakeError> {
    let mut out = std::vec![0xaa; MAX_MESSAGE];
    let length = from.write(payload, &mut out)?;
    out.truncate(length);
    Ok(out)
}

pub(super) fn read(to: &mut Handshake, message: &[u8]) -> Result<Vec<u8>, HandshakeError> {
    let mut out = std::vec![0xaa; MAX_MESSAGE];
    let length = to.read(message, &mut out)?;
    out.truncate(length);
    Ok(out)
}

/// Puts the side whose turn it is after `done` messages first: the initiator's on even ones.
pub(super) fn in_turn<T>(done: usize, initiator: T, responder: T) -> (T, T) {
    if done.is_multiple_of(2) { (initiator, responder) } else { (responder, initiator) }
}

/// Passes the first `count` messages.
pub(super) fn run(initiator: &mut Handshake, responder: &mut Handshake, count: usize) {
    for (i, payload) in PAYLOADS.iter().enumerate().take(count) {
        let (from, to) = in_turn(i, &mut *initiator, &mut *responder);
        let message = write(from, payload).unwrap();
        assert_eq!(read(to, &message).as_deref(), Ok(*payload));
    }
}

/// The two ends of a link from Alice to Bob.
pub(super) fn transports() -> (Transport, Transport) {
    if cfg!(miri) {
        let [there, back] = [1, 2].map(|key| Secret([key; 32]));
        let cipher = RecordCipher::default();
        return (
            Transport::new(cipher, there.clone(), back.clone()),
            Transport::new(cipher, back, there),
        );
    }
    let (mut initiator, mut responder) = pair();
    run(&mut initiator, &mut responder, 3);
    (initiator.finish().unwrap(), responder.finish().unwrap())
}

pub(super) fn seal(from: &mut Transport, text: &[u8]) -> Vec<u8> {
    let mut buf = text.to_vec();
    buf.resize(text.len() + 16, 0xaa);
    assert_eq!(from.seal_in_place(&mut buf, text.len()), Ok(buf.len()));
    buf
}

pub(super) fn open(to: &mut Transport, record: &[u8]) -> Result<Vec<u8>, OpenError> {
    let mut buf = record.to_vec();
    let length = to.open_in_place(&mut buf)?;
    buf.truncate(length);
    Ok(buf)
}
