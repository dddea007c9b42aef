use std::rc::Rc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use smol::channel::{self, Receiver, Sender, TrySendError};
use smol::{LocalExecutor, future};

use super::mailbox::{Mailbox, Post};
use super::no_event::NoEvent;
use super::node_options::NodeOptions;
use super::refused::Refused;
use crate::commands::Access;
use crate::commands::role::Role;
use crate::commands::session::Session;
use crate::ndjson::{Command, Event};

/// Commands that wait for the node at most: it takes them at once, but while it is held up.
const COMMANDS: usize = 64;

/// Is a node that runs on a thread of its own, with the sockets and files that `breeze up` has.
///
/// Other commands of the same home can attach to it. All of it may be called from any threads at once;
/// those who wait for events take turns. Dropping it ends the node in good order, as
/// [`stop`](Self::stop) does, waits for that, some seconds at most, and takes what it still has to tell.
pub struct NodeHandle {
    commands: Sender<Command>,
    mailbox: Mailbox,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl NodeHandle {
    /// Starts a node; it logs in by itself, and tells when it has.
    ///
    /// # Errors
    /// What is wrong, and what to do about it, as `breeze up` says it.
    pub fn start(options: NodeOptions) -> Result<Self, String> {
        let access = options.access()?;
        let (mailbox, post) = Mailbox::new().map_err(|error| error.to_string())?;
        let (commands, given) = channel::bounded(COMMANDS);
        let (started, outcome) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("breeze-node".into())
            .spawn(move || run(access, &given, &post, &started))
            .map_err(|error| format!("a thread cannot be started: {error}"))?;
        match outcome.recv() {
            Ok(Ok(())) => Ok(Self { commands, mailbox, thread: Mutex::new(Some(thread)) }),
            Ok(Err(error)) => Err(error),
            // It ended before it could say anything.
            Err(_) => Err("the node has ended unexpectedly".into()),
        }
    }

    /// Gives a command: a line of JSON, as `breeze up --json` reads it.
    ///
    /// # Errors
    /// A [`Refused`]. What else becomes of the command, events tell.
    pub fn command(&self, line: &str) -> Result<(), Refused> {
        match Command::parse(line.as_bytes()) {
            Ok(Command::Quit) => self.stop(),
            Ok(command) => return self.give(command),
            Err(bad) => return Err(Refused::BadCommand(bad.message().to_owned())),
        }
        Ok(())
    }

    /// Sends a message. Events about it carry the reference, if there is one.
    ///
    /// # Errors
    /// A [`Refused`]. What else becomes of the message, events tell.
    pub fn send(&self, to: &str, text: &str, reference: Option<&str>) -> Result<(), Refused> {
        let fields = serde_json::json!({ "cmd": "send", "to": to, "text": text, "ref": reference });
        self.command(&fields.to_string())
    }

    fn give(&self, command: Command) -> Result<(), Refused> {
        self.commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => Refused::Full,
            TrySendError::Closed(_) => Refused::Ended,
        })
    }

    /// Returns the next event, a line of JSON as `breeze up --json` writes it, without its end. Waits for
    /// it, no longer than `limit` if there is one.
    ///
    /// # Errors
    /// A [`NoEvent`]; one longer than `room` stays where it is.
    pub fn next_event(&self, limit: Option<Duration>, room: usize) -> Result<String, NoEvent> {
        self.mailbox.next(limit, room)
    }

    /// Returns a file descriptor that is readable while an event waits, or is about to come, and once no
    /// more will. It is the node's: to be polled, and not to be read or closed.
    #[cfg(unix)]
    pub fn fd(&self) -> std::os::fd::RawFd {
        self.mailbox.bell()
    }

    /// Asks the node to end in good order: messages on their way have a little time to arrive, and others
    /// hear of it. Events come until it has ended.
    pub fn stop(&self) {
        self.commands.close();
    }
}

impl Drop for NodeHandle {
    fn drop(&mut self) {
        self.stop();
        self.mailbox.close();
        if let Ok(thread) = self.thread.get_mut()
            && let Some(thread) = thread.take()
        {
            // A panic of its own was reported when it happened.
            let _ = thread.join();
        }
    }
}

/// Runs the node on its thread, until it is stopped or fails.
fn run(
    access: Access,
    commands: &Receiver<Command>,
    post: &Post,
    started: &mpsc::Sender<Result<(), String>>,
) {
    let executor = Rc::new(LocalExecutor::new());
    future::block_on(executor.run(async {
        let session = match access.open(&executor, Role::Host).await {
            Ok(session) => session,
            Err(error) => {
                let _ = started.send(Err(error.to_string()));
                return;
            }
        };
        // Whoever started it waits for that.
        let _ = started.send(Ok(()));
        let telling = async || while tell(&session, post).await {};
        let obeying = async {
            while let Ok(command) = commands.recv().await {
                session.command_in_turn(command).await;
            }
        };
        future::or(obeying, telling()).await;
        // Commands that come now are refused.
        commands.close();
        let rest = async {
            telling().await;
            future::pending::<()>().await;
        };
        future::or(session.close(), rest).await;
        // Nobody may be there to take what comes last.
        while let Some(event) = session.next_event().await
            && post.try_put(line(&event))
        {}
    }));
}

/// Hands the next event over. Returns whether there was one, and somebody to take it.
async fn tell(session: &Session, post: &Post) -> bool {
    match session.next_event().await {
        Some(event) => post.put(line(&event)).await,
        None => false,
    }
}

fn line(event: &Event<'static>) -> String {
    event.to_line().trim_end().to_owned()
}
