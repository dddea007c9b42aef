//! The command line. Everything here is checked before anything is opened or sent.

pub(crate) mod bench;
pub(crate) mod file;
mod receive;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use breeze_core::id::{DisplayName, UserId};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use self::bench::BenchArgs;
use self::file::FileArgs;
pub(crate) use self::receive::ReceiveArgs;
use crate::ndjson::PAGE;
use crate::server_addr::ServerAddr;

const EXAMPLES: &str = "\
Examples:
  breeze demo                                       see it work, all on this machine
  breeze --server office.example --user alice id    set server and user; they are remembered
  breeze chat bob                                   talk with bob
  breeze send bob 'lunch?'                          send one message
  git diff | breeze send bob -                      send what another program prints
  breeze file send bob holiday.mp4                  send a file, or a folder
  breeze who                                        see who is online, and on which path
  breeze verify bob                                 compare keys with bob, so that nobody is between
  breeze up --json                                  for scripts: events out, commands in";

/// Talks with the other machines of a LAN: directly when possible, by way of the server when not.
#[derive(Debug, Parser)]
#[command(name = "breeze", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that stand before or after any subcommand.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Directory of identity key, known servers and settings; created at first use
    #[arg(long, global = true, value_name = "DIR", env = "BREEZE_HOME")]
    pub(crate) home: Option<PathBuf>,
    /// Server to log in at; the port is 7733 unless given. Remembered
    #[arg(long, global = true, value_name = "HOST:PORT")]
    pub(crate) server: Option<ServerAddr>,
    /// User to log in as: a-z, 0-9, '.', '_' and '-', at most 32. Remembered
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) user: Option<UserId>,
    /// Name to show to others: any text of at most 64 bytes; the user name unless given. Remembered
    #[arg(long, global = true, value_name = "DISPLAY")]
    pub(crate) name: Option<DisplayName>,
    /// Log to standard error what happens (-v), what is decided (-vv), or every frame (-vvv)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Log in and stay: print what happens until interrupted
    #[command(after_help = UP_HELP)]
    Up(UpArgs),
    /// Converse, line by line, with one user or with whoever writes
    Chat(ChatArgs),
    /// Send one message and wait until the recipient or the server has it
    #[command(after_help = SEND_HELP)]
    Send(SendArgs),
    /// Send files and folders, and take those of others
    File(FileArgs),
    /// Show who is online, and which path leads there
    Who(WhoArgs),
    /// Compare keys with somebody, and mark them as verified
    #[command(after_help = VERIFY_HELP)]
    Verify(VerifyArgs),
    /// Show a code or a password to the server once, so that it knows this client's key
    #[command(after_help = LOGIN_HELP)]
    Login(LoginArgs),
    /// Show the conversation with somebody, oldest message first
    History(HistoryArgs),
    /// Show messages of all conversations that contain a text, oldest first
    Search(SearchArgs),
    /// Show messages that are not delivered yet
    Outbox(OutboxArgs),
    /// Show this client's user, key fingerprint and home directory
    Id,
    /// See it work: a server and three clients on this machine, with temporary data
    Demo,
    /// Measure a server, its own or the one given with --server
    #[command(after_help = BENCH_HELP)]
    Bench(BenchArgs),
    /// Run the server, as the program breeze-server does
    #[command(hide = true, disable_help_flag = true)]
    Server {
        /// The command line of breeze-server
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        line: Vec<OsString>,
    },
}

const UP_HELP: &str = "\
With --json, standard output has one JSON object a line for each event, and standard input takes
one JSON object a line for each command:
  {\"cmd\":\"send\",\"to\":\"bob\",\"text\":\"hi\",\"ref\":\"1\"}   {\"cmd\":\"who\"}   {\"cmd\":\"quit\"}
End of input means quit.";

const SEND_HELP: &str = "\
Examples:
  breeze send bob 'lunch?'
  breeze send bob -- '-1 from me'    a text that starts with '-'
  echo hello | breeze send bob -     the text from standard input

The exit status is 0 once the message has got as far as --wait says: by default, once the server
keeps it for a recipient who is away, or the recipient has it. A message that does not get so far
in time is kept here all the same, and goes on when it can.";

const VERIFY_HELP: &str = "\
Both of you run this for each other, and read the lines to each other on another way: face to face,
or on the phone. They must be the same on both sides, in the same order.

If somebody's key has changed since, nothing is sent to a verified user until you have compared
anew and accepted the new key:
  breeze verify bob --accept

The exit status is 0 if the user is verified now.";

const LOGIN_HELP: &str = "\
Examples:
  breeze login                              asks for the code
  breeze login --code - < code.txt          reads it where no other user can see it
  pass show breeze | breeze login --password-stdin

This is needed once for each home directory; afterwards its key is enough. No node may be running.";

const BENCH_HELP: &str = "\
Examples:
  breeze bench relay --pairs 10             how many messages a server relays
  breeze bench relay --pairs 10 --rate 5000 how fast, when it has time to spare
  breeze bench direct --round-trip          a direct link, and bare TCP beside it
  breeze bench idle --sessions 10000        what a session costs that says nothing

Each starts a server of its own, and ends it; with --server, which is not remembered here, it
measures that one, and adds users there whose names begin with 'bench-'. All sessions are made by this process: what it takes itself
is shown beside what the server takes.";

/// How a command takes part in the network.
#[derive(Clone, Debug, Args)]
pub(crate) struct NodeArgs {
    /// When to open direct links to other users
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Mesh::Eager)]
    pub(crate) mesh: Mesh,
    /// Of whom to hear that they come and go
    #[arg(long, value_enum, value_name = "WHOM", default_value_t = Presence::All)]
    pub(crate) presence: Presence,
    /// Port on which to accept direct links; the port of the server connection unless given
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) listen: Option<u16>,
    /// Address at which others reach this client, if it is none of this machine's: that of a
    /// forwarded port. May be repeated
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) advertise: Vec<SocketAddr>,
}

