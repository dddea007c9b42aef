//! Messages in pieces, sealed by `ring`, which wants them whole: for hosts, whose stacks are large.

use super::secret::Secret;
use super::suite::ChaChaPoly;
use crate::limits::{MAX_BODY, TAG};

/// Bytes of most messages.
const SHORT: usize = 1024;

/// Seals a text of `len` bytes that comes in pieces: it is put together on the stack.
///
/// What exceeds the longest body is left out.
pub(super) fn seal<'p>(
    key: &Secret<32>,
    counter: u64,
    len: usize,
    pieces: impl Iterator<Item = &'p [u8]>,
    put: &mut dyn FnMut(&[u8]),
) {
    if len <= SHORT {
        seal_in(&mut [0; SHORT + TAG], key, counter, pieces, put);
    } else {
        seal_long(key, counter, pieces, put);
    }
}

/// Is a function of its own, so that most messages take little of the stack.
#[inline(never)]
fn seal_long<'p>(
    key: &Secret<32>,
    counter: u64,
    pieces: impl Iterator<Item = &'p [u8]>,
    put: &mut dyn FnMut(&[u8]),
) {
    seal_in(&mut [0; MAX_BODY + TAG], key, counter, pieces, put);
}

fn seal_in<'p>(
    buf: &mut [u8],
    key: &Secret<32>,
    counter: u64,
    pieces: impl Iterator<Item = &'p [u8]>,
    put: &mut dyn FnMut(&[u8]),
) {
    let room = buf.len() - TAG;
    let mut len = 0;
    for piece in pieces {
        let piece = &piece[..piece.len().min(room - len)];
        buf[len..len + piece.len()].copy_from_slice(piece);
        len += piece.len();
    }
    let tag = ChaChaPoly::seal(key, counter, &mut buf[..len]);
    buf[len..len + TAG].copy_from_slice(&tag);
    put(&buf[..len + TAG]);
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::super::sealer_portable;
    use super::*;

    #[test]
    fn it_does_what_the_portable_one_does() {
        let key = Secret([7; 32]);
        for len in [0, 1, 59, 60, 61, SHORT - 1, SHORT, SHORT + 1, 16_384, MAX_BODY] {
            let text: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let (mut own, mut portable) = (Vec::new(), Vec::new());
            seal(&key, 5, len, text.chunks(60), &mut |piece| own.extend_from_slice(piece));
            let put: &mut dyn FnMut(&[u8]) = &mut |piece| portable.extend_from_slice(piece);
            sealer_portable::seal(&key, 5, len, text.chunks(60), put);
            assert_eq!(own.len(), len + TAG);
            assert!(own == portable, "{len}");
        }
    }
}
