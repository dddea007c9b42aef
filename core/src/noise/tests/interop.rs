//! Both roles against `snow`, another implementation of Noise with other primitives.

use snow::{Builder, HandshakeState};
use std::vec::Vec;

use super::super::{Handshake, HandshakeError, Identity, PROLOGUE, Transport};
use super::{alice, bob, open, read, seal, write};

fn snow(identity: &Identity, initiator: bool) -> HandshakeState {
    let builder = Builder::new("Noise_XX_25519_ChaChaPoly_BLAKE2s".parse().unwrap())
        .prologue(PROLOGUE)
        .unwrap()
        .local_private_key(identity.secret_bytes())
        .unwrap();
    if initiator { builder.build_initiator() } else { builder.build_responder() }.unwrap()
}

fn snow_write(from: &mut HandshakeState, payload: &[u8]) -> Vec<u8> {
    let mut out = std::vec![0; 65_535];
    let length = from.write_message(payload, &mut out).unwrap();
    out.truncate(length);
    out
}

fn snow_read(to: &mut HandshakeState, message: &[u8]) -> Vec<u8> {
    let mut out = std::vec![0; 65_535];
    let length = to.read_message(message, &mut out).unwrap();
    out.truncate(length);
    out
}

fn exchange_records(mut own: Transport, other: HandshakeState) {
    let mut other = other.into_transport_mode().unwrap();
    let mut out = std::vec![0; 65_535];
    for length in [0, 1, 63, 64, 1000, 65_535 - 16] {
        let text = std::vec![length as u8; length];
        let record = seal(&mut own, &text);
        let opened = other.read_message(&record, &mut out).unwrap();
        assert_eq!(&out[..opened], text);
        let sealed = other.write_message(&text, &mut out).unwrap();
        assert_eq!(open(&mut own, &out[..sealed]), Ok(text));
    }
}

#[test]
fn initiator_with_snow_as_responder() {
    let mut own = Handshake::initiator(&alice(), [5; 32], Some(bob().public()));
    let mut other = snow(&bob(), false);
    assert_eq!(snow_read(&mut other, &write(&mut own, b"one").unwrap()), b"one");
    assert_eq!(read(&mut own, &snow_write(&mut other, b"two")), Ok(b"two".to_vec()));
    assert_eq!(snow_read(&mut other, &write(&mut own, b"three").unwrap()), b"three");
    assert_eq!(own.hash(), Some(other.get_handshake_hash()));
    assert_eq!(other.get_remote_static(), Some(&alice().public().as_bytes()[..]));
    exchange_records(own.finish().unwrap(), other);
}

#[test]
fn responder_with_snow_as_initiator() {
    let mut own = Handshake::responder(&bob(), [6; 32]);
    let mut other = snow(&alice(), true);
    assert_eq!(read(&mut own, &snow_write(&mut other, b"one")), Ok(b"one".to_vec()));
    assert_eq!(snow_read(&mut other, &write(&mut own, b"two").unwrap()), b"two");
    assert_eq!(read(&mut own, &snow_write(&mut other, b"three")), Ok(b"three".to_vec()));
    assert_eq!(own.hash(), Some(other.get_handshake_hash()));
    assert_eq!(own.remote_key(), Some(alice().public()));
    exchange_records(own.finish().unwrap(), other);
}

#[test]
fn snow_with_another_key_is_refused() {
    let mut own = Handshake::initiator(&alice(), [5; 32], Some(bob().public()));
    let mut other = snow(&Identity::from_secret([0xff; 32]), false);
    snow_read(&mut other, &write(&mut own, b"").unwrap());
    let answer = snow_write(&mut other, b"");
    assert_eq!(read(&mut own, &answer), Err(HandshakeError::WrongKey));
}
