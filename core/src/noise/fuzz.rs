//! What the fuzzer does to handshakes.

use std::vec;
use std::vec::Vec;

use arbitrary::{Result, Unstructured};

use super::{Handshake, Identity, MAX_MESSAGE};

/// Calls that one run makes at most.
const CALLS: usize = 24;

/// One of two parties, and what it has said and believed so far.
struct Party {
    handshake: Handshake,
    said: Vec<(Vec<u8>, Vec<u8>)>,
    heard: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Party {
    fn new(handshake: Handshake) -> Self {
        Self { handshake, said: Vec::new(), heard: Vec::new() }
    }

    fn write(&mut self, payload: &[u8], room: usize) {
        let was_turn = self.handshake.is_my_turn();
        let mut out = vec![0xaa; room];
        match self.handshake.write(payload, &mut out) {
            Ok(len) => {
                assert!(was_turn && payload.len() <= len && len <= room.min(MAX_MESSAGE));
                self.said.push((out[..len].to_vec(), payload.to_vec()));
            }
            Err(_) => self.assert_is_dead(),
        }
    }

    fn read(&mut self, message: &[u8], room: usize) {
        let mut payload = vec![0xaa; room];
        match self.handshake.read(message, &mut payload) {
            Ok(len) => {
                payload.truncate(len);
                self.heard.push((message.to_vec(), payload));
            }
            Err(_) => self.assert_is_dead(),
        }
    }

    /// The first fault ends it, and so does a call out of turn.
    fn assert_is_dead(&mut self) {
        assert!(!self.handshake.is_my_turn() && !self.handshake.is_complete());
        assert!(self.handshake.write(&[], &mut [0; 128]).is_err());
        assert!(self.handshake.read(&[0; 32], &mut [0; 128]).is_err());
    }
}

/// Lets two parties call in any order, and somebody between them change what they say to each other,
/// or say something of their own. Whoever believes that it talks to the other has heard exactly what
/// the other said.
pub(crate) fn handshake(choices: &mut Unstructured<'_>) -> Result<()> {
    let [alice, bob, mallory] = [1, 2, 3].map(|secret| Identity::from_secret([secret; 32]));
    let (own, expected) = *choices.choose(&[
        (&alice, Some(bob.public())),
        (&alice, None),
        (&alice, Some(mallory.public())),
        // Somebody talks to itself.
        (&bob, Some(bob.public())),
    ])?;
    let mut dialler = Party::new(Handshake::initiator(own, [4; 32], expected));
    let mut listener = Party::new(Handshake::responder(&bob, [5; 32]));
    for _ in 0..CALLS {
        if choices.is_empty() {
            break;
        }
        let call = choices.int_in_range(0..=7)?;
        let (one, other) = match choices.arbitrary()? {
            false => (&mut dialler, &mut listener),
            true => (&mut listener, &mut dialler),
        };
        let last = other.said.last().map(|(message, _)| message.clone()).unwrap_or_default();
        match call {
            0 => one.write(b"hello", 256),
            1 => {
                let (len, room) = (choices.arbitrary::<u8>()?, choices.arbitrary::<u16>()?);
                one.write(&vec![0x5a; len.into()], room.into());
            }
            2 => one.write(
                &vec![0; MAX_MESSAGE - 100 + usize::from(choices.arbitrary::<u8>()?)],
                1 << 17,
            ),
            3 | 4 => one.read(&last, 256),
            5 => one.read(&last, choices.arbitrary::<u8>()?.into()),
            6 => {
                let mut message = last;
                tamper(choices, &mut message)?;
                one.read(&message, 512);
            }
            _ => {
                let len = choices.arbitrary::<u8>()?.into();
                let message = choices.bytes(len)?;
                one.read(message, 512);
            }
        }
        judge(&dialler, &listener, own, &bob);
    }
    let keeps = |party: &Party| party.handshake.is_complete();
    match (keeps(&dialler), keeps(&listener)) {
        (true, true) => {
            let mut ends = [dialler, listener].map(|party| party.handshake.finish().expect("keys"));
            for (from, to) in [(0, 1), (1, 0)] {
                let mut record = *b"to the other end................";
                assert_eq!(ends[from].seal_in_place(&mut record, 16), Ok(32));
                assert_eq!(ends[to].open_in_place(&mut record), Ok(16));
                assert_eq!(&record[..16], b"to the other end");
            }
        }
        // Either may have ended itself by a call out of turn since.
        (one, other) => {
            assert_eq!(dialler.handshake.finish().is_ok(), one);
            assert_eq!(listener.handshake.finish().is_ok(), other);
        }
    }
    Ok(())
}

/// Changes a message in one place.
fn tamper(choices: &mut Unstructured<'_>, message: &mut Vec<u8>) -> Result<()> {
    let at = usize::from(choices.arbitrary::<u8>()?).min(message.len());
    match choices.int_in_range(0..=3)? {
        0 => message.truncate(at),
        1 => message.insert(at, choices.arbitrary()?),
        2 => {
            let len = choices.int_in_range(0..=40)?;
            let bytes = choices.bytes(len)?;
            message.splice(at..message.len().min(at + len), bytes.iter().copied());
        }
        _ => {
            let mask = choices.arbitrary::<u8>()?;
            message[at..].iter_mut().take(1).for_each(|byte| *byte ^= mask);
        }
    }
    Ok(())
}

fn judge(dialler: &Party, listener: &Party, own: &Identity, bob: &Identity) {
    if !dialler.heard.is_empty() {
        assert_eq!(dialler.handshake.remote_key(), Some(bob.public()));
        assert_eq!(dialler.heard, listener.said);
        assert_eq!(dialler.said[..1], listener.heard[..1]);
    }
    if listener.heard.len() > 1 {
        assert_eq!(listener.handshake.remote_key(), Some(own.public()));
        assert_eq!(listener.heard, dialler.said);
    }
}
