//! The choices that make messages: see `core/src/fuzz/words.rs`.

pub(super) const PEERS_REQUEST: &[u8] = &[3, 0];
pub(super) const PING: &[u8] = &[17];

/// A message for the server to relay: to whom, and its number, of which `back` before are open.
pub(super) fn sealed(to: u8, seq: u8, back: u8) -> Vec<u8> {
    // The epoch, the numbers, with an envelope, and a short text.
    vec![13, to, 0, seq, back, 0, 0, 3, 40]
}

/// An acknowledgement, for the server to relay.
pub(super) fn ack(to: u8, upto: u8) -> Vec<u8> {
    vec![10, to, 0, upto]
}

/// Says that a person has seen messages, for the server to relay.
pub(super) fn read(to: u8, upto: u8) -> Vec<u8> {
    vec![11, to, 0, upto]
}

pub(super) fn unreadable(to: u8) -> Vec<u8> {
    vec![12, to, 0]
}

pub(super) fn ask(peer: u8) -> Vec<u8> {
    vec![22, peer, 0]
}

pub(super) fn key_request(user: u8) -> Vec<u8> {
    vec![23, user]
}

pub(super) fn close(reason: u8) -> Vec<u8> {
    vec![19, reason]
}
