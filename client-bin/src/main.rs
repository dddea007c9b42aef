//! The Breeze client.
#![forbid(unsafe_code)]

mod cli;
mod commands;
mod connect;
mod error;
mod home;
mod known_servers;
mod listen;
mod ndjson;
mod node;
mod server_addr;
mod settings;
mod store;
mod text;

use std::iter;
use std::process::ExitCode;
use std::time::Duration;

use breeze_server::host::logging;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};

use crate::cli::{Cli, Command, HistoryArgs, Mesh, NodeArgs, OutboxArgs, SearchArgs};
use crate::commands::Access;
use crate::error::Error;
use crate::home::Home;
use crate::ndjson::Question;

fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    if let Command::Server { line } = cli.command {
        return breeze_server::main(iter::once("breeze-server".into()).chain(line));
    }
    logging::start(cli.global.verbose);
    match run(cli, &matches) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("breeze: {error}");
            error.exit_code()
        }
    }
}

fn run(cli: Cli, matches: &ArgMatches) -> Result<ExitCode, Error> {
    // The demonstration brings its own temporary homes.
    if let Command::Demo = cli.command {
        return commands::demo::run();
    }
    let home = Home::open(cli.global.home.clone())?;
    let mut settings = home.settings()?;
    if let Command::Id = cli.command {
        settings.remember(&cli.global)?;
        return commands::id::run(&home, &settings);
    }
    let question = match &cli.command {
        Command::History(HistoryArgs { with, limit, before, json }) => {
            let (with, limit, before) = (with.clone(), *limit, *before);
            Some((Question::History { with, limit, before }, *json))
        }
        Command::Search(SearchArgs { text, limit, json }) => {
            Some((Question::Search { text: text.clone(), limit: *limit }, *json))
        }
        Command::Outbox(OutboxArgs { json }) => Some((Question::Outbox, *json)),
        _ => None,
    };
    if let Some((question, json)) = question {
        settings.remember(&cli.global)?;
        let node = NodeArgs { mesh: Mesh::Off, listen: None, advertise: Vec::new() };
        let access = Access { home, settings, global: cli.global, node, given: Vec::new() };
        return commands::history::run(access, question, json);
    }
    // What the others are given is remembered when they are sure that it can be had.
    let given = given_node_options(matches);
    let access = |node: NodeArgs| Access { home, settings, global: cli.global, node, given };
    match cli.command {
        Command::Up(args) => commands::up::run(access(args.node), args.json),
        Command::Chat(args) => commands::chat::run(access(args.node), args.with),
        Command::Send(args) => {
            let limit = Duration::from_secs(args.timeout);
            commands::send::run(access(args.node), args.to, args.text, args.wait, limit)
        }
        Command::Who(args) => commands::who::run(access(args.node), args.json),
        Command::Id
        | Command::History(_)
        | Command::Search(_)
        | Command::Outbox(_)
        | Command::Demo
        | Command::Server { .. } => commands::demo::run(),
    }
}

/// Returns those options of a node that stand on the command line.
fn given_node_options(matches: &ArgMatches) -> Vec<&'static str> {
    let Some((_, matches)) = matches.subcommand() else { return Vec::new() };
    [("mesh", "--mesh"), ("listen", "--listen"), ("advertise", "--advertise")]
        .into_iter()
        .filter(|(id, _)| {
            // Not every command has them.
            matches!(matches.try_contains_id(id), Ok(true))
                && matches.value_source(id) == Some(ValueSource::CommandLine)
        })
        .map(|(_, option)| option)
        .collect()
}
