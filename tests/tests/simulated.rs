//! Runs of the simulator that once went wrong, and a few more; `sim` has as many as one likes.

use std::time::Duration;

use breeze_tests::sim::{Faults, Report, Scale, Scenario, run};
use breeze_tests::world::seeds;

/// Runs a scenario as `sim` draws it, unless told otherwise.
#[track_caller]
fn simulate(seed: u64) -> Report {
    simulated(seed, Scenario::draw(seed, 5, Duration::from_secs(900), Faults::ALL))
}

#[track_caller]
fn simulated(seed: u64, scenario: Scenario) -> Report {
    run(&scenario).unwrap_or_else(|failure| {
        let tail = failure.trace.iter().rev().take(40).rev().map(String::as_str);
        panic!("seed {seed}: {}\n{}", failure.what, tail.collect::<Vec<_>>().join("\n"))
    })
}

#[test]
fn everything_may_go_wrong() {
    for seed in seeds(10) {
        let report = simulate(seed);
        assert!(report.messages > 50, "seed {seed}: {report:?}");
        assert_eq!(simulate(seed), report, "seed {seed}: the same seed gives the same run");
    }
}

#[test]
fn files_go_on_whatever_goes_wrong() {
    for seed in seeds(6) {
        let draw = || Scenario::draw(seed, 4, Duration::from_secs(600), Faults::ALL).with_files();
        let report = simulated(seed, draw());
        assert!(report.arrived > 2, "seed {seed}: {report:?}");
        assert_eq!(
            simulated(seed, draw()),
            report,
            "seed {seed}: the same seed gives the same run"
        );
    }
}

/// A client got another address a second before all left. Nobody had noticed, so everything seemed to
/// be at rest, and the server never heard that the client left.
#[test]
fn rest_comes_after_dead_connections_are_noticed() {
    simulate(30939);
}

/// What a client brings about at the server depends on whom it knows, and not on how many strangers
/// there are. (`scale` tells what it costs.)
#[test]
fn strangers_cost_nothing() {
    let bytes = |clients| {
        let costs = Scale { clients, samples: 40, seed: 1 }.measure();
        [costs.logins.bytes, costs.messages.bytes, costs.idle.bytes / costs.keepalives]
    };
    let (few, many) = (bytes(120), bytes(360));
    for (few, many) in few.into_iter().zip(many) {
        // Who is a stranger to whom is drawn.
        assert!(many <= few + few / 5, "{few} and {many} bytes");
    }
}
