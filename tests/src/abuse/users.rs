//! Attacks by whoever may log in, or tries to.

use std::io;
use std::thread;

use breeze_core::id::{Epoch, UserId};
use breeze_core::noise::Identity;
use breeze_core::wire::{Message, Relay, RelayItem, Sealed};

use super::caller::Caller;
use super::field::{Field, Tally};
use crate::device::random;

/// Log-ins at a time.
const GUESSERS: usize = 4;
/// Messages that are written before their writer looks at what it was told.
const BURST: usize = 32;
/// Bytes of a long message.
const LONG: usize = 60_000;

/// Log-ins with a wrong code, and under a name that is another's.
pub(super) fn bad_log_ins(field: &Field<'_>) -> Tally {
    let guesser = |part: usize| {
        let mut tally = Tally::default();
        let (mut round, share) = (0, field.size / GUESSERS);
        while round < share || field.goes_on() {
            round += 1;
            let (user, ticket) = match (round + part) % 2 {
                0 => ("alice", ""),
                _ => ("bob", "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF"),
            };
            match log_in(field, user, ticket) {
                Ok((_, Ok(()))) => tally.note("welcome"),
                Ok((_, Err(refusal))) => tally.note(refusal),
                Err(_) => tally.note("thrown out"),
            }
        }
        tally
    };
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let guessers: Vec<_> =
            (0..GUESSERS).map(|part| scope.spawn(move || guesser(part))).collect();
        for guesser in guessers {
            tally.merge(guesser.join().expect("a guesser's tally"));
        }
    });
    tally
}

/// More users than there may be sessions.
pub(super) fn full_house(field: &Field<'_>) -> Tally {
    let mut tally = Tally::default();
    let mut callers = Vec::with_capacity(field.size);
    for number in 0..field.size {
        match log_in(field, &format!("guest{number}"), "") {
            Ok((caller, Ok(()))) => {
                tally.note("welcome");
                callers.push(caller);
            }
            Ok((_, Err(refusal))) => tally.note(refusal),
            Err(_) => tally.note("thrown out"),
        }
    }
    while field.goes_on() {
        for caller in &mut callers {
            let _ = caller.say(&Message::Ping);
        }
        field.pause(std::time::Duration::from_millis(500));
    }
    tally
}

/// Users who read nothing, and one who writes to all of them as much as there is room for, for as
/// long as it takes.
pub(super) fn deaf(field: &Field<'_>) -> Tally {
    let mut tally = Tally::default();
    let names: Vec<String> = (0..field.size).map(|number| format!("deaf{number}")).collect();
    let deaf: Vec<_> = names.iter().filter_map(|name| log_in(field, name, "").ok()).collect();
    tally.add("do not read", deaf.len());
    // More than any queue holds.
    flood(field, &names, [0; 104], 3 * BURST, LONG, &mut tally);
    tally
}

/// A user who heeds no window: it writes to one who is not there, and to one who does not read.
pub(super) fn heedless(field: &Field<'_>) -> Tally {
    let mut tally = Tally::default();
    let secret = random();
    drop(log_in_with(field, "absent", secret, ""));
    let _deaf = log_in(field, "deaf0", "");
    // By its hint the server takes what follows to be for the one who is not there.
    let mut envelope = [0; 104];
    envelope[..8].copy_from_slice(&Identity::from_secret(secret).public().hint());
    let names = ["absent", "deaf0"].map(str::to_owned);
    flood(field, &names, envelope, field.size * BURST, 1_000, &mut tally);
    tally
}

/// Writes to users in turn, without regard for anything, as many messages to each, or more.
fn flood(
    field: &Field<'_>,
    to: &[String],
    envelope: [u8; 104],
    messages: usize,
    len: usize,
    tally: &mut Tally,
) {
    let Ok((mut writer, Ok(()))) = log_in(field, "writer", "") else {
        return tally.note("not logged in");
    };
    let body = vec![0; len];
    let to: Vec<UserId> = to.iter().map(|name| UserId::new(name).expect("a user")).collect();
    let mut seq = 0;
    while (seq as usize) < messages || field.goes_on() {
        for peer in &to {
            if seq as usize >= messages && !field.goes_on() {
                return;
            }
            let sealed = |seq| Sealed {
                epoch: Epoch::from_bits(1),
                seq,
                back: seq - 1,
                gap: 0,
                envelope: &envelope,
                body: &body,
            };
            let burst = (1..=BURST as u64).try_for_each(|number| {
                let item = RelayItem::Sealed(sealed(seq + number));
                writer.say(&Message::Relay(Relay { peer: peer.clone(), item }))
            });
            let told = burst.and_then(|()| writer.say(&Message::Ping));
            if told.and_then(|()| answers(&mut writer, tally)).is_err() {
                return tally.note("thrown out");
            }
            tally.add("written", BURST);
        }
        seq += BURST as u64;
    }
}

/// Notes what comes before the answer to a ping.
fn answers(writer: &mut Caller, tally: &mut Tally) -> io::Result<()> {
    while let Some(answer) = writer.hear(|message| match message {
        Message::Pong => None,
        Message::Refused { reason, .. } => Some(format!("{reason:?}")),
        Message::Stored { .. } => Some("stored".to_owned()),
        Message::Close(reason) => Some(format!("closed: {reason}")),
        _ => Some("else".to_owned()),
    })? {
        tally.note(answer);
    }
    Ok(())
}

/// Logs in with a new key, and returns what the server made of it.
fn log_in(field: &Field<'_>, user: &str, ticket: &str) -> io::Result<(Caller, Result<(), String>)> {
    log_in_with(field, user, random(), ticket)
}

/// Logs in with a key.
fn log_in_with(
    field: &Field<'_>,
    user: &str,
    secret: [u8; 32],
    ticket: &str,
) -> io::Result<(Caller, Result<(), String>)> {
    let mut caller = Caller::connect(field.server)?;
    caller.ask_to_log_in(user, secret, ticket)?;
    let outcome = caller.hear(|message| match message {
        Message::Welcome(_) => Ok(()),
        Message::LoginRefused(refusal) => Err(format!("{refusal:?}")),
        other => Err(format!("{other:?}")),
    })?;
    Ok((caller, outcome))
}
