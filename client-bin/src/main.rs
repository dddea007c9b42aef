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
mod text;

use std::iter;
use std::process::ExitCode;

use breeze_server::host::logging;
use clap::Parser;

use crate::cli::{Cli, Command};
use crate::error::Error;
use crate::home::Home;
use crate::node::Options;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::Server { line } = cli.command {
        return breeze_server::main(iter::once("breeze-server".into()).chain(line));
    }
    logging::start(cli.global.verbose);
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("breeze: {error}");
            error.exit_code()
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Error> {
    // The demonstration brings its own temporary homes.
    if let Command::Demo = cli.command {
        return commands::demo::run();
    }
    let home = Home::open(cli.global.home.clone())?;
    let mut settings = home.settings()?;
    settings.remember(&cli.global)?;
    match cli.command {
        Command::Id => commands::id::run(&home, &settings),
        Command::Up(args) => {
            commands::up::run(Options::new(&home, &settings, &args.node)?, args.json)
        }
        Command::Chat(args) => {
            commands::chat::run(Options::new(&home, &settings, &args.node)?, args.with)
        }
        Command::Send(args) => {
            commands::send::run(Options::new(&home, &settings, &args.node)?, args.to, args.text)
        }
        Command::Who(args) => {
            commands::who::run(Options::new(&home, &settings, &args.node)?, args.json)
        }
        Command::Demo | Command::Server { .. } => commands::demo::run(),
    }
}
