use std::iter;
use std::process::ExitCode;
use std::time::Duration;

use breeze_core::id::Ticket;
use breeze_server::host::logging;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};

use crate::cli::file::{FileArgs, FileCommand, FileEndArgs};
use crate::cli::{ChatArgs, HistoryArgs, LoginArgs, OutboxArgs, SearchArgs, UpArgs, VerifyArgs};
use crate::cli::{Cli, Command, NodeArgs, ReceiveArgs};
use crate::commands::file::Ending;
use crate::commands::{self, Access};
use crate::error::Error;
use crate::home::Home;
use crate::ndjson::Question;

/// Runs the program with the command line of the process.
///
/// Wrong usage ends the process with status 2, a request for help with status 0.
pub fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match run(cli, &matches) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("breeze: {error}");
            error.exit_code()
        }
    }
}

fn run(cli: Cli, matches: &ArgMatches) -> Result<ExitCode, Error> {
    // The server starts a log of its own.
    if !matches!(cli.command, Command::Server { .. }) {
        logging::start(cli.global.verbose);
    }
    let server = cli.global.server.clone();
    // What is given is remembered once it is certain that it can be had.
    let access = |node: NodeArgs| -> Result<Access, Error> {
        let home = Home::open(cli.global.home.clone())?;
        let settings = home.settings()?;
        let given = given_node_options(matches);
        let (receive, ticket) = (ReceiveArgs::default(), Ticket::default());
        Ok(Access { home, settings, global: cli.global, node, receive, ticket, given })
    };
    match cli.command {
        Command::Up(UpArgs { json, receive, node }) => {
            commands::up::run(Access { receive, ..access(node)? }, json)
        }
        Command::Chat(ChatArgs { with, receive, node }) => {
            commands::chat::run(Access { receive, ..access(node)? }, with)
        }
        Command::Send(args) => {
            let limit = Duration::from_secs(args.timeout);
            commands::send::run(access(args.node)?, args.to, args.text, args.wait, limit)
        }
        Command::File(FileArgs { command }) => match command {
            FileCommand::Send(args) => commands::file::send(access(args.node.clone())?, args),
            FileCommand::List(args) => commands::file::list(access(args.node)?, args.json),
            FileCommand::Accept(args) => commands::file::accept(access(args.node.clone())?, args),
            FileCommand::Reject(FileEndArgs { transfer, node }) => {
                commands::file::end(access(node)?, transfer, Ending::Reject)
            }
            FileCommand::Cancel(FileEndArgs { transfer, node }) => {
                commands::file::end(access(node)?, transfer, Ending::Cancel)
            }
        },
        Command::Verify(VerifyArgs { with, accept, yes }) => {
            commands::verify::run(access(NodeArgs::NONE)?, with, accept, yes)
        }
        Command::Login(LoginArgs { code, password_stdin }) => {
            let ticket = commands::login::ticket(code, password_stdin)?;
            commands::login::run(Access { ticket, ..access(NodeArgs::NONE)? })
        }
        Command::Who(args) => commands::who::run(access(args.node)?, args.json),
        Command::History(HistoryArgs { with, limit, before, json }) => {
            let question = Question::History { with, limit, before };
            commands::history::run(access(NodeArgs::NONE)?, question, json)
        }
        Command::Search(SearchArgs { text, limit, json }) => {
            let question = Question::Search { text, limit };
            commands::history::run(access(NodeArgs::NONE)?, question, json)
        }
        Command::Outbox(OutboxArgs { json }) => {
            let question = Question::Outbox { before: None };
            commands::history::run(access(NodeArgs::NONE)?, question, json)
        }
        Command::Id => commands::id::run(access(NodeArgs::NONE)?),
        // The demonstration brings its own temporary homes.
        Command::Demo => commands::demo::run(),
        // The sessions of a benchmark have no home at all.
        Command::Bench(args) => commands::bench::run(args, server),
        Command::Server { line } => {
            Ok(breeze_server::main(iter::once("breeze-server".into()).chain(line)))
        }
    }
}

/// Returns those options of a node that stand on the command line.
fn given_node_options(matches: &ArgMatches) -> Vec<&'static str> {
    let Some((_, mut matches)) = matches.subcommand() else { return Vec::new() };
    while let Some((_, inner)) = matches.subcommand() {
        matches = inner;
    }
    let options = [
        ("mesh", "--mesh"),
        ("presence", "--presence"),
        ("listen", "--listen"),
        ("advertise", "--advertise"),
        ("auto_accept_from", "--auto-accept-from"),
        ("download_dir", "--download-dir"),
    ];
    options
        .into_iter()
        .filter(|(id, _)| {
            // Not every command has them.
            matches!(matches.try_contains_id(id), Ok(true))
                && matches.value_source(id) == Some(ValueSource::CommandLine)
        })
        .map(|(_, option)| option)
        .collect()
}
