//! What the fuzzer does to the beginning of a link.

use std::vec::Vec;

use arbitrary::{Result, Unstructured};

use super::{Session, What};
use crate::fuzz::pieces;
use crate::noise::Identity;
use crate::wire::{Hello, Message};

/// One end of a link: what it has sent, and what it has received and not taken in.
struct End {
    session: Session,
    sent: Vec<u8>,
    /// How many of those were given to the pipe.
    given: usize,
    inbox: Vec<u8>,
    is_dead: bool,
}

impl End {
    fn new(session: Session) -> Self {
        Self { session, sent: Vec::new(), given: 0, inbox: Vec::new(), is_dead: false }
    }

    /// Takes in what has arrived. Returns how many frames that were.
    fn receive(&mut self) -> usize {
        let mut frames = 0;
        while !self.is_dead {
            let len = self.inbox.len();
            let is_my_turn = self.session.wants_handshake_turn();
            match self.session.receive(&mut self.inbox) {
                Ok(progress) => {
                    let consumed = progress.consumed;
                    assert!(consumed <= len);
                    let is_frame = matches!(progress.what, What::Frame(_));
                    frames += usize::from(is_frame);
                    if consumed == 0 && !is_frame {
                        assert!(progress.need > len || is_my_turn, "it waits for nothing");
                        return frames;
                    }
                    self.inbox.drain(..consumed);
                }
                Err(_) => self.is_dead = true,
            }
        }
        frames
    }

    fn transmit(&mut self) {
        let mut buf = [0; 256];
        if let Ok(len) = self.session.transmit_handshake(&mut buf) {
            self.sent.extend_from_slice(&buf[..len]);
        } else {
            self.is_dead = true;
        }
    }
}

/// Changes one direction of a link: from a byte on, some are left out and others put in.
struct Change {
    at: usize,
    leaves_out: usize,
    puts: Vec<u8>,
}

impl Change {
    fn draw(choices: &mut Unstructured<'_>) -> Result<Option<Self>> {
        if !choices.arbitrary()? {
            return Ok(None);
        }
        let (at, leaves_out) = (choices.arbitrary::<u8>()?, choices.int_in_range(0..=40)?);
        let len = choices.int_in_range(0..=40)?;
        Ok(Some(Self { at: at.into(), leaves_out, puts: choices.bytes(len)?.to_vec() }))
    }

    /// Returns what arrives of the bytes that were sent so far.
    fn apply(change: Option<&Self>, sent: &[u8]) -> Vec<u8> {
        let mut arrives = sent.to_vec();
        if let Some(Self { at, leaves_out, puts }) = change
            && *at <= sent.len()
        {
            let end = sent.len().min(at + leaves_out);
            arrives.splice(*at..end, puts.iter().copied());
        }
        arrives
    }
}

/// Shakes hands on a link whose bytes come in pieces of any size, and are changed on the way in one
/// place of each direction. If nothing was changed, both ends know each other and records flow; if
/// anything was, the listener never lets the dialler in.
pub(crate) fn link(choices: &mut Unstructured<'_>) -> Result<()> {
    let [alice, bob] = [1, 2].map(|secret| Identity::from_secret([secret; 32]));
    let knows = choices.arbitrary::<bool>()?.then_some(bob.public());
    let [there, back] = [Change::draw(choices)?, Change::draw(choices)?];
    let count = choices.int_in_range(1..=8)?;
    let sizes = choices.bytes(count)?;
    let mut dialler = End::new(Session::dialler(&alice, [4; 32], knows, Hello::HOST));
    let mut listener = End::new(Session::listener(&bob, [5; 32], Hello::HOST));
    // One turn more than it takes, in which nothing happens.
    for _ in 0..3 {
        carry(&mut dialler, &mut listener, there.as_ref(), sizes);
        carry(&mut listener, &mut dialler, back.as_ref(), sizes);
    }
    let arrived = |change: Option<&Change>, end: &End| {
        Change::apply(change, &end.sent).starts_with(&end.sent)
    };
    let is_sound = arrived(there.as_ref(), &dialler) && arrived(back.as_ref(), &listener);
    let let_in = listener.session.remote_key();
    let is_changed = there.is_some() || back.is_some();
    // What somebody guesses right, and says before its time, is a fault all the same.
    if is_sound && is_changed && (dialler.is_dead || listener.is_dead) {
        assert!(let_in.is_none() || let_in == Some(alice.public()));
        return Ok(());
    }
    assert_eq!(let_in, is_sound.then_some(alice.public()));
    if is_sound {
        assert_eq!(dialler.session.remote_key(), Some(bob.public()));
        // Nothing was put in after the handshake either.
        if !is_changed {
            speak(&mut dialler, &mut listener, sizes);
            speak(&mut listener, &mut dialler, sizes);
        }
    }
    Ok(())
}

/// Carries what one end has to send to the other, in pieces.
fn carry(from: &mut End, to: &mut End, change: Option<&Change>, sizes: &[u8]) {
    from.transmit();
    let arrives = Change::apply(change, &from.sent);
    for piece in pieces(&arrives[from.given..], sizes) {
        to.inbox.extend_from_slice(piece);
        assert_eq!(to.receive(), 0, "no frame before the handshake is over");
    }
    from.given = arrives.len();
}

/// Has one end say a word that the other understands.
fn speak(from: &mut End, to: &mut End, sizes: &[u8]) {
    let mut buf = [0; 64];
    let mut writer = from.session.writer(&mut buf).expect("records flow");
    writer.push(&Message::Ping).expect("room");
    let len = writer.finish().expect("sealed");
    let frames = pieces(&buf[..len], sizes).map(|piece| {
        to.inbox.extend_from_slice(piece);
        to.receive()
    });
    assert_eq!(frames.sum::<usize>(), 1);
    assert!(to.inbox.is_empty() && !to.is_dead);
}
