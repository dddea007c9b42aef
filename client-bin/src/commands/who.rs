use std::cell::RefCell;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use smol::channel;

use super::input::Output;
use super::{session, show};
use crate::cli::Mesh;
use crate::error::Error;
use crate::ndjson::{Command, Event, PathKind};
use crate::node::{Node, Options};

/// How long the login and the list of users may take.
const LIMIT: Duration = Duration::from_secs(10);
/// How long direct links may take to come up before paths are shown as they are.
const SETTLE: Duration = Duration::from_secs(1);

/// Prints who is online, and which path leads there.
pub(crate) fn run(options: Options, json: bool) -> Result<ExitCode, Error> {
    let server = options.profile.server.clone();
    let dials = options.mesh == Mesh::Eager;
    let mut output = Output::open();
    // Users online without a direct link.
    let apart = Rc::new(RefCell::new(BTreeSet::new()));
    let (done, printed) = channel::bounded(1);
    let user = {
        let apart = apart.clone();
        async move |node: Rc<Node>| {
            let unknown = format!("server {server} cannot be reached; is it running?");
            if !node.wait_until(LIMIT, Node::is_ready).await {
                return Err(Error::NoAnswer(unknown));
            }
            if dials {
                node.wait_until(SETTLE, |_| apart.borrow().is_empty()).await;
            }
            node.command(Command::Who);
            // Whoever prints the answer says so, or is gone.
            let _ = printed.recv().await;
            Ok(ExitCode::SUCCESS)
        }
    };
    let on_event = async move |event: Event<'static>| {
        match event {
            Event::Presence { user, online: true, .. } => {
                apart.borrow_mut().insert(user);
            }
            Event::Path { user, path: PathKind::Direct, .. } => {
                apart.borrow_mut().remove(&user);
            }
            Event::Who { users } => {
                let text = match json {
                    true => Event::Who { users }.to_line(),
                    false => show::table(&users),
                };
                output.write(&text).await?;
                let _ = done.try_send(());
            }
            _ => {}
        }
        Ok(())
    };
    session::run(options, user, on_event)
}
