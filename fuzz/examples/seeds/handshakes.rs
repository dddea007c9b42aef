//! Handshakes: whole ones, and some with a change in each message.

/// What the two parties do, one after the other, each as a call and who makes it.
const WHOLE: [[u8; 2]; 6] = [[0, 0], [3, 1], [0, 1], [3, 0], [0, 0], [3, 1]];

/// Returns the choices of the handshake's target.
pub(super) fn all() -> Vec<Vec<u8>> {
    let mut inputs = Vec::new();
    for who in 0..4 {
        inputs.push([&[0, who], WHOLE.as_flattened()].concat());
        for turn in [1, 3, 5] {
            // Its reader gets it with a byte that is changed.
            let (before, after) = WHOLE.split_at(turn);
            let change = [6, after[0][1], 40, 3, 0x80];
            let rest = after[1..].as_flattened();
            inputs.push([&[0, who], before.as_flattened(), &change, rest].concat());
        }
    }
    for knows in 0..2 {
        for sizes in [&[0][..], &[0xff], &[0, 3, 0x40, 7]] {
            let pieces = [&[sizes.len() as u8 - 1], sizes].concat();
            inputs.push([&[1, knows, 0, 0], &pieces[..]].concat());
            for at in [0, 3, 5, 7, 39, 100] {
                let change = [1, at, 1, 1, 0xff];
                inputs.push([&[1, knows], &change[..], &[0], &pieces].concat());
                inputs.push([&[1, knows, 0], &change[..], &pieces].concat());
            }
        }
    }
    inputs
}
