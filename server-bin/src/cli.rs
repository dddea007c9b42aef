//! The command line. Everything here is checked before anything is opened.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use breeze_core::limits::{DEFAULT_IDLE, DEFAULT_KEEPALIVE, MAX_KEEPALIVE};
use clap::error::ErrorKind;
use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand};

mod backup;
mod size;
mod user;

pub(crate) use backup::BackupArgs;
pub(crate) use size::show_size;
pub(crate) use user::{ListArgs, NameArgs, NewSecretArgs, QuotaArgs, UserArgs, UserCommand};

use crate::store::Registration;

const DEFAULT_PORT: u16 = 7733;
/// A longest silence of an hour: gone clients would be shown online for that long.
const MAX_IDLE: Duration = Duration::from_secs(60 * 60);

const EXAMPLES: &str = "\
Examples:
  breeze-server run                                  all addresses, IPv4 and IPv6, port 7733
  breeze-server run --listen 192.0.2.7               one address, port 7733
  breeze-server run --listen 127.0.0.1:0 --data /tmp/breeze    to try it out: any free port
  breeze-server run --registration closed            only those who are registered already
  breeze-server user add bob                         let bob register, with a code
  breeze-server user list                            see who is registered, and who is online
  breeze-server backup /backup/breeze.redb           copy accounts and kept messages";

/// Introduces the clients of a LAN to each other, and relays what cannot go direct.
#[derive(Debug, Parser)]
#[command(name = "breeze-server", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server until interrupted
    Run(RunArgs),
    /// Add, list and remove users, and set what they may
    User(UserArgs),
    /// Copy accounts and kept messages to a new file, while the server runs or not
    Backup(BackupArgs),
}

/// How to run the server.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Where to listen; may be repeated. The port is 7733 unless given, 0 takes any free one.
    /// `[::]` is every address of this machine, IPv4 and IPv6
    #[arg(long, value_name = "ADDR:PORT", num_args = 1.., default_value = "[::]:7733",
          value_parser = parse_listen)]
    pub(crate) listen: Vec<SocketAddr>,
    /// Directory of the server's key and the accounts; created at first use
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
    /// Log to standard error what happens (-v), what is decided (-vv), or every frame (-vvv)
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl Cli {
    /// Reads the command line; what is wrong with it is one error, of the same form for all.
    pub(crate) fn read<I, T>(line: I) -> Result<Self, clap::Error>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString> + Clone,
    {
        let cli = Self::try_parse_from(line)?;
        if let Command::Run(run) = &cli.command
            && run.idle <= run.keepalive
        {
            let message = format!(
                "--idle {} must be more than --keepalive {}: a client that is alive would count \
                 as gone; three times as long allows for a lost sign of life or two",
                run.idle, run.keepalive
            );
            return Err(Self::command().error(ErrorKind::ValueValidation, message));
        }
        Ok(cli)
    }
}

impl RunArgs {
    /// Returns the time between the signs of life that an idle client gives.
    pub(crate) fn keepalive(&self) -> Duration {
        Duration::from_secs(self.keepalive)
    }

    /// Returns the silence after which a client counts as gone.
    pub(crate) fn idle(&self) -> Duration {
        Duration::from_secs(self.idle)
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

#[cfg(test)]
mod tests {
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
    fn is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn has_the_documented_defaults() {
        let run = run("").expect("parse");
        assert_eq!(run.listen, ["[::]:7733".parse().expect("address")]);
        assert_eq!(run.registration, Registration::Open);
        assert_eq!((run.keepalive().as_secs(), run.idle().as_secs()), (15, 45));
        assert_eq!(run.max_sessions, 10_000);
        assert_eq!(run.data, None);
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
            ("--keepalive 45", "--idle 45 must be more than --keepalive 45"),
            ("--keepalive 5 --idle 4", "--idle 4 must be more than --keepalive 5"),
        ] {
            let error = run(options).expect_err(options);
            assert!(error.contains(words), "{options}: {error}");
        }
    }
}
