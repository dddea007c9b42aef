//! The Breeze server.
#![forbid(unsafe_code)]

mod accounts;
mod cli;
mod clock;
mod data_dir;
mod error;
mod key_file;
mod listen;
mod logging;
mod platform;
mod private_file;

use std::process::ExitCode;

use breeze_core::noise::Identity;

use crate::accounts::Accounts;
use crate::cli::{Cli, Command, RunArgs};
use crate::data_dir::DataDir;
use crate::error::Error;

fn main() -> ExitCode {
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let Command::Run(args) = cli.command;
    logging::init(args.verbose);
    match run(args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("breeze-server: {error}");
            error.exit_code()
        }
    }
}

fn run(args: RunArgs) -> Result<ExitCode, Error> {
    let data = DataDir::open(args.data.clone())?;
    // The database first: its lock keeps a second server away from the key and the ports.
    let accounts = Accounts::open(data.path())?;
    let identity = Identity::from_secret(*data.server_key()?);
    let mut listeners = Vec::with_capacity(args.listen.len());
    for addr in &args.listen {
        listeners.push(listen::listen(*addr)?);
    }
    // The driver takes over from here.
    drop((accounts, identity, listeners));
    Ok(ExitCode::FAILURE)
}
