use clap::{Args, Subcommand};

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    pub(crate) common: BenchCommon,
    #[command(subcommand)]
    pub(crate) what: Bench,
}

/// Options of all benchmarks.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Benchmark options")]
pub(crate) struct BenchCommon {
    /// Process of the server given with --server, if it runs on this machine: for its processor
    /// time and memory
    #[arg(long, global = true, value_name = "PID", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) server_pid: Option<u32>,
    /// Threads of the load
    #[arg(long, global = true, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) threads: u32,
    /// Print one JSON object a line
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// The benchmarks.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum Bench {
    /// Messages through the server, from each sender to a recipient of its own
    Relay(Traffic),
    /// Messages on direct links; with --round-trip, beside a bare TCP connection
    Direct(Traffic),
    /// What sessions cost the server that say nothing
    Idle(IdleArgs),
    /// How long it takes until everybody has a direct link with everybody
    Mesh(MeshArgs),
    /// Many log-ins at once, and what they do to a conversation of others
    LoginStorm(StormArgs),
}

/// Says how messages are sent.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Traffic {
    /// Senders, each with a recipient of its own
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) pairs: u32,
    /// Bytes of a text
    #[arg(long, value_name = "B", default_value_t = 64,
          value_parser = clap::value_parser!(u32).range(16..=65_536))]
    pub(crate) size: u32,
    /// Seconds to measure, after one that is not
    #[arg(long, value_name = "S", default_value_t = 5,
          value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// Messages a second of all senders together; as many as go unless given. Latency then counts
    /// from when a message was due
    #[arg(long, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) rate: Option<u32>,
    /// Messages of each sender that may be under way at a time
    #[arg(long, value_name = "W", default_value_t = 64,
          value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) window: u32,
    /// One message at a time, and back
    #[arg(long, conflicts_with_all = ["rate", "window"])]
    pub(crate) round_trip: bool,
}

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct IdleArgs {
    /// Sessions
    #[arg(long, value_name = "N", default_value_t = 1000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) sessions: u32,
    /// Seconds in which nothing happens
    #[arg(long, value_name = "S", default_value_t = 60,
          value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// Further sessions that are told of everybody who comes
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(crate) subscribers: u32,
}

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct MeshArgs {
    /// Clients
    #[arg(long, value_name = "N", default_value_t = 100,
          value_parser = clap::value_parser!(u32).range(2..=512))]
    pub(crate) clients: u32,
}

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct StormArgs {
    /// Sessions that log in, once to become users, and once again to be measured
    #[arg(long, value_name = "N", default_value_t = 1000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) sessions: u32,
    /// Log-ins that are under way at a time; a server lets some 1000 wait
    #[arg(long, value_name = "N", default_value_t = 128,
          value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) at_once: u32,
    /// Seconds to measure the conversation before
    #[arg(long, value_name = "S", default_value_t = 3,
          value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// Further sessions that are told of everybody who comes
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(crate) subscribers: u32,
}
