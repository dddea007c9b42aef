use std::ffi::OsString;
use std::process::ExitCode;

use breeze_core::ServerConfig;
use breeze_core::noise::Identity;

use crate::cli::{Cli, Command, RunArgs};
use crate::data_dir::DataDir;
use crate::error::Error;
use crate::host::processor::has_aes;
use crate::host::{files, logging};
use crate::room::Room;
use crate::{admin, commands, listen, service};

/// Runs the program with a command line, the first word of which is its name.
///
/// Wrong usage ends the process with status 2, a request for help with status 0.
pub fn main(line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::read(line) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let outcome = match cli.command {
        Command::Run(args) => {
            logging::start(args.verbose);
            run(args)
        }
        Command::User(args) => commands::user(args.command).map(|()| ExitCode::SUCCESS),
        Command::Backup(args) => commands::backup(args).map(|()| ExitCode::SUCCESS),
    };
    match outcome {
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
    let store = smol::block_on(admin::open_store(data.path(), args.limits()))?;
    let identity = Identity::from_secret(*data.server_key()?);
    let mut listeners = Vec::with_capacity(args.listen.len());
    for addr in &args.listen {
        listeners.push(listen::listen(*addr)?);
    }
    let room = Room::of(files::allow_most(), args.max_sessions as usize);
    if room.sessions < args.max_sessions as usize {
        log::warn!(
            "there is room for {} sessions, not {}: this process may have no more files open; see \
             'ulimit -n', or LimitNOFILE of its service",
            room.sessions,
            args.max_sessions
        );
    }
    let config = ServerConfig {
        keepalive: args.keepalive(),
        idle: args.idle(),
        max_sessions: room.sessions,
        max_strangers: room.strangers,
        takes_aes: has_aes(),
        file_rate: args.relay_file_rate,
        max_file: args.relay_file_max,
    };
    let (data, registration) = (data.path(), args.registration);
    service::run(config, room.lingering, identity, store, data, registration, listeners)
}
