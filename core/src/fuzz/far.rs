use std::vec;
use std::vec::Vec;

use super::pieces;
use crate::session::{Session, What};
use crate::wire::Message;

/// The other end of a link: it shakes hands, says whatever it is told to in records that are
/// authentic, and understands all that it hears.
pub(crate) struct Far {
    session: Session,
    /// What it has heard and not understood yet.
    heard: Vec<u8>,
    /// What it said last.
    last: Vec<u8>,
    /// Somebody else's bytes are in its handshake: from then on it need not understand anything.
    is_garbled: bool,
}

impl Far {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, heard: Vec::new(), last: Vec::new(), is_garbled: false }
    }

    /// Returns the bytes of the handshake that it has to say now.
    pub(crate) fn greet(&mut self) -> Vec<u8> {
        let mut buf = [0; 256];
        let len = self.session.transmit_handshake(&mut buf).unwrap_or(0);
        buf[..len].to_vec()
    }

    /// Returns content in records, of the given sizes or shorter ones; nothing, if it has not shaken
    /// hands.
    pub(crate) fn say(&mut self, content: &[u8], sizes: &[u8]) -> Vec<u8> {
        let mut said = Vec::new();
        for mut piece in pieces(content, sizes) {
            while !piece.is_empty() {
                let mut buf = vec![0; piece.len() + 64];
                let Some(mut writer) = self.session.writer(&mut buf) else { return said };
                let len = writer.write_stream(piece);
                let sealed = writer.finish().expect("a key");
                said.extend_from_slice(&buf[..sealed]);
                piece = &piece[len..];
            }
        }
        self.last.clone_from(&said);
        said
    }

    /// Returns what it said last.
    pub(crate) fn repeat(&self) -> &[u8] {
        &self.last
    }

    /// Takes note that somebody else says something in its place.
    pub(crate) fn note_stranger(&mut self) {
        let mut buf = [0; 64];
        self.is_garbled |= self.session.writer(&mut buf).is_none();
    }

    /// Listens: every record is authentic, and every frame a message.
    pub(crate) fn hear(&mut self, bytes: &[u8], mut on_message: impl FnMut(&Message<'_>)) {
        self.heard.extend_from_slice(bytes);
        loop {
            let consumed = match self.session.receive(&mut self.heard) {
                Ok(progress) => {
                    if let What::Frame(frame) = progress.what {
                        on_message(&Message::decode(frame).expect("a message"));
                    }
                    progress.consumed
                }
                Err(reason) => {
                    assert!(self.is_garbled, "{reason}");
                    self.heard.len()
                }
            };
            if consumed == 0 || consumed == self.heard.len() {
                self.heard.drain(..consumed);
                return;
            }
            self.heard.drain(..consumed);
        }
    }
}
