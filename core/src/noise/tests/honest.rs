//! What honest callers see, and callers who lose count.

use super::super::{Handshake, HandshakeError, MAX_MESSAGE, MESSAGE_OVERHEADS};
use super::{PAYLOADS, alice, bob, in_turn, open, pair, read, run, seal, write};

#[test]
fn both_roles_complete_and_know_each_other() {
    let (mut a, mut b) = pair();
    for i in 0..3 {
        let alices = i != 1;
        assert_eq!((a.is_my_turn(), b.is_my_turn()), (alices, !alices));
        assert!(!a.is_complete() && !b.is_complete());
        assert_eq!(a.remote_key(), (i == 2).then(|| bob().public()));
        assert_eq!(b.remote_key(), None);
        let (from, to) = in_turn(i, &mut a, &mut b);
        let message = write(from, PAYLOADS[i]).unwrap();
        assert_eq!(message.len(), PAYLOADS[i].len() + MESSAGE_OVERHEADS[i]);
        assert_eq!(read(to, &message).as_deref(), Ok(PAYLOADS[i]));
    }
    assert!(a.is_complete() && b.is_complete());
    assert!(!a.is_my_turn() && !b.is_my_turn());
    assert_eq!(a.remote_key(), Some(bob().public()));
    assert_eq!(b.remote_key(), Some(alice().public()));
    assert_eq!(a.hash(), b.hash());

    let (mut a, mut b) = (a.finish().unwrap(), b.finish().unwrap());
    for text in [&b"to bob"[..], b"again"] {
        let record = seal(&mut a, text);
        assert_eq!(open(&mut b, &record).as_deref(), Ok(text));
    }
    let record = seal(&mut b, b"to alice");
    assert_eq!(open(&mut a, &record).as_deref(), Ok(&b"to alice"[..]));
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn an_initiator_without_expectations_takes_any_key() {
    let mut a = Handshake::initiator(&alice(), [1; 32], None);
    let mut b = Handshake::responder(&bob(), [2; 32]);
    run(&mut a, &mut b, 3);
    assert_eq!(a.remote_key(), Some(bob().public()));
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn the_longest_messages_pass_and_longer_ones_do_not() {
    let (mut a, mut b) = pair();
    for (i, overhead) in MESSAGE_OVERHEADS.into_iter().enumerate() {
        let (from, to) = in_turn(i, &mut a, &mut b);
        let payload = std::vec![i as u8; MAX_MESSAGE - overhead];
        let message = write(from, &payload).unwrap();
        assert_eq!(message.len(), MAX_MESSAGE);
        assert_eq!(read(to, &message), Ok(payload));
    }
    for (done, overhead) in MESSAGE_OVERHEADS.into_iter().enumerate() {
        let (mut a, mut b) = pair();
        run(&mut a, &mut b, done);
        let (from, to) = in_turn(done, &mut a, &mut b);
        let payload = std::vec![0; MAX_MESSAGE - overhead + 1];
        let mut out = std::vec![0; MAX_MESSAGE + 1];
        assert_eq!(from.write(&payload, &mut out), Err(HandshakeError::BadLength));
        assert_eq!(to.read(&out, &mut payload.clone()), Err(HandshakeError::BadLength));
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn a_buffer_may_fit_exactly_and_not_less() {
    for (done, overhead) in MESSAGE_OVERHEADS.into_iter().enumerate() {
        for missing in [0, 1, overhead, overhead + 4] {
            let (mut a, mut b) = pair();
            run(&mut a, &mut b, done);
            let (from, to) = in_turn(done, &mut a, &mut b);
            let mut out = std::vec![0; overhead + 4 - missing];
            let written = from.write(b"four", &mut out);
            if missing > 0 {
                assert_eq!(written, Err(HandshakeError::BufferTooSmall));
                assert_eq!(write(from, b"four"), Err(HandshakeError::OutOfTurn));
                continue;
            }
            assert_eq!(written, Ok(out.len()));
            assert_eq!(to.read(&out, &mut [0; 3]), Err(HandshakeError::BufferTooSmall));
            assert_eq!(to.read(&out, &mut [0; 4]), Err(HandshakeError::OutOfTurn));
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn calls_out_of_turn_are_refused_and_end_it() {
    for done in 0..=3 {
        for initiator in [true, false] {
            for writing in [true, false] {
                let (mut a, mut b) = pair();
                run(&mut a, &mut b, done);
                let mut side = if initiator { a } else { b };
                let writes_next = (done != 1) == initiator;
                if done < 3 && writing == writes_next {
                    continue;
                }
                let refused =
                    if writing { write(&mut side, b"") } else { read(&mut side, &[9; 96]) };
                assert_eq!(refused, Err(HandshakeError::OutOfTurn), "{done} {side:?}");
                assert!(!side.is_my_turn() && !side.is_complete());
                assert_eq!(write(&mut side, b""), Err(HandshakeError::OutOfTurn));
                assert_eq!(read(&mut side, &[9; 96]), Err(HandshakeError::OutOfTurn));
                assert_eq!(side.finish().err(), Some(HandshakeError::OutOfTurn));
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn nobody_finishes_early() {
    for done in 0..3 {
        let (mut a, mut b) = pair();
        run(&mut a, &mut b, done);
        assert_eq!(a.finish().err(), Some(HandshakeError::OutOfTurn));
        assert_eq!(b.finish().err(), Some(HandshakeError::OutOfTurn));
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn the_documented_sizes_hold() {
    assert!(size_of::<Handshake>() <= 672, "{}", size_of::<Handshake>());
}
