use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use breeze_core::limits::{DEFAULT_IDLE, DEFAULT_KEEPALIVE, MAX_KEEPALIVE};
use clap::{ArgAction, Args};

use crate::host::size::parse_size;
use crate::store::{Limits, Registration};

const DEFAULT_PORT: u16 = 7733;
/// A longest time of ten years to keep messages: what comes then is no news.
const MAX_QUEUE_DAYS: u64 = 3650;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A longest silence of an hour: gone clients would be shown online for that long.
const MAX_IDLE: Duration = Duration::from_secs(60 * 60);

/// How to run the server.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Where to listen; may be repeated. The port is 7733 unless given, 0 takes any free one.
    /// `[::]` is every address of this machine, IPv4 and IPv6
    #[arg(long, value_name = "ADDR:PORT", num_args = 1.., default_value = "[::]:7733",
          value_parser = parse_listen)]
    pub(crate) listen: Vec<SocketAddr>,
    /// Directory of the server's key, the accounts and the messages kept; created at first use
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Who may become a user
    #[arg(long, value_enum, value_name = "WHO", default_value_t = Registration::Open)]
    pub(crate) registration: Registration,
    /// Seconds between the signs of life that an idle client gives
    #[arg(long, value_name = "SECS", default_value_t = DEFAULT_KEEPALIVE.as_secs(),
          value_parser = seconds(MAX_KEEPALIVE))]
    keepalive: u64,
    /// Seconds of silence after which a client counts as gone; more than the keepalive
    #[arg(long, value_name = "SECS", default_value_t = DEFAULT_IDLE.as_secs(),
          value_parser = seconds(MAX_IDLE))]
    idle: u64,
    /// Sessions at the same time; further log-ins are asked to try later
    #[arg(long, value_name = "N", default_value_t = 10_000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) max_sessions: u32,
    /// Messages kept for one user that is away; further ones are refused. For all users
    /// together, at most 1,000,000 messages and 8 GiB are kept
    #[arg(long, value_name = "N", default_value_t = Limits::default().messages,
          value_parser = clap::value_parser!(u64).range(..=Limits::default().total_messages))]
    queue_messages: u64,
    /// Bytes kept for one user that is away, with K, M or G for KiB, MiB or GiB; further messages
    /// are refused
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = parse_kept)]
    queue_bytes: u64,
    /// Days for which a message is kept; its sender is told then that it was not delivered
    #[arg(long, value_name = "N", default_value_t = Limits::default().age.as_secs() / DAY.as_secs(),
          value_parser = clap::value_parser!(u64).range(1..=MAX_QUEUE_DAYS))]
    queue_days: u64,
    /// Bytes of files that are relayed a second for each sender whose recipient cannot be reached
    /// directly, with K, M or G for KiB, MiB or GiB; 0 relays no files. Other senders' messages come
    /// before them
    #[arg(long, value_name = "SIZE", default_value = "4M", value_parser = parse_bytes)]
    pub(crate) relay_file_rate: u64,
    /// Bytes of the longest file, or folder, that is relayed; longer ones wait for a direct connection. 0
    /// relays no files
    #[arg(long, value_name = "SIZE", default_value = "256M", value_parser = parse_bytes)]
    pub(crate) relay_file_max: u64,
    /// Log to standard error what happens (-v), what is decided (-vv), or every frame (-vvv)
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl RunArgs {
    /// Says what is wrong with the options together, if anything is.
    pub(super) fn contradiction(&self) -> Option<String> {
        let Self { idle, keepalive, .. } = self;
        (idle <= keepalive).then(|| {
            format!(
                "--idle {idle} must be more than --keepalive {keepalive}: a client that is alive \
                 would count as gone; three times as long allows for a lost sign of life or two"
            )
        })
    }

    /// Returns the time between the signs of life that an idle client gives.
    pub(crate) fn keepalive(&self) -> Duration {
        Duration::from_secs(self.keepalive)
    }

    /// Returns the silence after which a client counts as gone.
    pub(crate) fn idle(&self) -> Duration {
        Duration::from_secs(self.idle)
    }

    /// Returns what the server keeps for users that are away.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            messages: self.queue_messages,
            bytes: self.queue_bytes,
            age: Duration::from_secs(self.queue_days * DAY.as_secs()),
            ..Limits::default()
        }
    }
}

fn seconds(most: Duration) -> clap::builder::RangedU64ValueParser<u64> {
    clap::value_parser!(u64).range(1..=most.as_secs())
}

fn parse_listen(text: &str) -> Result<SocketAddr, &'static str> {
    if let Ok(addr) = text.parse() {
        return Ok(addr);
    }
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    match bare.parse::<IpAddr>() {
        Ok(ip) => Ok(SocketAddr::new(ip, DEFAULT_PORT)),
        Err(_) => Err("this is no IP address with a port, such as '192.0.2.7:7733' or '[::]:7733'"),
    }
}

