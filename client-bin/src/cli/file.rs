use std::num::NonZeroU64;
use std::path::PathBuf;

use breeze_core::id::UserId;
use breeze_server::host::size::parse_size;
use clap::{Args, Subcommand, ValueEnum};

use super::NodeArgs;
use crate::ndjson::transfer_id;

/// A longest time of a week to wait for the end of a transfer.
const MAX_TIMEOUT: u64 = 7 * 24 * 60 * 60;

const FILE_HELP: &str = "\
Examples:
  breeze file send bob holiday.mp4          offer a file to bob, and wait until he has it
  breeze file list                          what is offered, under way and done
  breeze file accept 3f9a --to ~/films      take what somebody offers
  breeze up --auto-accept-from bob          take what bob offers without asking

A transfer survives the end of any program and machine that takes part in it: it goes on where it
was when both nodes run again. 'breeze file cancel' ends it.";

const SEND_HELP: &str = "\
Examples:
  breeze file send bob holiday.mp4
  breeze file send bob photos notes.txt     a folder with all that is in it, and a file
  breeze file send bob backup.tar --limit 10M
  breeze file send bob holiday.mp4 --wait offered     with 'breeze up' running elsewhere

Each path is a transfer of its own. Bytes go directly from machine to machine, or through the server
where that is impossible and the server allows it. The recipient has to accept what is offered.

When a node runs already, in 'breeze up' or 'breeze chat', the transfers are given to it, and go on
there whatever becomes of this command: --wait offered ends this one as soon as all is offered. With
no other node, this command runs one, and stays until all is done.

Ctrl-C or --timeout ends the command and not the transfers: they go on as long as a node runs, or
when one runs again. 'breeze file cancel' ends them.

The exit status is 0 once everything has got as far as --wait says, and 1 if anything has not.
Sizes have units of 1024 bytes: 500K, 10M, 1G.";

const ACCEPT_HELP: &str = "\
Examples:
  breeze file list                          shows what is offered, and by which ID
  breeze file accept 3f9a                   into the current directory
  breeze file accept 3f9a --to ~/films

What has the name there already stays, and the new one gets a number behind its name, unless
--replace is given. When it is done, standard output says where it is.

With --no-wait, or after Ctrl-C, it goes on as long as a node runs, or when one runs again. The exit
status is 0 once it is done, or accepted with --no-wait.";

/// Sends files and folders, and takes those of others.
#[derive(Debug, Args)]
#[command(after_help = FILE_HELP)]
pub(crate) struct FileArgs {
    #[command(subcommand)]
    pub(crate) command: FileCommand,
}

/// What to do about files.
#[derive(Debug, Subcommand)]
pub(crate) enum FileCommand {
    /// Offer files and folders to somebody, and wait until they have arrived
    #[command(after_help = SEND_HELP)]
    Send(FileSendArgs),
    /// Show transfers: what is offered, under way, and done
    List(FileListArgs),
    /// Take what somebody offers, and wait until it is here
    #[command(after_help = ACCEPT_HELP)]
    Accept(FileAcceptArgs),
    /// Refuse what somebody offers
    Reject(FileEndArgs),
    /// End a transfer, one's own or another's
    Cancel(FileEndArgs),
}

/// Says how far a transfer has to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileWait {
    /// The offer is on disk here, if a node runs that goes on with it; otherwise the same as 'done'
    Offered,
    /// The recipient has all of it
    Done,
}

