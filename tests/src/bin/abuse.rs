//! Attacks a live server in earnest, and prints what it and its users made of it.

use std::time::Duration;

use breeze_tests::abuse::{Attack, Report, Siege};
use clap::Parser;

/// Sessions that the server may have.
const SESSIONS: usize = 1_000;

/// Attacks a real server on loopback, one attack after the other, while two users write to each
/// other through it.
#[derive(Debug, Parser)]
#[command(name = "abuse", max_term_width = 100)]
struct Cli {
    /// Attacks to make, and no others
    #[arg(long, value_name = "NAME", value_parser = named)]
    only: Vec<Attack>,
    /// Seconds that each lasts, at least
    #[arg(long, value_name = "SECS", default_value_t = 10)]
    time: u64,
}

fn named(name: &str) -> Result<Attack, String> {
    let names = || Attack::ALL.map(|attack| attack.name).join(", ");
    Attack::named(name).ok_or_else(|| format!("there are {}", names()))
}

fn main() {
    let cli = Cli::parse();
    let attacks = if cli.only.is_empty() { Attack::ALL.to_vec() } else { cli.only };
    println!(
        "| attack | p50, p99 before | during | after | a newcomer's log-in | memory before | peak | after | recovery |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for attack in attacks {
        let siege = Siege::new(attack, attack.size).lasting(Duration::from_secs(cli.time));
        let report =
            siege.server(|options| options.argument("--max-sessions", &SESSIONS.to_string())).run();
        print(attack, &report);
    }
}

fn print(attack: Attack, report: &Report) {
    let trip = |phase| {
        let [p50, p99] = [0.5, 0.99].map(|part| millis(report.quantile(phase, part)));
        format!("{p50}, {p99} ms")
    };
    let [before, height, after] = report.resources;
    let newcomers = match report.newcomers.iter().max() {
        _ if report.newcomers.contains(&None) => {
            let out = report.newcomers.iter().filter(|came| came.is_none()).count();
            format!(
                "{out} of {} did not get in {:?}",
                report.newcomers.len(),
                report.refusals.first()
            )
        }
        slowest => format!("{} ms", millis(slowest.copied().flatten().unwrap_or_default())),
    };
    println!(
        "| {} | {} | {} | {} | {newcomers} | {} | {} | {} MiB | {:.1} s |",
        attack.name,
        trip(0),
        trip(1),
        trip(2),
        before.memory / 1024,
        height.peak / 1024,
        after.memory / 1024,
        report.recovery.as_secs_f64(),
    );
    let seen = report.tally.iter().map(|(what, count)| format!("{count} {what}"));
    eprintln!(
        "{}: {}; {}; the honest were thrown out {} times, and their messages {}; {} lines of log",
        attack.name,
        attack.what,
        seen.collect::<Vec<_>>().join(", "),
        report.thrown_out,
        if report.is_whole { "all arrived" } else { "did not all arrive" },
        report.log.len(),
    );
}

fn millis(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1000.0)
}
