//! The subcommands that administer a server, whether it runs or not.

mod backup;
mod new_ticket;
mod show;
mod user;

pub(crate) use backup::backup;
pub(crate) use user::user;

use std::io::{self, Write};

use crate::admin::{self, Done, Request};
use crate::data_dir::DataDir;
use crate::error::Error;
use crate::host::wall_clock::now_ms;
use crate::store::Limits;

/// Has a request done, by the server that runs on a data directory or without it.
fn ask(data: &DataDir, request: Request) -> Result<Done, Error> {
    smol::block_on(admin::ask(data.path(), Limits::default(), request, now_ms()))
}

/// Writes to standard output. Nobody may be reading: that is no error.
fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
