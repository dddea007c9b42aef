use std::path::PathBuf;

use breeze_core::id::UserId;
use clap::{Args, Subcommand};

use crate::admin::Limit;
use crate::host::size::parse_size;

const USER_HELP: &str = "\
These commands work while the server runs, and while it does not. A user's first login with a new
key needs the code, once; --registration says what those may do who have none.

Examples:
  breeze-server user add bob                         prints the code with which bob logs in
  pwgen 12 1 | breeze-server user add bob --password-stdin
  breeze-server user list --json | jq -r 'select(.online) | .user'
  breeze-server user reset-key bob                   bob lost the machine: a new code, a new key
  breeze-server user quota bob --messages 500 --bytes 10M
  breeze-server user remove bob --data /var/lib/breeze";

const ADD_HELP: &str = "\
The name is reserved at once: nobody gets it without the code. A server that runs with
'--registration closed' lets no new user in, with a code or without.

With --password-stdin the user logs in with that password instead of a code. It is read from
standard input without its line end: 8 to 128 bytes of UTF-8.";

const RESET_HELP: &str = "\
The user's session ends, and what is kept for it is given up: only the old key could open it.

With --password-stdin the user logs in with that password instead of a code. It is read from
standard input without its line end: 8 to 128 bytes of UTF-8.";

const QUOTA_HELP: &str = "\
Without --messages and --bytes it shows what is set. What is over a new limit already is kept;
nothing is added to it until there is room again.

Examples:
  breeze-server user quota bob
  breeze-server user quota bob --messages 500 --bytes 10M
  breeze-server user quota bob --messages default";

/// Which accounts there are, and what they may.
#[derive(Debug, Args)]
#[command(after_help = USER_HELP)]
pub(crate) struct UserArgs {
    #[command(subcommand)]
    pub(crate) command: UserCommand,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Add a user, and print the code for its first login
    #[command(after_help = ADD_HELP)]
    Add(NewSecretArgs),
    /// Show all users: key, whether online, what is kept for them, and how much may be
    List(ListArgs),
    /// Remove a user and the messages that are kept for it, and end its session
    Remove(NameArgs),
    /// Forget a user's key, and print the code for its first login with another
    #[command(after_help = RESET_HELP)]
    ResetKey(NewSecretArgs),
    /// Show or set how much is kept for a user while it is away
    #[command(after_help = QUOTA_HELP)]
    Quota(QuotaArgs),
}

/// Where the server's data is.
#[derive(Clone, Debug, Args)]
pub(crate) struct DataArgs {
    /// Directory of the server's data: the one that 'run' has
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

/// Whom to give a code or a password.
#[derive(Debug, Args)]
pub(crate) struct NewSecretArgs {
    #[command(flatten)]
    pub(crate) user: NameArgs,
    /// Take a password from standard input in place of a code
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

/// Whom it is about.
#[derive(Debug, Args)]
pub(crate) struct NameArgs {
    /// The user: a-z, 0-9, '.', '_' and '-', at most 32
    #[arg(value_name = "NAME")]
    pub(crate) name: UserId,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// How to show users.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// One JSON object a line for each user
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// How much to keep for whom.
#[derive(Debug, Args)]
pub(crate) struct QuotaArgs {
    #[command(flatten)]
    pub(crate) user: NameArgs,
    /// Messages that are kept at most, or 'default' for what 'run' says
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = parse_messages)]
    pub(crate) messages: Option<Limit>,
    /// Bytes that they have at most, such as 500000, 64K, 10M or 1G, or 'default'
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true, value_parser = parse_bytes)]
    pub(crate) bytes: Option<Limit>,
}

fn parse_messages(text: &str) -> Result<Limit, &'static str> {
    match text {
        "default" => Ok(Limit::Default),
        _ => text
            .parse()
            .map(Limit::Of)
            .map_err(|_| "this is neither a number of messages nor 'default'"),
    }
}

fn parse_bytes(text: &str) -> Result<Limit, &'static str> {
    match text {
        "default" => Ok(Limit::Default),
        _ => parse_size(text)
            .map(Limit::Of)
            .ok_or("this is neither a size, such as 500000, 64K, 10M or 1G, nor 'default'"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cli, Command};
    use super::*;

    fn read(line: &str) -> Result<UserCommand, String> {
        let line = ["breeze-server", "user"].into_iter().chain(line.split_whitespace());
        match Cli::read(line) {
            Ok(Cli { command: Command::User(UserArgs { command }) }) => Ok(command),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.to_string()),
        }
    }

    fn quota(options: &str) -> (Option<Limit>, Option<Limit>) {
        match read(&format!("quota bob {options}")) {
            Ok(UserCommand::Quota(args)) => (args.messages, args.bytes),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_and_options_are_taken_in_any_order() {
        for line in ["add --data d bob --password-stdin", "add bob --password-stdin --data d"] {
            let Ok(UserCommand::Add(args)) = read(line) else { panic!("{line}") };
            assert_eq!(args.user.name.as_str(), "bob");
            assert_eq!(args.user.data.data.as_deref(), Some("d".as_ref()));
            assert!(args.password_stdin);
        }
        assert!(matches!(read("reset-key bob"), Ok(UserCommand::ResetKey(_))));
        assert!(matches!(read("remove bob"), Ok(UserCommand::Remove(_))));
        let Ok(UserCommand::List(args)) = read("list --json") else { panic!() };
        assert!(args.json && args.data.data.is_none());
    }

    #[test]
    fn quotas_are_numbers_sizes_or_the_default() {
        assert_eq!(quota(""), (None, None));
        assert_eq!(quota("--messages 0"), (Some(Limit::Of(0)), None));
        assert_eq!(quota("--messages default"), (Some(Limit::Default), None));
        assert_eq!(quota("--bytes 10M"), (None, Some(Limit::Of(10 << 20))));
        assert_eq!(quota("--bytes default"), (None, Some(Limit::Default)));
    }

    #[test]
    fn says_what_is_wrong() {
        for (line, words) in [
            ("add", "<NAME>"),
            ("add Bob", "only lower-case letters"),
            ("quota bob --messages many", "neither a number of messages nor 'default'"),
            ("quota bob --messages -1", "neither a number"),
            ("quota bob --bytes 10X", "neither a size"),
        ] {
            let error = read(line).expect_err(line);
            assert!(error.contains(words), "{line}: {error}");
        }
    }
}
