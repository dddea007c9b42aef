//! What an attacker may try before the link is open.

use std::vec::Vec;

use hex_literal::hex;
use proptest::prelude::*;

use super::super::secret::Secret;
use super::super::suite::{key_pair, public_key};
use super::super::{Handshake, HandshakeError, Identity, MESSAGE_OVERHEADS, PROLOGUE};
use super::{PAYLOADS, alice, bob, in_turn, pair, read, run, write};
use crate::id::PublicKey;

/// The encodings of the points of low order: <https://cr.yp.to/ecdh.html#validate>, where those
/// above 2^255 differ from these in the bit that X25519 ignores.
const LOW_ORDER: [[u8; 32]; 7] = [
    hex!("0000000000000000000000000000000000000000000000000000000000000000"),
    hex!("0100000000000000000000000000000000000000000000000000000000000000"),
    hex!("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    hex!("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    hex!("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex!("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex!("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
];

fn low_order_points() -> impl Iterator<Item = [u8; 32]> {
    LOW_ORDER.into_iter().flat_map(|point| {
        let mut with_high_bit = point;
        with_high_bit[31] |= 0x80;
        [point, with_high_bit]
    })
}

/// Writes message `done + 1`, lets `change` have it, and returns what the first party to mind says.
fn tampered(done: usize, change: impl FnOnce(&mut Vec<u8>)) -> HandshakeError {
    let (mut a, mut b) = pair();
    run(&mut a, &mut b, done);
    let (from, to) = in_turn(done, &mut a, &mut b);
    let mut message = write(from, PAYLOADS[done]).unwrap();
    change(&mut message);
    match read(to, &message) {
        Err(error) => {
            assert_eq!(write(to, b""), Err(HandshakeError::OutOfTurn));
            assert_eq!(read(to, &message), Err(HandshakeError::OutOfTurn));
            error
        }
        // Nothing protects the first message but that the second one depends on it.
        Ok(_) => {
            assert_eq!(done, 0);
            match write(&mut b, b"") {
                Ok(answer) => read(&mut a, &answer).unwrap_err(),
                Err(error) => error,
            }
        }
    }
}

#[test]
fn a_flip_of_any_bit_is_refused() {
    for done in 0..3 {
        for bit in 0..(MESSAGE_OVERHEADS[done] + PAYLOADS[done].len()) * 8 {
            let error = tampered(done, |message| message[bit / 8] ^= 1 << (bit % 8));
            assert_eq!(error, HandshakeError::Rejected, "message {} bit {bit}", done + 1);
        }
    }
}

#[test]
fn a_message_cut_or_stretched_is_refused() {
    for done in 0..3 {
        for len in 0..MESSAGE_OVERHEADS[done] + PAYLOADS[done].len() {
            let short = len < MESSAGE_OVERHEADS[done];
            let expected = if short { HandshakeError::BadLength } else { HandshakeError::Rejected };
            assert_eq!(tampered(done, |message| message.truncate(len)), expected);
        }
        assert_eq!(tampered(done, |message| message.push(0)), HandshakeError::Rejected);
    }
}

#[test]
fn a_peer_with_another_key_learns_nothing_of_ours() {
    let mallory = Identity::from_secret([0xff; 32]);
    let mut a = Handshake::initiator(&alice(), [1; 32], Some(bob().public()));
    let mut b = Handshake::responder(&mallory, [2; 32]);
    let hello = write(&mut a, b"").unwrap();
    read(&mut b, &hello).unwrap();
    let answer = write(&mut b, b"").unwrap();
    assert_eq!(read(&mut a, &answer), Err(HandshakeError::WrongKey));
    assert_eq!(a.remote_key(), Some(mallory.public()));
    assert!(!a.is_my_turn() && !a.is_complete());
    assert_eq!(write(&mut a, b""), Err(HandshakeError::OutOfTurn));
    assert_eq!(a.finish().err(), Some(HandshakeError::OutOfTurn));
}

#[test]
fn a_public_key_is_of_no_use_without_its_secret() {
    let stolen = || key_pair(&Secret([3; 32]), &bob().public());
    let own = || key_pair(&Secret([4; 32]), &public_key(&Secret([4; 32])));
    let mut a = Handshake::initiator(&alice(), [1; 32], Some(bob().public()));
    let mut mallory = Handshake::from_pairs(false, stolen(), own(), PROLOGUE);
    let hello = write(&mut a, b"").unwrap();
    read(&mut mallory, &hello).unwrap();
    let answer = write(&mut mallory, b"").unwrap();
    assert_eq!(read(&mut a, &answer), Err(HandshakeError::Rejected));
    assert_eq!(a.remote_key(), None);

    let mut mallory = Handshake::from_pairs(true, stolen(), own(), PROLOGUE);
    let mut b = Handshake::responder(&alice(), [2; 32]);
    run(&mut mallory, &mut b, 2);
    let login = write(&mut mallory, b"").unwrap();
    assert_eq!(read(&mut b, &login), Err(HandshakeError::Rejected));
    assert_eq!(b.remote_key(), None);
}

#[test]
fn ephemeral_keys_of_low_order_are_refused() {
    for point in low_order_points() {
        let mut b = Handshake::responder(&bob(), [2; 32]);
        assert_eq!(read(&mut b, &point), Ok(Vec::new()));
        assert_eq!(write(&mut b, b""), Err(HandshakeError::Rejected), "{point:x?}");

        assert_eq!(tampered(0, |m| m[..32].copy_from_slice(&point)), HandshakeError::Rejected);
        assert_eq!(tampered(1, |m| m[..32].copy_from_slice(&point)), HandshakeError::Rejected);
    }
}

#[test]
fn static_keys_of_low_order_are_refused() {
    let own = || key_pair(&Secret([4; 32]), &public_key(&Secret([4; 32])));
    for point in low_order_points() {
        let wrong = || key_pair(&Secret([3; 32]), &PublicKey::from_bytes(point));
        let mut a = Handshake::initiator(&alice(), [1; 32], None);
        let mut mallory = Handshake::from_pairs(false, wrong(), own(), PROLOGUE);
        let hello = write(&mut a, b"").unwrap();
        read(&mut mallory, &hello).unwrap();
        let answer = write(&mut mallory, b"").unwrap();
        assert_eq!(read(&mut a, &answer), Err(HandshakeError::Rejected));

        let mut mallory = Handshake::from_pairs(true, wrong(), own(), PROLOGUE);
        let mut b = Handshake::responder(&bob(), [2; 32]);
        run(&mut mallory, &mut b, 2);
        let login = write(&mut mallory, b"").unwrap();
        assert_eq!(read(&mut b, &login), Err(HandshakeError::Rejected));
        assert_eq!(b.remote_key(), None);
    }
}

#[test]
fn another_version_is_refused() {
    let mut a = Handshake::with_prologue(true, &alice(), [1; 32], b"Breeze 1");
    let mut b = Handshake::responder(&bob(), [2; 32]);
    let hello = write(&mut a, b"").unwrap();
    read(&mut b, &hello).unwrap();
    let answer = write(&mut b, b"").unwrap();
    assert_eq!(read(&mut a, &answer), Err(HandshakeError::Rejected));
}

#[test]
fn another_handshakes_messages_are_refused() {
    for done in [1, 2] {
        let mut a = Handshake::initiator(&alice(), [8; 32], Some(bob().public()));
        let mut b = Handshake::responder(&bob(), [9; 32]);
        run(&mut a, &mut b, done);
        let other = write(in_turn(done, &mut a, &mut b).0, PAYLOADS[done]).unwrap();
        assert_eq!(tampered(done, |message| *message = other), HandshakeError::Rejected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn random_bytes_never_panic(
        done in 0..4_usize,
        initiator: bool,
        message in prop::collection::vec(any::<u8>(), 0..300),
        buffer in 0..300_usize,
    ) {
        let (mut a, mut b) = pair();
        run(&mut a, &mut b, done);
        let (mut side, mut other) = if initiator { (a, b) } else { (b, a) };
        let result = side.read(&message, &mut std::vec![0; buffer]);
        // Only the first message has nothing to prove.
        prop_assert!(result.is_err() || (done == 0 && !initiator));
        if result.is_ok() && let Ok(answer) = write(&mut side, b"") {
            prop_assert!(read(&mut other, &answer).is_err());
        }
        prop_assert!(side.read(&message, &mut [0; 300]).is_err());
        prop_assert!(side.finish().is_err());
    }

    #[test]
    fn calls_in_any_order_never_panic(
        calls in prop::collection::vec(
            (any::<bool>(), any::<bool>(), 0..120_usize, 0..220_usize), 0..8,
        ),
    ) {
        let (mut a, mut b) = pair();
        let mut last = Vec::new();
        for (alices, writing, length, buffer) in calls {
            let side = if alices { &mut a } else { &mut b };
            let mut out = std::vec![0; buffer];
            if !writing {
                let _ = side.read(&last, &mut out);
            } else if let Ok(length) = side.write(&std::vec![7; length], &mut out) {
                last = out[..length].to_vec();
            }
        }
        prop_assert_eq!(a.is_complete(), a.finish().is_ok());
        prop_assert_eq!(b.is_complete(), b.finish().is_ok());
    }
}
