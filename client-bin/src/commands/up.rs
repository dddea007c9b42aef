use std::process::ExitCode;

use smol::future;

use super::access::Access;
use super::output::Output;
use super::role::Role;
use super::run::run as run_session;
use super::session::Session;
use super::{input, show};
use crate::error::Error;
use crate::ndjson::Event;

/// Stays logged in and prints what happens; with `json`, for scripts, and takes their commands.
pub(crate) fn run(access: Access, json: bool) -> Result<ExitCode, Error> {
    let output = Output::open();
    let print = async |event: &Event<'static>| match json {
        true => output.write(&event.to_line()).await,
        false => match show::line(event) {
            Some(line) => output.write(&line).await,
            None => Ok(()),
        },
    };
    let user = async |session: &Session| {
        let printing = async {
            while let Some(event) = session.next_event().await {
                print(&event).await?;
            }
            Err(session.ended())
        };
        let obeying = async {
            match session.own_seat() {
                Some(seat) if json => seat.obey(input::open()).await?,
                // Only a signal ends it.
                Some(_) | None => future::pending().await,
            }
            Ok(ExitCode::SUCCESS)
        };
        future::or(obeying, printing).await
    };
    run_session(access, Role::Host, user, print)
}