impl NodeArgs {
    /// Those of a command that runs no node.
    pub(crate) const NONE: Self =
        Self { mesh: Mesh::Off, presence: Presence::Known, listen: None, advertise: Vec::new() };
}

/// Says how far a message has to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wait {
    /// It is on disk here
    Queued,
    /// The server keeps it for a recipient who is away, or the recipient has it
    Stored,
    /// The recipient has it on disk
    Delivered,
}

/// Says when direct links are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mesh {
    /// To everybody as soon as they are online
    Eager,
    /// When there is a message to send
    OnDemand,
    /// Never: the server relays all messages
    Off,
}

/// Says of whom a client hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Presence {
    /// Of everybody, as long as that is no more than some 500
    All,
    /// Of those with whom messages were exchanged, the last 256 of them
    Known,
}

#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// Print events as JSON, one a line, and read commands as JSON, one a line
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) receive: ReceiveArgs,
    #[command(flatten)]
    pub(crate) node: NodeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// With whom
    pub(crate) with: UserId,
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// How many messages, the latest ones
    #[arg(long, value_name = "N", default_value_t = PAGE)]
    pub(crate) limit: usize,
    /// Only messages before this one: the number that begins its line, 'entry' in JSON
    #[arg(long, value_name = "ENTRY")]
    pub(crate) before: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// The text; upper and lower case are the same
    pub(crate) text: String,
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// How many messages, the latest ones; at most 200
    #[arg(long, value_name = "N", default_value_t = PAGE)]
    pub(crate) limit: usize,
}

