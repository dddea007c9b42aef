//! Simulates seed after seed, and says what went wrong.

use std::ops::Range;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::{Duration, Instant};

use breeze_tests::sim::{Failure, Faults, Report, Scenario, record, run, shrink};
use clap::Parser;

/// Lines of a failing run's trace that are shown.
const TAIL: usize = 60;

const EXAMPLES: &str = "\
Examples:
  sim --seeds 0..1000                    a thousand runs, everything goes wrong
  sim --seeds 42 --trace                 one run again, and all that happens in it
  sim --seeds 0..100 --clients 12 --hours 2 --faults network,server";

/// Runs scenarios on a virtual clock: one real server, real clients, and whatever can go wrong
/// between them. The same seed gives the same run.
#[derive(Debug, Parser)]
#[command(name = "sim", after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    /// Seeds to run: one, or A..B
    #[arg(long, value_name = "A..B", default_value = "0..100")]
    seeds: Seeds,
    /// Clients in each run
    #[arg(long, value_name = "N", default_value_t = 5,
          value_parser = clap::value_parser!(u16).range(2..=15))]
    clients: u16,
    /// Simulated hours of each run
    #[arg(long, value_name = "H", default_value_t = 0.25)]
    hours: f64,
    /// What goes wrong: all, none, or a list of network, server, clients, disk, clocks,
    /// moves
    #[arg(long, value_name = "LIST", default_value_t = Faults::ALL)]
    faults: Faults,
    /// Offer no files: the runs of the time before there were any
    #[arg(long)]
    no_files: bool,
    /// Stop after so many seconds, whatever is left
    #[arg(long, value_name = "SECS")]
    budget: Option<u64>,
    /// Run each seed twice, and compare
    #[arg(long)]
    twice: bool,
    /// Print everything that happens
    #[arg(long)]
    trace: bool,
    /// Runs to spend on cutting a failing one down
    #[arg(long, value_name = "N", default_value_t = 300)]
    shrink: usize,
}

#[derive(Clone, Debug)]
struct Seeds(Range<u64>);

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number =
            |text: &str| text.parse::<u64>().map_err(|_| format!("'{text}' is no whole number"));
        match text.split_once("..") {
            Some((from, to)) => Ok(Self(number(from)?..number(to)?)),
            None => number(text).map(|seed| Self(seed..seed + 1)),
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // A failure is told once it is understood.
    std::panic::set_hook(Box::new(|_| {}));
    match simulate(&cli) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn simulate(cli: &Cli) -> bool {
    let start = Instant::now();
    let mut told = start;
    let mut sum = Sum::default();
    for seed in cli.seeds.0.clone() {
        let length = Duration::from_secs_f64(cli.hours.max(0.0) * 3600.0);
        let scenario = Scenario::draw(seed, cli.clients.into(), length, cli.faults);
        let scenario = if cli.no_files { scenario } else { scenario.with_files() };
        let outcome = match cli.trace {
            true => record(&scenario),
            false => run(&scenario),
        };
        let report = match outcome {
            Ok(report) => report,
            Err(failure) => {
                explain(cli, &scenario, failure);
                return false;
            }
        };
        if cli.twice && run(&scenario) != Ok(report) {
            println!("seed {seed}: two runs of it differ");
            return false;
        }
        sum.add(report);
        if told.elapsed() > Duration::from_secs(5) {
            told = Instant::now();
            sum.tell(start.elapsed());
        }
        if cli.budget.is_some_and(|budget| start.elapsed() > Duration::from_secs(budget)) {
            break;
        }
    }
    sum.tell(start.elapsed());
    true
}

/// What has come of all runs so far.
#[derive(Debug, Default)]
struct Sum {
    runs: usize,
    messages: usize,
    failed: usize,
    files: usize,
    arrived: usize,
    bytes: (u64, u64),
    steps: u64,
    time: Duration,
}

impl Sum {
    fn add(&mut self, report: Report) {
        self.runs += 1;
        self.messages += report.messages;
        self.failed += report.failed;
        self.files += report.files;
        self.arrived += report.arrived;
        self.bytes.0 += report.bytes.0;
        self.bytes.1 += report.bytes.1;
        self.steps += report.steps;
        self.time += report.time;
    }

    fn tell(&self, real: Duration) {
        let Self { runs, messages, failed, files, arrived, bytes: (own, sent), steps, time } = self;
        let hours = time.as_secs_f64() / 3600.0;
        let rate = hours / real.as_secs_f64().max(0.001);
        println!(
            "{runs} runs, {hours:.1} h simulated ({rate:.2} h a second), {steps} steps: {messages} \
             messages, {failed} of them failed and said so, none lost, doubled or out of order; \
             {files} files, {arrived} of them arrived, the others were cancelled; {sent} bytes were \
             sent for {own}"
        );
    }
}

/// Says how a seed fails, in as few steps as can be found, and how to see it again.
fn explain(cli: &Cli, scenario: &Scenario, failure: Failure) {
    let Scenario { seed, steps, .. } = scenario;
    println!("seed {seed} fails: {}", failure.what);
    println!("cutting {} steps down ...", steps.len());
    let (short, how) = shrink(scenario, failure, cli.shrink);
    let failure = record(&short).err().unwrap_or(how);
    println!("\n{} steps are enough: {}\n", short.steps.len(), failure.what);
    for step in &short.steps {
        println!("  {:>9.3} s later, {}", step.after.as_secs_f64(), step.action);
    }
    let shown = if cli.trace { failure.trace.len() } else { TAIL.min(failure.trace.len()) };
    println!("\nWhat happened, the last {shown} lines:\n");
    for line in &failure.trace[failure.trace.len() - shown..] {
        println!("  {line}");
    }
    let Cli { clients, hours, faults, .. } = cli;
    println!(
        "\nAgain: cargo run -p breeze-tests --release --bin sim -- --seeds {seed} --clients \
         {clients} --hours {hours} --faults {faults}"
    );
}
