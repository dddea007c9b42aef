use std::cell::{Cell, RefCell};
use std::process::ExitCode;
use std::time::Duration;

use breeze_server::driver::within;
use smol::future;

use super::item::Item;
use super::outcome::Outcome;
use super::paths;
use super::view::View;
use super::watch::Watch;
use crate::cli::file::{FileSendArgs, FileWait};
use crate::commands::access::Access;
use crate::commands::role::Role;
use crate::commands::run::run as run_session;
use crate::commands::session::Session;
use crate::error::Error;
use crate::ndjson::{Command, Event};

/// Offers files and folders to a user, and waits until they have got as far as `wait` says.
pub(crate) fn send(access: Access, args: FileSendArgs) -> Result<ExitCode, Error> {
    let FileSendArgs { to, paths, limit, wait, timeout, json, .. } = args;
    let mut commands = Vec::new();
    let mut items = Vec::new();
    // All are looked at before the first is offered.
    for (number, path) in (1..).zip(&paths) {
        let (path, name) = paths::to_send(path)?;
        let item = Item::new(number, name, to.to_string(), true);
        let reference = Some(item.reference.clone());
        commands.push(Command::File { to: to.clone(), path, limit, reference });
        items.push(item);
    }
    let view = View::choose(json, &items);
    let watch = RefCell::new(Watch::new(items));
    let outcome = Cell::new(Outcome::default());
    let user = async |session: &Session| {
        let shared = matches!(session, Session::Attached(_));
        // Nobody else would go on with it.
        let kept_is_enough = shared && wait == FileWait::Offered;
        outcome.set(Outcome { shared, kept_is_enough, late: None });
        let asking = async {
            for command in commands {
                session.command_in_turn(command).await;
            }
            Ok(())
        };
        let following = follow(session, &watch, &view, outcome.get());
        let both = async { future::try_zip(asking, following).await.map(drop) };
        match timeout {
            Some(seconds) => match within(Duration::from_secs(seconds), both).await {
                Some(ended) => ended?,
                None => outcome.set(Outcome { late: timeout, ..outcome.get() }),
            },
            None => both.await?,
        }
        Ok(ExitCode::SUCCESS)
    };
    let rest = async |event: &Event<'static>| view.note(&watch, event).await;
    let ended = run_session(access, Role::Resident, user, rest);
    view.close();
    ended?;
    Ok(outcome.get().conclude(&watch.borrow(), &view))
}

/// Shows how transfers go until each has got far enough.
pub(super) async fn follow(
    session: &Session,
    watch: &RefCell<Watch>,
    view: &View,
    outcome: Outcome,
) -> Result<(), Error> {
    while !watch.borrow().items.iter().all(|item| outcome.is_enough(item)) {
        let Some(event) = session.next_event().await else { return Err(session.ended()) };
        view.note(watch, &event).await?;
    }
    Ok(())
}
