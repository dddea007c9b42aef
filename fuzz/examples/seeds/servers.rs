//! What happens to a server: see `core/src/server/fuzz/steps.rs`.

use crate::words::{PEERS_REQUEST, PING, ack, ask, close, key_request, read, sealed, unreadable};

const AL: u8 = 0;
const BO: u8 = 1;
const CY: u8 = 2;

/// Serves what waits for the host.
const SERVE: [u8; 2] = [10, 0];
/// Lets the server's next timeout come.
const TICK: [u8; 2] = [9, 0];

/// A user connects and logs in, by way of a link of its own.
fn enter(who: u8) -> Vec<u8> {
    vec![6, who, 0, 0, 0, 0, 1]
}

/// The user at the other end of a link says something, in one record.
fn say(end: u8, words: &[Vec<u8>]) -> Vec<u8> {
    [&[4, end, words.len() as u8 - 1], &words.concat()[..], &[0, 0xff]].concat()
}

pub(super) fn all() -> Vec<Vec<u8>> {
    let prompt: &[u8] = &[0, 0, 1, 0];
    let both = [enter(AL), enter(BO), TICK.into()].concat();
    let talk = [
        say(0, &[PEERS_REQUEST.into(), key_request(BO)]),
        say(0, &[sealed(BO, 1, 0), sealed(BO, 2, 1), PING.into()]),
        say(1, &[ack(AL, 2), read(AL, 1), unreadable(AL)]),
        say(1, &[close(0)]),
        TICK.into(),
    ]
    .concat();
    let away = [
        both.clone(),
        vec![8, 1],
        say(0, &[sealed(BO, 1, 0), sealed(BO, 2, 1), ask(BO)]),
        say(0, &[sealed(BO, 3, 2)]),
        enter(BO),
        say(0, &[sealed(BO, 4, 3)]),
        say(2, &[unreadable(AL), ack(AL, 2), ack(AL, 4), read(AL, 4)]),
        say(0, &[ask(BO), sealed(CY, 1, 0)]),
        enter(AL),
        vec![12, BO],
    ]
    .concat();
    let late = |what: &[u8]| {
        let mut slow = vec![0, 0, 0, 1];
        for _ in 0..3 {
            slow.extend(what);
            slow.extend(SERVE.repeat(6));
            slow.extend([10, 1, 0, 1, 10, 1, 1, 2, 10, 1, 2, 3]);
        }
        slow
    };
    // Somebody stops reading, and its queue fills.
    let stalled = [vec![11, 1, 0], [14, 0, BO, 20, 0xff, 0xff, 0].repeat(3), vec![11, 1, 1]];
    let rude = [
        // Another version, no Breeze at all, and one that never goes on.
        vec![0, AL, 0, 0, 2, 0, 4, b'B', b'R', b'Z', 3],
        vec![0, AL, 0, 0, 2, 1, 4, b'G', b'E', b'T', b' '],
        vec![0, AL, 0, 0, 2, 2, 6, b'B', b'R', b'Z', 2, 2, 1],
        vec![0, BO, 0, 1, 1, 3, 3, 3, 1, 0, 0, 0, 0xff],
        vec![0, CY, 0, 2, 1, 4, 13, 4, 9, 2, 6, 9, 2, 6],
    ]
    .concat();
    // A name is claimed with another's key: the user cy says that it is bo.
    let poser = [vec![0, CY, 0, 0, 1, 2, 7, 2, BO, 0, 0, 1], enter(CY), say(3, &[PING.into()])];
    let end = vec![17, 0xff, 9, 0, 9, 2, 200];
    vec![
        [prompt, &both, &talk].concat(),
        [prompt, &away].concat(),
        late(&both),
        late(&away),
        [prompt, &both, &stalled.concat()].concat(),
        [prompt, &rude].concat(),
        [prompt, &both, &poser.concat()].concat(),
        [prompt, &both, &end].concat(),
        [&[1, 1, 1, 1], &both[..], &talk, &rude].concat(),
        [&[2, 1, 1, 1], &both[..], &away, &end].concat(),
        // Links that are gone, and answers that nobody asked for.
        [prompt, &away, &[15, 1, 1, BO, 0, 15, 0, 7, 7, BO, 1, 16, AL, BO, 0, 2, 2, 6]].concat(),
    ]
}
