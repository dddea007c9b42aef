//! Attacks on a live server, in small: what must hold whatever attackers do. The program `abuse`
//! does the same in earnest, and prints figures.

use breeze_core::error::LoginRefusal;
use breeze_tests::ServerOptions;
use breeze_tests::abuse::{Attack, Bound, Report, Siege};

/// Sessions that the servers here may have.
const SESSIONS: usize = 40;
/// Files that they may have open: there is room for these sessions, and for 120 links without one.
const FILES: u32 = 512;
/// Lines that an attack may leave in the log: some of each kind.
const LINES: usize = 120;

/// Attacks, and checks what holds in any case: the honest pair notices nothing but time, the server
/// stays within its memory and gives back what it took, and its log stays readable.
#[track_caller]
fn attack(name: &str, size: usize) -> Report {
    attack_one_of(name, size, FILES)
}

/// Attacks a server that may have so many files open.
#[track_caller]
fn attack_one_of(name: &str, size: usize, files: u32) -> Report {
    let attack = Attack::named(name).expect("an attack");
    let sessions = SESSIONS.to_string();
    let options =
        |options: ServerOptions| options.argument("--max-sessions", &sessions).files(files);
    let report = Siege::new(attack, size).server(options).run();
    check(name, &report);
    report
}

#[track_caller]
fn check(name: &str, report: &Report) {
    let seen: Vec<_> = report.tally.iter().collect();
    println!("{name}: {seen:?}, {:?}", report.resources);
    assert!(report.is_whole, "messages of the honest are lost or doubled");
    assert_eq!(report.thrown_out, 0, "the honest lost their sessions");
    assert!(report.tally.total() > 0, "nothing was done");
    let bound = Bound::of(SESSIONS).kib();
    let peak = report.resources[1].peak;
    assert!(peak < bound, "{peak} KiB of memory, {bound} are stated");
    assert!(report.log.len() <= LINES, "{} lines of log: {:#?}", report.log.len(), report.log);
}

/// Checks that newcomers got in while the attack was on.
#[track_caller]
fn let_in(report: &Report) {
    assert!(report.newcomers.iter().all(Option::is_some), "{:?}", report.newcomers);
}

/// Log-ins that never end took all places for links without a session, and nobody else could log
/// in, for as long as it went on.
#[test]
fn slow_log_ins_keep_nobody_out() {
    let report = attack("trickles", 200);
    let_in(&report);
    assert!(report.tally.count("thrown out") > 0, "more of them than there may be");
}

/// As before, with connections that say nothing at all.
#[test]
fn a_crowd_beyond_the_bound_keeps_nobody_out() {
    let report = attack("crowd", 200);
    let_in(&report);
    assert!(report.tally.count("thrown out") > 0, "more of them than there may be");
}

#[test]
fn half_handshakes_keep_nobody_out() {
    let_in(&attack("half-handshakes", 200));
}

/// Each of these was good for 80 KB.
#[test]
fn strangers_cannot_begin_long_frames() {
    let_in(&attack("fragments", 100));
}

#[test]
fn nonsense_is_thrown_out() {
    let report = attack("nonsense", 60);
    let_in(&report);
    assert_eq!(report.tally.count("thrown out"), report.tally.total());
}

#[test]
fn replayed_records_are_refused() {
    let report = attack("replays", 20);
    let_in(&report);
    let refused = report.tally.count("record refused") + report.tally.count("session refused");
    assert_eq!(refused, report.tally.total());
}

/// Each of these left a line in the log.
#[test]
fn bad_log_ins_are_refused_and_soon_not_looked_at() {
    let report = attack("bad-log-ins", 200);
    let_in(&report);
    let late = report.tally.count("TooManyTries");
    let looked_at = report.tally.count("NameTaken") + report.tally.count("WrongCode");
    assert_eq!(late + looked_at, report.tally.total());
    assert!((1..=20).contains(&looked_at), "{looked_at} were looked at");
    assert!(report.log.iter().any(|line| line.contains("next ones are not shown")));
}

#[test]
fn a_full_house_says_so_and_has_room_again() {
    let report = attack("full-house", SESSIONS + 10);
    assert_eq!(report.tally.count("welcome"), SESSIONS - 2, "all but the honest pair's");
    assert_eq!(report.tally.count("ServerFull"), 12);
    assert!(report.newcomers.iter().all(Option::is_none));
    assert!(report.refusals.iter().all(|refusal| *refusal == LoginRefusal::ServerFull));
}

#[test]
fn those_who_do_not_read_hold_up_nobody() {
    let report = attack("deaf", 4);
    let_in(&report);
    assert!(report.tally.count("Busy") > 0, "their queues are full");
}

#[test]
fn who_heeds_no_window_is_told_and_holds_up_nobody() {
    let report = attack("heedless", 100);
    let_in(&report);
    assert!(report.tally.count("stored") > 0, "what is kept is said to be");
}

/// A server that may have few files open took in connections until there were none left, and then
/// nobody.
#[test]
fn few_files_are_enough_to_go_on_with() {
    let report = attack_one_of("crowd", 100, 64);
    let_in(&report);
    assert!(report.tally.count("thrown out") > 0);
}
