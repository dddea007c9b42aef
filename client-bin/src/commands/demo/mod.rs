//! The product in one command: a real server and three real clients, as processes of their own on
//! this machine, with temporary data.

mod actor;
mod cable;
mod play;
mod stage;

use std::process::ExitCode;

use crate::error::Error;

/// Shows the product at work. The exit status is 0 only if everything that it tells has happened.
pub(crate) fn run() -> Result<ExitCode, Error> {
    play::play()?;
    Ok(ExitCode::SUCCESS)
}
