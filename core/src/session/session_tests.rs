use std::vec::Vec;

use super::*;
use crate::wire::{Message, append_frame};

/// Has one side say what it has to of the handshake, and the other take it in.
fn pass(from: &mut Session, to: &mut Session) {
    let mut buf = [0; 1024];
    let len = from.transmit_handshake(&mut buf).expect("a message of the handshake");
    let mut rest = &mut buf[..len];
    while !rest.is_empty() {
        let consumed = to.receive(rest).expect("an honest message").consumed;
        rest = &mut rest[consumed..];
    }
}

/// Two sides after the handshake, each of which wants AES or not.
fn sides(dialler: bool, listener: bool) -> [Session; 2] {
    let limits = |takes_aes| Hello { takes_aes, ..Hello::HOST };
    let [alice, bob] = [1, 2].map(|secret| Identity::from_secret([secret; 32]));
    let mut dialler = Session::dialler(&alice, [3; 32], None, limits(dialler));
    let mut listener = Session::listener(&bob, [4; 32], limits(listener));
    pass(&mut dialler, &mut listener);
    pass(&mut listener, &mut dialler);
    pass(&mut dialler, &mut listener);
    [dialler, listener]
}

fn cipher(session: &Session) -> RecordCipher {
    match &session.state {
        State::Open { transport, .. } => transport.cipher(),
        State::Handshaking { .. } | State::Dead => panic!("no records flow"),
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn the_cipher_is_what_both_want() {
    for (one, other) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut sides = sides(one, other);
        let expected = RecordCipher::agree(one && RecordCipher::HAS_AES, other);
        let aes = one && other && RecordCipher::HAS_AES;
        assert_eq!(expected != RecordCipher::ChaChaPoly, aes);
        assert_eq!(sides.each_ref().map(cipher), [expected; 2], "{one} {other}");
        for from in [0, 1, 0] {
            let mut frames = Vec::new();
            append_frame(&mut frames, &Message::Ping);
            let mut buf = [0; 256];
            let mut writer = sides[from].writer(&mut buf).expect("records flow");
            assert_eq!(writer.write_stream(&frames), frames.len());
            let len = writer.finish().expect("sealed");
            let progress = sides[1 - from].receive(&mut buf[..len]).expect("authentic");
            assert!(matches!(progress.what, What::Frame(frame) if *frame == frames[1..]));
        }
    }
}
