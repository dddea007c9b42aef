//! What happens to a client: see `core/src/client/fuzz/steps.rs`.

use crate::words::{PING, close, sealed};

const AL: u8 = 0;
const CY: u8 = 2;
/// Everybody is online, as bits.
const ALL: u8 = 0b11111;

/// Mesh, what becomes of messages to absent users, keys remembered, the server's key, limits,
/// whether the host acknowledges at once, and its buffer.
const EAGER: [u8; 7] = [0, 0, 0, 0, 0, 1, 0];
const ON_DEMAND: [u8; 7] = [1, 1, 0, 1, 0, 1, 1];
const OFF: [u8; 7] = [2, 1, 1, 1, 1, 0, 0];
const FILES: [u8; 7] = [0, 0, 0, 0, 2, 1, 0];
const WRONG_KEY: [u8; 7] = [0, 0, 0, 2, 0, 1, 0];

/// The server answers, and tells who is online.
fn greet(who: u8) -> Vec<u8> {
    vec![6, who, 0, 0, 0]
}

/// Time passes until the client wants to be woken.
const TICK: [u8; 2] = [9, 0];
/// The client sends a message to a user.
fn send(to: u8) -> Vec<u8> {
    vec![10, to, 20]
}

/// A peer dials, or was dialled.
fn join(who: u8, dials: u8) -> Vec<u8> {
    vec![7, who, dials, 0, 0]
}

/// The end of a link answers the last message that it heard.
fn answer(end: u8, what: u8) -> Vec<u8> {
    vec![17, end, what, 0, 0]
}

/// The server hands over a message that a user has sealed: its number, and how many are open.
fn hand_over(from: u8, seq: u8, back: u8) -> Vec<u8> {
    vec![16, from, 0, 0, seq, back, 0, 1, 1, 0]
}

fn say(end: u8, words: &[Vec<u8>]) -> Vec<u8> {
    [&[4, end, words.len() as u8 - 1], &words.concat()[..], &[0, 0xff]].concat()
}

/// A message on a direct link.
fn chat(seq: u8, back: u8) -> Vec<u8> {
    vec![8, 0, seq, back, 0, 3, 9]
}

/// An item about a transfer, with some bytes if it has any: which one it is, and what it says.
fn file_item(transfer: u8, what: &[u8]) -> Vec<u8> {
    [&[27, 2, 5, 7, transfer, 1], what].concat()
}

pub(super) fn all() -> Vec<Vec<u8>> {
    let up = [TICK.to_vec(), greet(ALL), TICK.to_vec()].concat();
    let direct = [
        up.clone(),
        join(AL, 1),
        join(CY, 0),
        send(AL),
        send(CY),
        answer(1, 0),
        say(1, &[chat(1, 0), chat(2, 1), PING.into()]),
        vec![12, 0, 12, 1],
        answer(1, 6),
        answer(2, 0),
        say(1, &[close(0)]),
        vec![8, 2],
        TICK.repeat(6),
    ]
    .concat();
    let relayed = [
        up.clone(),
        vec![12, 2, 12, 2, 12, 2],
        send(AL),
        send(AL),
        answer(0, 3),
        send(AL),
        answer(0, 5),
        TICK.repeat(2),
        answer(0, 0),
        answer(0, 1),
        hand_over(CY, 1, 0),
        hand_over(CY, 2, 1),
        vec![12, 0, 12, 1],
        send(CY),
        answer(0, 2),
        TICK.repeat(3),
        answer(0, 4),
        vec![8, 0],
        TICK.repeat(2),
        greet(1),
        vec![11, 0, 11, 1, CY, 0, 3, 11, 2, 3, 0, 4, 2],
        TICK.repeat(4),
    ]
    .concat();
    // The server says what only others may say, and its bytes are no bytes of Breeze.
    let rude = [
        up.clone(),
        say(0, &[sealed(AL, 1, 0)]),
        TICK.repeat(2),
        vec![0, 0, 0, 2, 1, 4, b'B', b'R', b'Z', 3],
        TICK.repeat(2),
        vec![0, 6, 0, 1, 2],
    ]
    .concat();
    let keys = [
        up.clone(),
        vec![12, 3, 1, 12, 4, 1, 1],
        hand_over(AL, 1, 0),
        vec![16, CY, 7, 0, 1, 0, 0, 1, 1, 0],
        say(0, &[vec![5, 1, AL, 0, 1, 3, 0, 0, 0, 0], vec![24, AL, 1, 2]]),
        vec![12, 2, 12, 3, 0],
        TICK.repeat(3),
    ]
    .concat();
    let end = vec![20, 0xff, 9, 2, 9];
    // Streams go to a peer and come from it, on a direct link, as far as their bytes suffice.
    let files = [
        up.clone(),
        vec![7, AL, 1, 6, 0, 0],
        vec![18, 0, AL, 0, 200, 0],
        TICK.to_vec(),
        say(1, &[file_item(0, &[1, 0, 200])]),
        TICK.to_vec(),
        say(1, &[file_item(1, &[0, 0, 1, 50])]),
        vec![18, 2, AL, 1, 1, 1],
        TICK.to_vec(),
        say(1, &[file_item(1, &[2, 0]), file_item(1, &[4, 0])]),
        vec![18, 5, AL, 1, 18, 6, AL, 1],
        TICK.repeat(3),
        say(1, &[file_item(0, &[6, 0, 0])]),
        vec![18, 8, AL, 1, 0],
        TICK.repeat(2),
    ]
    .concat();
    let lives = [&direct, &relayed, &rude, &keys];
    let mut inputs = Vec::new();
    for config in [EAGER, ON_DEMAND, OFF, WRONG_KEY] {
        inputs.extend(lives.map(|life| [&config[..], life].concat()));
    }
    inputs.push([&EAGER[..], &direct, &relayed, &end].concat());
    inputs.push([&FILES[..], &files, &end].concat());
    inputs
}
