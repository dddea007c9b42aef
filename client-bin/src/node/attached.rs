use std::cell::{Cell, RefCell};
use std::net::Shutdown;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use breeze_server::driver::within;
use breeze_server::host::local_socket::{self, Stream};
use smol::io::AsyncWriteExt;
use smol::lock::Mutex;

use super::door;
use super::event_reader::EventReader;
use super::holder::Holder;
use crate::error::Error;
use crate::ndjson::{Command, Event};

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
        let Some(stream) = local_socket::connect(home, door::NAME).await.map_err(failed)? else {
            return Ok(None);
        };
        let mut reader = EventReader::new();
        match within(GREETING, reader.next(&stream)).await {
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
        matches!(local_socket::connect(home, door::NAME).await, Ok(Some(_)))
    }

    /// Asks the node for something; what comes of it, events tell.
    pub(crate) async fn command(&self, command: Command) {
        let line = command.to_line();
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
                    true => within(FAREWELL, next).await.flatten(),
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
        // It fails if the node is gone, and then there is nobody to tell.
        let _ = self.stream.get_ref().shutdown(Shutdown::Write);
    }

    /// Returns why the events have ended.
    pub(crate) fn ended(&self) -> Error {
        let reason = self.last_error.borrow().clone();
        Error::NodeEnded(reason.unwrap_or_else(|| {
            format!("the node ({}) has ended; start it again", self.holder.process())
        }))
    }
}