/// Reads a number of bytes.
fn parse_bytes(text: &str) -> Result<u64, &'static str> {
    parse_size(text).ok_or("this is no size, such as '500000', '512K', '64M' or '1G'")
}

/// Reads a number of bytes, up to what the server keeps in all.
fn parse_kept(text: &str) -> Result<u64, String> {
    let most = Limits::default().total_bytes;
    match parse_bytes(text)? {
        size if size > most => Err(format!("at most {}G are kept in all", most >> 30)),
        size => Ok(size),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cli, Command};
    use super::*;

    fn run(options: &str) -> Result<RunArgs, String> {
        let line = ["breeze-server", "run"].into_iter().chain(options.split_whitespace());
        match Cli::read(line) {
            Ok(Cli { command: Command::Run(run) }) => Ok(run),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.to_string()),
        }
    }

    fn listens(options: &str) -> Vec<String> {
        run(options).expect(options).listen.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn has_the_documented_defaults() {
        let run = run("").expect("parse");
        assert_eq!(run.listen, ["[::]:7733".parse().expect("address")]);
        assert_eq!(run.registration, Registration::Open);
        assert_eq!((run.keepalive().as_secs(), run.idle().as_secs()), (15, 45));
        assert_eq!(run.max_sessions, 10_000);
        assert_eq!(run.data, None);
        assert_eq!(run.limits(), Limits::default());
        let config = breeze_core::ServerConfig::default();
        assert_eq!((run.relay_file_rate, run.relay_file_max), (config.file_rate, config.max_file));
    }

    #[test]
    fn relays_as_much_of_files_as_it_is_told() {
        for (options, rate, max) in [
            ("--relay-file-rate 0", 0, 256 << 20),
            ("--relay-file-rate 512K --relay-file-max 10G", 512 << 10, 10 << 30),
            ("--relay-file-max 0", 4 << 20, 0),
        ] {
            let run = run(options).expect(options);
            assert_eq!((run.relay_file_rate, run.relay_file_max), (rate, max), "{options}");
        }
    }

    #[test]
    fn keeps_as_much_as_it_is_told() {
        let limits = |options: &str| run(options).expect(options).limits();
        let none = limits("--queue-messages 0 --queue-bytes 0 --queue-days 1");
        assert_eq!((none.messages, none.bytes, none.age), (0, 0, DAY));
        let bytes = |size| limits(&format!("--queue-bytes {size}")).bytes;
        for (size, expected) in [
            ("1", 1),
            ("500000", 500_000),
            ("512K", 512 << 10),
            ("3m", 3 << 20),
            ("64M", 64 << 20),
            ("8G", 8 << 30),
        ] {
            assert_eq!(bytes(size), expected, "{size}");
        }
    }

    #[test]
    fn says_in_its_help_what_it_keeps() {
        let line = ["breeze-server", "run", "--help"];
        let help = Cli::read(line).expect_err("help").to_string();
        for words in [
            "--queue-messages <N>",
            "10000",
            "--queue-bytes <SIZE>",
            "64M",
            "30",
            "--relay-file-rate <SIZE>",
            "4M",
            "--relay-file-max <SIZE>",
            "256M",
        ] {
            assert!(help.contains(words), "{words}: {help}");
        }
    }

    #[test]
    fn listens_on_any_number_of_addresses() {
        assert_eq!(listens("--listen 127.0.0.1:1"), ["127.0.0.1:1"]);
        assert_eq!(listens("--listen 127.0.0.1 --listen ::1"), ["127.0.0.1:7733", "[::1]:7733"]);
        assert_eq!(listens("--listen [::1] [::1]:0 -v"), ["[::1]:7733", "[::1]:0"]);
    }

    #[test]
    fn says_what_is_wrong() {
        for (options, words) in [
            ("--listen here", "no IP address with a port"),
            ("--listen :7733", "no IP address with a port"),
            ("--registration some", "open, invite, closed"),
            ("--keepalive 0", "1..=900"),
            ("--idle 3601", "1..=3600"),
            ("--max-sessions 0", "1..=1000000"),
            ("--queue-messages 1000001", "1000000"),
            ("--queue-messages -1", "-1"),
            ("--queue-bytes 9G", "at most 8G"),
            ("--queue-bytes 99999999999999999999", "no size"),
            ("--queue-bytes 18446744073709551615G", "at most 8G"),
            ("--queue-bytes M", "no size"),
            ("--queue-bytes 64MB", "no size"),
            ("--queue-bytes +5", "no size"),
            ("--queue-bytes=", "no size"),
            ("--queue-bytes 5é", "no size"),
            ("--relay-file-rate fast", "no size"),
            ("--relay-file-max 1.5G", "no size"),
            ("--queue-days 0", "1..=3650"),
            ("--queue-days 3651", "1..=3650"),
            ("--keepalive 45", "--idle 45 must be more than --keepalive 45"),
            ("--keepalive 5 --idle 4", "--idle 4 must be more than --keepalive 5"),
        ] {
            let error = run(options).expect_err(options);
            assert!(error.contains(words), "{options}: {error}");
        }
    }
}
