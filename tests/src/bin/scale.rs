//! Tells what a login, a message and an idle client cost the server, among how many others.

use std::time::Duration;

use breeze_tests::sim::{Costs, LIST, Scale};
use clap::Parser;

/// Runs one server and many clients on a virtual clock, and tells what one of them costs the server
///
/// Each client hears of some users only, and opens direct links on demand. Times are those that the
/// processor spends in the server's state machine, with its cryptography and without sockets.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// How many clients, one size after the other
    #[arg(long, value_name = "LIST", value_delimiter = ',',
          default_values_t = [100, 300, 1000, 3000, 10_000],
          value_parser = clap::value_parser!(u64).range(2..=60_000))]
    sizes: Vec<u64>,
    /// How many logins and messages are measured among them
    #[arg(long, value_name = "N", default_value_t = 1000)]
    samples: usize,
    /// Where the random numbers start
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

fn main() {
    let cli = Cli::parse();
    println!("each client hears of {LIST} others; microseconds of the server's core");
    println!(
        "{:>7} | {:>9} {:>6} {:>7} | {:>9} {:>6} {:>7} | {:>9} {:>6} | {:>9} | {:>6} | {:>8}",
        "clients",
        "login",
        "ratio",
        "bytes",
        "message",
        "ratio",
        "bytes",
        "keepalive",
        "ratio",
        "its timer",
        "log N",
        "took"
    );
    let mut first: Option<(f64, [f64; 3])> = None;
    for &size in &cli.sizes {
        let clients = size as usize;
        let costs = Scale { clients, samples: cli.samples, seed: cli.seed }.measure();
        let [login, message, keepalive, timer] = each(&costs, cli.samples);
        let log = (clients as f64).ln();
        let (log_first, costs_first) = *first.get_or_insert((log, [login, message, keepalive]));
        let ratio = |number: usize, cost: f64| cost / costs_first[number];
        println!(
            "{clients:>7} | {login:>9.2} {:>6.2} {:>7} | {message:>9.2} {:>6.2} {:>7} \
             | {keepalive:>9.2} {:>6.2} | {timer:>9.2} | {:>6.2} | {:>6.1} s",
            ratio(0, login),
            costs.logins.bytes / cli.samples as u64,
            ratio(1, message),
            costs.messages.bytes / cli.samples as u64,
            ratio(2, keepalive),
            log / log_first,
            costs.real_time.as_secs_f64(),
        );
    }
}

/// What one login, message, keepalive and the timers between two keepalives cost, in microseconds.
fn each(costs: &Costs, samples: usize) -> [f64; 4] {
    let each = |time: Duration, count: u64| time.as_secs_f64() * 1e6 / count as f64;
    [
        each(costs.logins.time, samples as u64),
        each(costs.messages.time, samples as u64),
        each(costs.idle.time, costs.keepalives),
        each(costs.idle.timers, costs.keepalives),
    ]
}
