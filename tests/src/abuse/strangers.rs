//! Attacks by whoever can reach the server's port.

use std::collections::VecDeque;
use std::io::Write;
use std::time::Duration;

use super::caller::Caller;
use super::field::{Field, Tally};
use crate::device::random;

/// Between two bytes of a slow log-in.
const TRICKLE: Duration = Duration::from_millis(100);

/// Connections that are opened and say nothing; who is thrown out comes again.
pub(super) fn crowd(field: &Field<'_>) -> Tally {
    hold(field, |_, _| {})
}

/// Log-ins of a byte now and then; who is thrown out comes again.
pub(super) fn trickles(field: &Field<'_>) -> Tally {
    let (_, opening) = Caller::opening(random());
    hold(field, |caller, wave| {
        // The last byte never comes.
        if wave + 1 < opening.len() {
            let _ = caller.stream.write(&opening[wave..=wave]);
        }
    })
}

/// Keeps as many connections open as are wanted, and does something with each in every wave.
fn hold(field: &Field<'_>, act: impl Fn(&mut Caller, usize)) -> Tally {
    let mut tally = Tally::default();
    let mut callers: Vec<(Caller, usize)> = Vec::new();
    while field.goes_on() {
        while callers.len() < field.size {
            match Caller::connect(field.server) {
                Ok(caller) => {
                    tally.note("connected");
                    caller.stream.set_nonblocking(true).expect("a way not to wait");
                    callers.push((caller, 0));
                }
                Err(_) => {
                    tally.note("not connected");
                    break;
                }
            }
        }
        for (caller, wave) in &mut callers {
            act(caller, *wave);
            *wave += 1;
        }
        let before = callers.len();
        callers.retain_mut(|(caller, _)| !caller.has_ended());
        tally.add("thrown out", before - callers.len());
        field.pause(TRICKLE);
    }
    tally
}

/// Handshakes of which only the first message comes, as fast as they can be begun: it costs nothing
/// to make, and the server has to calculate for its answer.
pub(super) fn half_handshakes(field: &Field<'_>) -> Tally {
    let (_, opening) = Caller::opening(random());
    let mut tally = Tally::default();
    let mut callers = VecDeque::with_capacity(field.size);
    while field.goes_on() {
        if callers.len() == field.size {
            callers.pop_front();
        }
        match Caller::connect(field.server) {
            Ok(mut caller) => {
                tally.note("begun");
                let _ = caller.stream.write_all(&opening);
                callers.push_back(caller);
            }
            Err(_) => tally.note("not connected"),
        }
    }
    tally
}

/// Strangers, each of which has done its handshake and begun a frame of the longest kind.
pub(super) fn fragments(field: &Field<'_>) -> Tally {
    let mut tally = Tally::default();
    let mut callers = VecDeque::with_capacity(field.size);
    while field.goes_on() {
        if callers.len() == field.size {
            callers.pop_front();
        }
        let Ok(mut caller) = Caller::connect(field.server) else {
            tally.note("not connected");
            continue;
        };
        if caller.shake_hands(random()).is_err() {
            tally.note("no handshake");
            continue;
        }
        // A length of 65,536 and almost as much content.
        let mut content = vec![0x80, 0x80, 0x04];
        content.resize(60_000, 0);
        let bytes = caller.seal(&content);
        caller.stream.set_nonblocking(true).expect("a way not to wait");
        tally.note(if caller.stream.write_all(&bytes).is_ok() { "begun" } else { "thrown out" });
        callers.push_back(caller);
    }
    tally
}

/// Bytes without sense in place of a preamble, of a handshake and of a record.
pub(super) fn nonsense(field: &Field<'_>) -> Tally {
    let mut tally = Tally::default();
    let mut round = 0;
    while round < field.size || field.goes_on() {
        round += 1;
        let Ok(mut caller) = Caller::connect(field.server) else {
            tally.note("not connected");
            continue;
        };
        let bytes: Vec<u8> = (0..32).flat_map(|_| random()).collect();
        let sense = match round % 3 {
            0 => Ok(()),
            // What follows is longer than any message of the handshake.
            1 => caller.stream.write_all(b"BRZ\x02\xff\xff"),
            _ => caller.shake_hands(random()).and_then(|_| caller.stream.write_all(b"\x01\x00")),
        };
        let said = sense.and_then(|()| caller.stream.write_all(&bytes));
        tally.note(if said.is_err() || caller.is_hung_up() { "thrown out" } else { "endured" });
    }
    tally
}

/// Records that were valid once, said again: on the same connection, and on another one with the
/// handshake that went before them.
pub(super) fn replays(field: &Field<'_>) -> Tally {
    let mut tally = Tally::default();
    let mut round = 0;
    while round < field.size || field.goes_on() {
        round += 1;
        let Ok(mut caller) = Caller::connect(field.server) else {
            tally.note("not connected");
            continue;
        };
        let Ok(mut said) = caller.shake_hands(random()) else {
            tally.note("no handshake");
            continue;
        };
        let record = caller.seal(&[1, 12]);
        said.extend_from_slice(&record);
        let again =
            caller.stream.write_all(&record).and_then(|()| caller.stream.write_all(&record));
        let gone = again.is_err() || caller.is_hung_up();
        tally.note(if gone { "record refused" } else { "record taken" });
        let Ok(mut caller) = Caller::connect(field.server) else { continue };
        let gone = caller.stream.write_all(&said).is_err() || caller.is_hung_up();
        tally.note(if gone { "session refused" } else { "session taken" });
    }
    tally
}
