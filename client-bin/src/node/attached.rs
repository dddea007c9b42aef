use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use async_io::Timer;
use serde_json::{Value, json};
use smol::future;
use smol::io::AsyncWriteExt;
use smol::lock::Mutex;

use super::door;
use super::event_reader::EventReader;
use super::holder::Holder;
use super::platform::{self, Stream};
use crate::error::Error;
use crate::ndjson::{Command, Event, Question};

/// How long a node may take to say its first word.
const GREETING: Duration = Duration::from_secs(5);
/// How long a node may be silent after this end has nothing more to say: longer than it waits for
/// the outcome of messages.
const FAREWELL: Duration = Duration::from_secs(5);

/// Is a connection with the node that another process runs.
pub(crate) struct Attached {
    /// Who runs the node.
    pub(crate) holder: Holder,
    stream: Stream,
    reader: Mutex<EventReader>,
    /// The event that came first, until it is handed out.
    first: RefCell<Option<Event<'static>>>,
    /// What the node said last, if that was an error.
    last_error: RefCell<Option<String>>,
    leaving: Cell<bool>,
}

impl Attached {
    /// Attaches to the node of a home directory; there may be none.
    pub(crate) async fn open(home: &Path) -> Result<Option<Self>, Error> {
        let failed = |source| Error::Attach { home: home.to_owned(), source };
        let Some(stream) = platform::connect(home, door::NAME).await.map_err(failed)? else {
            return Ok(None);
        };
        let mut reader = EventReader::new();
        let greeting = async { Some(reader.next(&stream).await) };
        match future::or(greeting, silence(GREETING)).await {
            Some(Ok(Some(first))) => Ok(Some(Self {
                holder: Holder::of(home),
                stream,
                reader: Mutex::new(reader),
                first: RefCell::new(Some(first)),
                last_error: RefCell::new(None),
                leaving: Cell::new(false),
            })),
            // It was just ending, and has heard nothing from here.
            Some(Ok(None) | Err(_)) => Ok(None),
            None => {
                Err(Error::Silent { process: Holder::of(home).process(), home: home.to_owned() })
            }
        }
    }

    /// Tells whether anybody listens in a home directory.
    pub(crate) async fn is_possible(home: &Path) -> bool {
        matches!(platform::connect(home, door::NAME).await, Ok(Some(_)))
    }

    /// Asks the node for something; what comes of it, events tell.
    pub(crate) async fn command(&self, command: Command) {
        let mut line = to_json(command).to_string();
        line.push('\n');
        if let Err(error) = (&self.stream).write_all(line.as_bytes()).await {
            // The events end too, and whoever reads them learns of it.
            log::debug!("the node is gone: {error}");
        }
    }

    /// Waits for the next event; `None` when the node has closed the connection, or is gone.
    pub(crate) async fn next_event(&self) -> Option<Rc<Event<'static>>> {
        let event = match self.first.take() {
            Some(event) => event,
            None => {
                let mut reader = self.reader.lock().await;
                let next = async { reader.next(&self.stream).await.ok().flatten() };
                match self.leaving.get() {
                    true => future::or(next, silence(FAREWELL)).await,
                    false => next.await,
                }?
            }
        };
        let error = match &event {
            Event::Error { message, reference: None, .. } => Some(message.to_string()),
            _ => None,
        };
        self.last_error.replace(error);
        Some(Rc::new(event))
    }

    /// Says that no more commands come: the node ends the events when it has told the outcome of
    /// those it was given.
    pub(crate) fn leave(&self) {
        self.leaving.set(true);
        platform::end_of_input(&self.stream);
    }

    /// Returns why the events have ended.
    pub(crate) fn ended(&self) -> Error {
        let reason = self.last_error.borrow().clone();
        Error::NodeEnded(reason.unwrap_or_else(|| {
            format!("the node ({}) has ended; start it again", self.holder.process())
        }))
    }
}

async fn silence<T>(limit: Duration) -> Option<T> {
    Timer::after(limit).await;
    None
}

/// Writes a command as scripts do.
fn to_json(command: Command) -> Value {
    match command {
        Command::Send { to, text, reference } => {
            json!({"cmd": "send", "to": to.as_str(), "text": text, "ref": reference})
        }
        Command::Who => json!({"cmd": "who"}),
        Command::Ask(Question::History { with, limit, before }) => {
            json!({"cmd": "history", "with": with, "limit": limit, "before": before})
        }
        Command::Ask(Question::Search { text, limit }) => {
            json!({"cmd": "search", "text": text, "limit": limit})
        }
        Command::Ask(Question::Outbox) => json!({"cmd": "outbox"}),
        Command::Quit => json!({"cmd": "quit"}),
    }
}

#[cfg(test)]
mod tests {
    use breeze_core::id::UserId;

    use super::*;
    use crate::ndjson::Reference;

    #[test]
    fn a_command_is_read_as_it_was_written() {
        let to = UserId::new("bob").expect("user");
        for command in [
            Command::Send { to: to.clone(), text: "你好\n\u{1}".into(), reference: None },
            Command::Send {
                to: to.clone(),
                text: String::new(),
                reference: Some(Reference::Text("1".into())),
            },
            Command::Who,
            Command::Ask(Question::History { with: to, limit: 7, before: Some(9) }),
            Command::Ask(Question::Search { text: "\"x".into(), limit: 3 }),
            Command::Ask(Question::Outbox),
            Command::Quit,
        ] {
            let line = to_json(command.clone()).to_string();
            assert_eq!(Command::parse(line.as_bytes()), Ok(command), "{line}");
        }
    }
}
