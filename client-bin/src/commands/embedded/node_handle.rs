use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use breeze_server::driver;
use smol::channel::{self, Receiver, Sender, TrySendError};
use smol::{LocalExecutor, future};

use super::mailbox::{Mailbox, Post};
use super::no_event::NoEvent;
use super::node_options::NodeOptions;
use super::refused::Refused;
use crate::commands::Access;
use crate::commands::role::Role;
use crate::ndjson::{Command, Event};

/// Commands that wait for the node at most: it takes them at once, but while it is held up.
const COMMANDS: usize = 64;

/// Bytes of stack for the node: what a program has for its first thread, where `breeze up` runs it. What
/// is not touched takes no memory.
const STACK: usize = 8 * 1024 * 1024;

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
            .stack_size(STACK)
            .spawn(move || guarded(&given, &post, || live(access, &given, &post, &started)))
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
            // It catches its panics.
            let _ = thread.join();
        }
    }
}

/// Runs a node on its thread. A panic ends the node and not the process: an event tells of it.
fn guarded(commands: &Receiver<Command>, post: &Post, live: impl FnOnce()) {
    // What a panic may have left half done is gone then, but for the ends of the channels.
    if panic::catch_unwind(AssertUnwindSafe(live)).is_err() {
        commands.close();
        future::block_on(post.put(line(&panicked())));
    }
}

/// Lives as a node until it is stopped or fails.
fn live(
    access: Access,
    commands: &Receiver<Command>,
    post: &Post,
    started: &mpsc::Sender<Result<(), String>>,
) {
    let executor = Rc::new(LocalExecutor::new());
    let outcome = driver::block_on(executor.run(async {
        let session = match access.open(&executor, Role::Host).await {
            Ok(session) => session,
            Err(error) => {
                let _ = started.send(Err(error.to_string()));
                return None;
            }
        };
        // Whoever started it waits for that.
        let _ = started.send(Ok(()));
        let (last, ended) = channel::bounded::<()>(1);
        // It goes on to the last event: to drop it would lose the one that waits for room.
        let telling = async {
            while let Some(event) = session.next_event().await {
                // Nobody has to be there: they are taken all the same, for the node not to wait.
                post.put(line(&event)).await;
            }
            last.close();
        };
        let living = async {
            let obeying = async {
                while let Ok(command) = commands.recv().await {
                    session.command_in_turn(command).await;
                }
            };
            let failing = async {
                let _ = ended.recv().await;
            };
            future::or(obeying, failing).await;
            // Commands that come now are refused.
            commands.close();
            session.close().await;
        };
        future::zip(telling, living).await;
        Some(session)
    }));
    let session = outcome.unwrap_or_else(|error| {
        // If it has started, the events are at their end.
        let _ = started.send(Err(error.to_string()));
        None
    });
    // With it go all sockets and files. The home directory is free, which is the session's, once they
    // are closed.
    drop(executor);
    drop(session);
}

fn panicked() -> Event<'static> {
    Event::Error {
        code: "failed".into(),
        message: "the node has a mistake and has ended; no message is lost: start it again".into(),
        reference: None,
    }
}

fn line(event: &Event<'static>) -> String {
    event.to_line().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tempfile::TempDir;

    use super::super::mailbox::tests::until;
    use super::*;

    /// Starts a node whose server is never there.
    fn node(home: &Path) -> NodeHandle {
        let options = NodeOptions {
            home: Some(home.to_owned()),
            server: Some("127.0.0.1:1".into()),
            user: Some("alice".into()),
            ..NodeOptions::default()
        };
        NodeHandle::start(options).expect("a node")
    }

    fn home() -> TempDir {
        TempDir::with_prefix("breeze-").expect("a folder")
    }

    fn any_thread<T: Send + Sync>() {}

    /// Asks for something that is answered by one event, and waits for room.
    fn ask(node: &NodeHandle, number: usize) {
        let line = format!(r#"{{"cmd":"contact","user":"nobody","ref":{number}}}"#);
        until(|| match node.command(&line) {
            Ok(()) => true,
            Err(refused) => {
                assert_eq!(refused, Refused::Full);
                false
            }
        });
    }

    #[test]
    fn a_panic_is_the_last_event() {
        let (mailbox, post) = Mailbox::new().expect("a mailbox");
        let (commands, given) = channel::bounded(1);
        guarded(&given, &post, || panic!("on purpose"));
        drop(post);
        assert!(commands.is_closed());
        let event = mailbox.next(None, usize::MAX).expect("an event");
        assert!(event.starts_with(r#"{"event":"error","code":"failed","#), "{event}");
        assert_eq!(mailbox.next(None, usize::MAX), Err(NoEvent::Ended));
    }

    /// A page of control characters takes six times its bytes as JSON, which breeze.h has to allow for.
    #[test]
    fn an_event_has_less_than_four_mebibytes() {
        let home = home();
        let node = node(home.path());
        let text = "\u{1}".repeat(64 * 1024);
        for _ in 0..9 {
            node.send("bob", &text, None).expect("taken");
            while !node.next_event(None, usize::MAX).expect("an event").contains("queued") {}
        }
        node.command(r#"{"cmd":"history","with":"bob"}"#).expect("taken");
        let page = loop {
            let event = node.next_event(None, usize::MAX).expect("an event");
            if event.contains(r#""history""#) {
                break event.len();
            }
        };
        assert!((3 << 20..4 << 20).contains(&page), "{page}");
    }

    /// Tasks of a node held the executor that held them, so that nothing was ever closed, and the store
    /// stayed locked until the process ended.
    #[test]
    fn the_home_is_free_once_the_node_is_gone() {
        let home = home();
        for _ in 0..5 {
            drop(node(home.path()));
        }
    }

    /// A node that was stopped while its host took nothing lost the event that had no room just then,
    /// and whatever came after it once the node had ended.
    #[test]
    fn stopping_loses_no_event() {
        any_thread::<NodeHandle>();
        const ASKED: usize = 600;
        let home = home();
        let node = node(home.path());
        for number in 0..ASKED {
            ask(&node, number);
        }
        node.stop();
        assert_eq!(node.command(r#"{"cmd":"who"}"#), Err(Refused::Ended));
        // It closes its door once it has carried out everything.
        let door = home.path().join("node.sock");
        until(|| !door.exists());
        let mut answered = Vec::new();
        while let Ok(line) = node.next_event(None, usize::MAX) {
            let event: serde_json::Value = serde_json::from_str(&line).expect("JSON");
            answered.extend(event["ref"].as_u64());
        }
        assert_eq!(answered, (0..ASKED as u64).collect::<Vec<_>>());
    }
}
