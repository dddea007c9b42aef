use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};
use std::time::Duration;

use async_io::Timer;
use breeze_server::driver::SharedHub;
use breeze_server::host::local_socket::{self, Listener, Stream};
use smol::io::AsyncWriteExt;
use smol::{LocalExecutor, Task, future};

use super::client_machine::ClientMachine;
use super::desk::SETTLE;
use super::seat::Seat;
use super::seat_queue::Manner;
use crate::ndjson::Event;

/// The socket, in the home directory.
pub(super) const NAME: &str = "node.sock";

/// How long a guest has to read its last events when its connection is closed for it.
const LAST_WORDS: Duration = Duration::from_secs(10);
/// How long to wait when the system has no descriptor left for another connection.
const PAUSE: Duration = Duration::from_secs(1);

/// Lets other processes of this user attach to a node, for as long as it is held.
///
/// Only who has the lock of the home directory may open it.
pub(crate) struct Door {
    path: PathBuf,
    _task: Task<()>,
}

impl Door {
    /// Opens the door of a home directory.
    pub(super) fn open(
        home: &Path,
        hub: SharedHub<ClientMachine>,
        executor: &Rc<LocalExecutor<'static>>,
    ) -> io::Result<Self> {
        let listener = local_socket::listen(home, NAME)?;
        let task = executor.spawn(admit(listener, hub, Rc::downgrade(executor)));
        Ok(Self { path: home.join(NAME), _task: task })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // A socket that stays is refused by everybody and replaced by the next node.
        let _ = fs::remove_file(&self.path);
    }
}

async fn admit(
    listener: Listener,
    hub: SharedHub<ClientMachine>,
    executor: Weak<LocalExecutor<'static>>,
) {
    loop {
        let accepted = local_socket::accept(&listener).await;
        let Some(executor) = executor.upgrade() else { return };
        match accepted {
            Ok(stream) => match Seat::take(&hub, Manner::Guest) {
                Some(seat) => executor.spawn(attend(seat, stream)).detach(),
                None => executor.spawn(turn_away(stream)).detach(),
            },
            Err(error) => {
                log::warn!("no command can be attached for now: {error}");
                drop(executor);
                Timer::after(PAUSE).await;
            }
        }
    }
}

/// Serves one attached command until it is done, or does not read.
async fn attend(seat: Seat, stream: Stream) {
    let obeying = async {
        if let Err(error) = seat.obey(&stream).await {
            log::debug!("an attached command is gone: {error}");
        }
        seat.leave();
        Timer::after(SETTLE).await;
        seat.end();
        future::pending::<()>().await;
    };
    let telling = async {
        while let Some(event) = seat.next_event().await {
            if (&stream).write_all(event.to_line().as_bytes()).await.is_err() {
                break;
            }
        }
    };
    let cut = async {
        seat.ended().await;
        Timer::after(LAST_WORDS).await;
    };
    future::or(telling, future::or(obeying, cut)).await;
}

async fn turn_away(stream: Stream) {
    let event = Event::Error {
        code: "too_many".into(),
        message: "too many commands are attached to the node; end some of them".into(),
        reference: None,
    };
    // The line fits in any socket's buffer: the write waits for nobody.
    let _ = (&stream).write_all(event.to_line().as_bytes()).await;
}
