//! What the targets of `fuzz/` do with their bytes. The corpus of each is replayed by the tests.

mod far;
#[cfg(test)]
mod replay;
pub(crate) mod words;

use arbitrary::Unstructured;

pub(crate) use far::Far;

/// Takes records apart; see [`Deframer`](crate::wire::Deframer).
pub fn deframer(data: &[u8]) {
    crate::wire::deframer(data);
}

/// Decodes a frame; see [`Message::decode`](crate::wire::Message::decode).
pub fn message(data: &[u8]) {
    crate::wire::message(data);
}

/// Runs handshakes with somebody between the two parties: of [`Handshake`](crate::noise::Handshake)
/// alone, or of whole links.
pub fn handshake(data: &[u8]) {
    let mut choices = Unstructured::new(data);
    // Without choices left, it has been said what there was to say.
    let _ = match choices.arbitrary() {
        Ok(false) => crate::noise::handshake(&mut choices),
        Ok(true) => crate::session::link(&mut choices),
        Err(_) => Ok(()),
    };
}

/// Leads the clients of a [`Server`](crate::Server), its host and the time.
pub fn server(data: &[u8]) {
    let _ = crate::server::server(&mut Unstructured::new(data));
}

/// Leads the server and the peers of a [`Client`](crate::Client), its host and the time.
pub fn client(data: &[u8]) {
    let _ = crate::client::client(&mut Unstructured::new(data));
}

/// Pieces of one input, at most: with more, little else would be tried.
const PIECES: usize = 1024;

/// Cuts bytes into pieces whose sizes come round again; each is at least one byte.
pub(crate) fn pieces<'d>(mut rest: &'d [u8], sizes: &[u8]) -> impl Iterator<Item = &'d [u8]> {
    let mut sizes = sizes.iter().cycle();
    let least = rest.len().div_ceil(PIECES);
    core::iter::from_fn(move || {
        let size = match sizes.next().copied().unwrap_or(0) {
            size @ 0..0xc0 => usize::from(size) + 1,
            // Up to a record of the size that the core writes.
            size => (usize::from(size) - 0xbf) * 256,
        };
        let (piece, later) = rest.split_at(rest.len().min(size.max(least)));
        rest = later;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Draws the key of the next handshake: no two are the same, however many links there are.
pub(crate) fn next_ephemeral(used: &mut u16) -> [u8; 32] {
    *used += 1;
    let [high, low] = used.to_be_bytes();
    let mut key = [low; 32];
    key[0] = high;
    key
}
