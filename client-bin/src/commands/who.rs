use std::collections::BTreeSet;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use breeze_core::id::UserId;
use breeze_server::driver::within;

use super::access::Access;
use super::output::Output;
use super::role::Role;
use super::run::run as run_session;
use super::session::Session;
use super::show;
use crate::error::Error;
use crate::ndjson::{Command, Event, PathKind, ServerState, WhoEntry};

/// How long the login and the list of users may take.
const LIMIT: Duration = Duration::from_secs(10);
/// How long direct links may take to come up before paths are shown as they are.
const SETTLE: Duration = Duration::from_secs(1);

/// The answer to the question who is there.
type Users = Vec<WhoEntry<'static>>;

/// Prints who is online, and which path leads there.
pub(crate) fn run(access: Access, json: bool) -> Result<ExitCode, Error> {
    let user = async |session: &Session| {
        let users = match within(LIMIT, list(session)).await {
            Some(users) => users?,
            None => {
                let server = session.server();
                let message = format!("server {server} cannot be reached; is it running?");
                return Err(Error::NoAnswer(message));
            }
        };
        let text = match json {
            true => Event::Who { users }.to_line(),
            false => show::table(&users),
        };
        Output::open().write(&text).await?;
        Ok(ExitCode::SUCCESS)
    };
    run_session(access, Role::Visitor, user, async |_| Ok(()))
}

async fn list(session: &Session) -> Result<Users, Error> {
    let mut ready = false;
    // A node that was logged in before has the links that it can have.
    let mut settled = true;
    loop {
        match &*next(session).await? {
            Event::Ready { .. } => ready = true,
            Event::Server { state: ServerState::Connected, .. } => break,
            // It still knows everybody, and has direct links.
            Event::Server { state: ServerState::Lost, .. } if ready => break,
            Event::Server { state: ServerState::Lost, .. } => settled = false,
            _ => {}
        }
    }
    if matches!(session, Session::Own(_)) {
        settled = false;
    }
    session.command(Command::Who).await;
    let users = answer(session).await?;
    if settled || !session.dials() {
        return Ok(users);
    }
    // Whoever is online without a direct link may have one in a moment.
    let apart = users.iter().filter(|entry| entry.online && entry.path != PathKind::Direct);
    let apart = apart.map(|entry| entry.user.clone()).collect();
    let met = within(SETTLE, meet(session, apart)).await;
    met.transpose()?;
    session.command(Command::Who).await;
    answer(session).await
}

async fn answer(session: &Session) -> Result<Users, Error> {
    loop {
        if let Event::Who { users } = &*next(session).await? {
            return Ok(users.clone());
        }
    }
}

/// Waits until there are direct links with all these users.
async fn meet(session: &Session, mut apart: BTreeSet<UserId>) -> Result<(), Error> {
    while !apart.is_empty() {
        if let Event::Path { user, path: PathKind::Direct, .. } = &*next(session).await? {
            apart.remove(user);
        }
    }
    Ok(())
}

async fn next(session: &Session) -> Result<Rc<Event<'static>>, Error> {
    session.next_event().await.ok_or_else(|| session.ended())
}