#[derive(Debug, Args)]
pub(crate) struct OutboxArgs {
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ChatArgs {
    /// Whom to talk with
    // Not named `user`: clap would take it for the global option of that name.
    #[arg(value_name = "USER")]
    pub(crate) with: Option<UserId>,
    #[command(flatten)]
    pub(crate) receive: ReceiveArgs,
    #[command(flatten)]
    pub(crate) node: NodeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct SendArgs {
    /// Who gets the message
    // Not named `user`: clap would take it for the global option of that name.
    #[arg(value_name = "USER")]
    pub(crate) to: UserId,
    /// The text, at most 64 KiB; '-' reads it from standard input
    pub(crate) text: String,
    /// How far the message has to get for success
    #[arg(long, value_enum, value_name = "STATE", default_value_t = Wait::Stored)]
    pub(crate) wait: Wait,
    /// Seconds to wait for that. The message is kept all the same, and goes on when it can
    #[arg(long, value_name = "SECS", default_value_t = 20,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,
    #[command(flatten)]
    pub(crate) node: NodeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Whose key
    // Not named `user`: clap would take it for the global option of that name.
    #[arg(value_name = "USER")]
    pub(crate) with: UserId,
    /// Take a key that has changed for the right one
    #[arg(long)]
    pub(crate) accept: bool,
    /// Do not ask whether the fingerprints match: for scripts that have compared them
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// The enrolment code, from whoever runs the server; '-' reads it from standard input. Other
    /// users of this machine can see what stands on a command line
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    pub(crate) code: Option<String>,
    /// Read a password from the first line of standard input
    #[arg(long, conflicts_with = "code")]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WhoArgs {
    /// Print the answer as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) node: NodeArgs,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Cli, String> {
        Cli::try_parse_from(line.split(' ')).map_err(|error| error.to_string())
    }

    #[test]
    fn is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn takes_global_options_on_both_sides_of_the_subcommand() {
        for line in [
            "breeze --server h --user al --name Al -vv up --json --mesh on-demand",
            "breeze up --json --server h:7733 --mesh on-demand --user al --name Al -v -v",
        ] {
            let cli = parse(line).expect(line);
            assert_eq!(cli.global.server.map(|s| s.to_string()).as_deref(), Some("h:7733"));
            assert_eq!(cli.global.user.as_ref().map(UserId::as_str), Some("al"));
            assert_eq!(cli.global.name.as_ref().map(DisplayName::as_str), Some("Al"));
            assert_eq!(cli.global.verbose, 2);
            let Command::Up(up) = cli.command else { panic!("{line}") };
            assert!(up.json);
            assert_eq!((up.node.mesh, up.node.listen), (Mesh::OnDemand, None));
        }
    }

    #[test]
    fn tells_the_recipient_from_the_sender() {
        for line in ["breeze --user al send bob -", "breeze send bob - --user al"] {
            let cli = parse(line).expect(line);
            assert_eq!(cli.global.user.as_ref().map(UserId::as_str), Some("al"));
            let Command::Send(send) = cli.command else { panic!("{line}") };
            assert_eq!((send.to.as_str(), send.text.as_str()), ("bob", "-"));
        }
        for (line, user) in [("breeze chat bob", None), ("breeze --user al chat", Some("al"))] {
            let cli = parse(line).expect(line);
            assert_eq!(cli.global.user.as_ref().map(UserId::as_str), user);
            let Command::Chat(chat) = cli.command else { panic!("{line}") };
            assert_eq!(chat.with.is_some(), user.is_none());
        }
    }

    #[test]
    fn a_message_has_to_get_to_the_server_at_least() {
        for (line, wait) in [
            ("breeze send bob hi", Wait::Stored),
            ("breeze send bob hi --wait queued", Wait::Queued),
            ("breeze send bob hi --wait stored", Wait::Stored),
            ("breeze send --wait delivered bob hi", Wait::Delivered),
        ] {
            let Command::Send(send) = parse(line).expect(line).command else { panic!("{line}") };
            assert_eq!(send.wait, wait, "{line}");
        }
    }

    #[test]
    fn some_users_need_not_ask() {
        let line = "breeze up --auto-accept-from bob --download-dir d --auto-accept-from carol";
        let Command::Up(up) = parse(line).expect(line).command else { panic!("{line}") };
        let users: Vec<_> = up.receive.auto_accept_from.iter().map(UserId::as_str).collect();
        assert_eq!(users, ["bob", "carol"]);
        assert_eq!(up.receive.download_dir, Some("d".into()));
        let line = "breeze chat bob --auto-accept-from bob";
        let Command::Chat(chat) = parse(line).expect(line).command else { panic!("{line}") };
        assert_eq!((chat.receive.auto_accept_from.len(), chat.receive.download_dir), (1, None));
    }

    #[test]
    fn takes_a_code_or_a_password_and_not_both() {
        for (line, code, password) in [
            ("breeze login", None, false),
            ("breeze login --code 1234-5678", Some("1234-5678"), false),
            ("breeze login --code -", Some("-"), false),
            ("breeze login --password-stdin --user al", None, true),
        ] {
            let Command::Login(login) = parse(line).expect(line).command else { panic!("{line}") };
            assert_eq!((login.code.as_deref(), login.password_stdin), (code, password), "{line}");
        }
        let line = "breeze login --code 1 --password-stdin";
        assert!(parse(line).expect_err(line).contains("cannot be used with"));
    }

    #[test]
    fn verifies_another_user_than_the_own_one() {
        let cli = parse("breeze --user al verify bob --accept").expect("verify");
        let Command::Verify(verify) = cli.command else { panic!("verify") };
        assert_eq!((verify.with.as_str(), verify.accept, verify.yes), ("bob", true, false));
        assert_eq!(cli.global.user.as_ref().map(UserId::as_str), Some("al"));
    }

    #[test]
    fn says_what_is_wrong() {
        let long = "x".repeat(65);
        for (line, words) in [
            ("breeze --user Alice id".into(), "only lower-case letters"),
            (format!("breeze --name {long} id"), "at most 64 bytes"),
            ("breeze --server a:b:c id".into(), "no IPv6 address"),
            ("breeze send Bob hi".into(), "only lower-case letters"),
            ("breeze up --listen 0".into(), "1..=65535"),
            ("breeze up --mesh some".into(), "eager, on-demand, off"),
            ("breeze up --presence some".into(), "all, known"),
            ("breeze send bob hi --wait read".into(), "queued, stored, delivered"),
            ("breeze verify Bob".into(), "only lower-case letters"),
        ] {
            let error = parse(&line).expect_err(&line);
            assert!(error.contains(words), "{line}: {error}");
        }
    }
}
