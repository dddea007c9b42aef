use std::cell::{Cell, RefCell};
use std::process::ExitCode;

use super::item::Item;
use super::outcome::Outcome;
use super::paths;
use super::send::follow;
use super::standing::Standing;
use super::view::View;
use super::watch::Watch;
use crate::cli::file::FileAcceptArgs;
use crate::commands::access::Access;
use crate::commands::output::Output;
use crate::commands::role::Role;
use crate::commands::run::run as run_session;
use crate::commands::session::Session;
use crate::error::Error;
use crate::ndjson::{Command, Event, FileEntry, Reference};

/// What the question what there is, is marked with; the transfer itself is number 1.
const QUESTION: u64 = 0;

/// Takes what somebody offers, and waits until it is here.
pub(crate) fn accept(access: Access, args: FileAcceptArgs) -> Result<ExitCode, Error> {
    let FileAcceptArgs { transfer, to, replace, no_wait, json, .. } = args;
    let dir = Some(paths::to_fill(to.as_deref())?);
    let item = Item::new(1, transfer.clone(), String::new(), false);
    let reference = Some(item.reference.clone());
    let items = vec![item];
    let view = View::choose(json, &items);
    let watch = RefCell::new(Watch::new(items));
    let outcome = Cell::new(Outcome::default());
    let user = async |session: &Session| {
        let shared = matches!(session, Session::Attached(_));
        outcome.set(Outcome { shared, kept_is_enough: no_wait, late: None });
        let meanwhile = |event: &Event<'static>| {
            watch.borrow_mut().note(event);
        };
        let known = ask(session, QUESTION, meanwhile).await?;
        if let Some(entry) = only(&known, &transfer) {
            let item = &mut watch.borrow_mut().items[0];
            item.name = entry.name.to_string();
            item.peer = entry.from.as_ref().map(ToString::to_string).unwrap_or_default();
            item.size = Some(entry.size);
        }
        session.command(Command::Accept { transfer, dir, replace, reference }).await;
        follow(session, &watch, &view, outcome.get()).await?;
        Ok(ExitCode::SUCCESS)
    };
    let rest = async |event: &Event<'static>| view.note(&watch, event).await;
    let ended = run_session(access, Role::Resident, user, rest);
    view.close();
    ended?;
    if let (Standing::Done { path, .. }, false) = (&watch.borrow().items[0].standing, json) {
        let line = format!("{path}\n");
        smol::block_on(Output::open().write(&line))?;
    }
    Ok(outcome.get().conclude(&watch.borrow(), &view))
}

/// Asks the node for all transfers; `meanwhile` sees what it tells before it answers.
pub(super) async fn ask(
    session: &Session,
    number: u64,
    mut meanwhile: impl FnMut(&Event<'static>),
) -> Result<Vec<FileEntry<'static>>, Error> {
    let mark = Some(Reference::Number(number.into()));
    session.command(Command::Files { reference: mark.clone() }).await;
    loop {
        let Some(event) = session.next_event().await else { return Err(session.ended()) };
        match &*event {
            Event::Files { transfers, reference } if *reference == mark => {
                return Ok(transfers.clone());
            }
            Event::Error { message, reference, .. } if *reference == mark => {
                return Err(Error::Files(message.to_string()));
            }
            event => meanwhile(event),
        }
    }
}

/// Finds the one transfer that begins like this.
pub(super) fn only<'e>(
    known: &'e [FileEntry<'static>],
    prefix: &str,
) -> Option<&'e FileEntry<'static>> {
    let mut fitting = known.iter().filter(|entry| entry.transfer.starts_with(prefix));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}