#[derive(Debug, Args)]
pub(crate) struct FileSendArgs {
    /// Who gets them
    // Not named `user`: clap would take it for the global option of that name.
    #[arg(value_name = "USER")]
    pub(crate) to: UserId,
    /// Files and folders
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Bytes a second that each may take at most, such as 500K or 10M
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub(crate) limit: Option<NonZeroU64>,
    /// How far they have to get for success
    #[arg(long, value_enum, value_name = "STATE", default_value_t = FileWait::Done)]
    pub(crate) wait: FileWait,
    /// Seconds to wait for that; for ever unless given. The transfers stay all the same
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=MAX_TIMEOUT))]
    pub(crate) timeout: Option<u64>,
    /// Print events as JSON, one a line; 'ref' counts the paths from 1
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) node: NodeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct FileListArgs {
    /// Print the answer as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) node: NodeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct FileAcceptArgs {
    /// Which, as 'breeze file list' shows it; its first digits are enough
    #[arg(value_name = "ID", value_parser = parse_transfer)]
    pub(crate) transfer: String,
    /// Folder to put it in; the current directory unless given
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    /// Replace what has its name there already
    #[arg(long)]
    pub(crate) replace: bool,
    /// Do not wait until it is here
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Print events as JSON, one a line
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) node: NodeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct FileEndArgs {
    /// Which, as 'breeze file list' shows it; its first digits are enough
    #[arg(value_name = "ID", value_parser = parse_transfer)]
    pub(crate) transfer: String,
    #[command(flatten)]
    pub(crate) node: NodeArgs,
}

/// Reads a number of bytes a second.
fn parse_rate(text: &str) -> Result<NonZeroU64, String> {
    let size = text.strip_suffix("/s").unwrap_or(text);
    parse_size(size)
        .and_then(NonZeroU64::new)
        .ok_or_else(|| "this is no rate, such as '500K', '10M' or '1G' a second".to_owned())
}

/// Reads what a transfer is called, or the beginning of it.
fn parse_transfer(text: &str) -> Result<String, String> {
    match transfer_id::is_prefix(text) {
        true => Ok(text.to_owned()),
        false => Err("'breeze file list' shows what transfers are called: 1 to 16 of the digits \
                      0-9 and a-f"
            .to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;

    use super::super::{Cli, Command};
    use super::*;

    fn file(line: &str) -> Result<FileCommand, String> {
        let words = ["breeze", "file"].into_iter().chain(line.split(' '));
        let cli = Cli::try_parse_from(words).map_err(|error| error.to_string())?;
        let Command::File(args) = cli.command else { panic!("{line}") };
        Ok(args.command)
    }

    #[test]
    fn several_paths_go_to_one_user() {
        let line = "send bob a b/c --limit 10M --user al --wait offered --timeout 60 --mesh off";
        let Ok(FileCommand::Send(send)) = file(line) else { panic!("{line}") };
        assert_eq!(send.to.as_str(), "bob");
        assert_eq!(send.paths, [Path::new("a"), Path::new("b/c")]);
        assert_eq!(send.limit, NonZeroU64::new(10 << 20));
        assert_eq!((send.wait, send.timeout, send.json), (FileWait::Offered, Some(60), false));
        let Ok(FileCommand::Send(send)) = file("send bob a --json") else { panic!("send") };
        assert_eq!((send.wait, send.timeout, send.limit), (FileWait::Done, None, None));
        assert!(send.json);
        assert!(file("send bob").expect_err("no path").contains("PATH"));
    }

    #[test]
    fn a_rate_is_a_size_that_is_not_nothing() {
        for (text, rate) in [("1", 1), ("500K", 500 << 10), ("10M/s", 10 << 20), ("1GiB", 1 << 30)]
        {
            assert_eq!(parse_rate(text).map(NonZeroU64::get), Ok(rate), "{text}");
        }
        for text in ["0", "", "fast", "1.5M", "-1", "/s"] {
            assert!(parse_rate(text).expect_err(text).contains("'500K'"), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_transfer_is_refused_at_once() {
        for line in ["accept 3f9a", "reject 3f9a", "cancel 3f9a00112233445a"] {
            file(line).expect(line);
        }
        for line in ["accept holiday.mp4", "reject 3F9A", "cancel 3f9a00112233445a0"] {
            assert!(file(line).expect_err(line).contains("breeze file list"), "{line}");
        }
    }

    #[test]
    fn what_is_accepted_goes_where_it_is_told() {
        let line = "accept 3f9a --to /x --replace --no-wait";
        let Ok(FileCommand::Accept(accept)) = file(line) else { panic!("{line}") };
        assert_eq!(accept.to.as_deref(), Some(Path::new("/x")));
        assert!(accept.replace && accept.no_wait && !accept.json);
        let Ok(FileCommand::Accept(accept)) = file("accept 3f9a") else { panic!("accept") };
        assert!(accept.to.is_none() && !accept.replace && !accept.no_wait);
    }
}
