use std::cell::Cell;
use std::rc::Rc;

use smol::channel::{self, Receiver, Sender, TrySendError};

use super::request::Request;

/// Requests that may wait for the store.
pub(super) const MAX_REQUESTS: usize = 4096;
/// Bytes of messages in them.
pub(super) const MAX_REQUEST_BYTES: usize = 32 << 20;
/// Requests that are answered in one go, and share a commit.
const BATCH: usize = 256;

/// Makes a queue of requests, both ends of which are used by one thread.
pub(super) fn queue() -> (Asker, Requests) {
    let (sender, receiver) = channel::bounded(MAX_REQUESTS);
    let bytes = Rc::<Cell<usize>>::default();
    (Asker { sender, bytes: bytes.clone() }, Requests { receiver, bytes })
}

/// Is the end of the queue where requests are put in.
#[derive(Debug)]
pub(super) struct Asker {
    sender: Sender<Request>,
    /// Of messages that wait.
    bytes: Rc<Cell<usize>>,
}

/// Is the end of the queue where requests are taken out.
#[derive(Debug)]
pub(super) struct Requests {
    receiver: Receiver<Request>,
    bytes: Rc<Cell<usize>>,
}

impl Asker {
    /// Puts a request at the end of the queue; gives it back if there is no room.
    pub(super) fn ask(&self, request: Request) -> Result<(), Request> {
        let bytes = self.bytes.get() + request.bytes();
        if bytes > MAX_REQUEST_BYTES {
            return Err(request);
        }
        match self.sender.try_send(request) {
            Ok(()) => {
                self.bytes.set(bytes);
                Ok(())
            }
            Err(TrySendError::Full(request) | TrySendError::Closed(request)) => Err(request),
        }
    }
}

impl Requests {
    /// Waits for requests, and takes out some; none when nobody asks any more.
    pub(super) async fn next_batch(&self) -> Vec<Request> {
        let mut batch: Vec<_> = self.receiver.recv().await.into_iter().collect();
        while batch.len() < BATCH
            && !batch.last().is_some_and(Request::ends_batch)
            && let Ok(next) = self.receiver.try_recv()
        {
            batch.push(next);
        }
        let bytes: usize = batch.iter().map(Request::bytes).sum();
        self.bytes.set(self.bytes.get() - bytes);
        batch
    }
}
