//! The command line. Everything here is checked before anything is opened.

mod backup;
mod run;
mod user;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

pub(crate) use backup::BackupArgs;
pub(crate) use run::RunArgs;
pub(crate) use user::{ListArgs, NameArgs, NewSecretArgs, QuotaArgs, UserArgs, UserCommand};

const EXAMPLES: &str = "\
Examples:
  breeze-server run                                  all addresses, IPv4 and IPv6, port 7733
  breeze-server run --listen 192.0.2.7               one address, port 7733
  breeze-server run --listen 127.0.0.1:0 --data /tmp/breeze    to try it out: any free port
  breeze-server run --registration closed            only those who are registered already
  breeze-server run --queue-days 7 --queue-bytes 8M  keep less for users that are away
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

impl Cli {
    /// Reads the command line; what is wrong with it is one error, of the same form for all.
    pub(crate) fn read<I, T>(line: I) -> Result<Self, clap::Error>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString> + Clone,
    {
        let cli = Self::try_parse_from(line)?;
        let contradiction = match &cli.command {
            Command::Run(run) => run.contradiction(),
            Command::User(_) | Command::Backup(_) => None,
        };
        match contradiction {
            Some(message) => Err(Self::command().error(ErrorKind::ValueValidation, message)),
            None => Ok(cli),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_consistent() {
        Cli::command().debug_assert();
    }
}
