use std::env;
use std::io::{Write, stderr};

/// Says that a scenario cannot run on this machine and why, or fails it when
/// `BREEZE_REQUIRE_NETNS` is 1, as it is where everything must run.
#[track_caller]
pub fn skip(why: &str) {
    assert!(
        !env::var("BREEZE_REQUIRE_NETNS").is_ok_and(|value| value == "1"),
        "BREEZE_REQUIRE_NETNS is set, but this machine cannot run the scenario: {why}"
    );
    // Not `eprintln`, which is shown for failed tests only.
    let _ = writeln!(stderr(), "SKIPPED: {why}");
}
