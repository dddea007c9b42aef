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
    #[allow(clippy::result_large_err, reason = "what is given back is not an error's news")]
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
    /// Returns how many wait.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.receiver.len()
    }

    /// Waits for requests, and takes out some; none when nobody asks any more.
    pub(super) async fn next_batch(&self) -> Vec<Request> {
        let mut batch: Vec<_> = self.receiver.recv().await.into_iter().collect();
        while batch.len() < BATCH
            && let Ok(next) = self.receiver.try_recv()
        {
            batch.push(next);
        }
        let bytes: usize = batch.iter().map(Request::bytes).sum();
        self.bytes.set(self.bytes.get() - bytes);
        batch
    }
}

#[cfg(test)]
mod tests {
    use smol::future::block_on;

    use super::*;
    use crate::store::Change;
    use crate::store::bench::{acked, message};

    fn small(n: u64) -> Request {
        Request::Change(acked("al", "bo", n))
    }

    fn large(size: usize) -> Request {
        Request::Change(Change::Keep { keep: message("al", "bo", 1, &vec![0; size - 8]) })
    }

    fn numbers(batch: &[Request]) -> Vec<u64> {
        let number = |request: &Request| match request {
            Request::Change(Change::Acked { id, .. }) => id.seq,
            other => panic!("{other:?}"),
        };
        batch.iter().map(number).collect()
    }

    #[test]
    fn requests_come_out_in_order_and_in_batches() {
        let (asker, requests) = queue();
        for n in 0..MAX_REQUESTS as u64 {
            asker.ask(small(n)).expect("room");
        }
        assert!(asker.ask(small(0)).is_err());
        let mut all = Vec::new();
        while all.len() < MAX_REQUESTS {
            let batch = block_on(requests.next_batch());
            assert_eq!(batch.len(), BATCH);
            all.extend(numbers(&batch));
            // What is taken out makes room.
            asker.ask(small(0)).expect("room");
        }
        assert!(all.into_iter().eq(0..MAX_REQUESTS as u64));
    }

    #[test]
    fn messages_that_wait_are_bounded_in_bytes() {
        let (asker, requests) = queue();
        asker.ask(large(MAX_REQUEST_BYTES - 100)).expect("room");
        let refused = asker.ask(large(101)).expect_err("full");
        assert_eq!(refused.bytes(), 101, "given back");
        asker.ask(large(100)).expect("room");
        asker.ask(small(1)).expect("room");
        assert!(asker.ask(large(8)).is_err());
        assert_eq!(block_on(requests.next_batch()).len(), 3);
        asker.ask(large(MAX_REQUEST_BYTES)).expect("room");
        assert_eq!(block_on(requests.next_batch()).len(), 1);
        drop(asker);
        assert!(block_on(requests.next_batch()).is_empty(), "nobody asks any more");
    }
}
