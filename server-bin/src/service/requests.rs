use smol::channel::{self, Receiver, Sender, TrySendError};

use super::request::Request;

/// Requests that may wait for the store. The bytes of the messages among them are bounded by the
/// core ([`KEEPING`](breeze_core::limits::KEEPING)).
pub(super) const MAX_REQUESTS: usize = 4096;
/// Requests that are answered in one go, and share a commit.
const BATCH: usize = 256;

/// Makes a queue of requests.
pub(super) fn queue() -> (Asker, Requests) {
    let (sender, receiver) = channel::bounded(MAX_REQUESTS);
    (Asker { sender }, Requests { receiver })
}

/// Is the end of the queue where requests are put in.
#[derive(Debug)]
pub(super) struct Asker {
    sender: Sender<Request>,
}

/// Is the end of the queue where requests are taken out.
#[derive(Debug)]
pub(super) struct Requests {
    receiver: Receiver<Request>,
}

impl Asker {
    /// Puts a request at the end of the queue; gives it back if there is no room.
    #[allow(clippy::result_large_err, reason = "what is given back is not an error's news")]
    pub(super) fn ask(&self, request: Request) -> Result<(), Request> {
        self.sender.try_send(request).map_err(TrySendError::into_inner)
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
            && !batch.last().is_some_and(Request::ends_batch)
            && let Ok(next) = self.receiver.try_recv()
        {
            batch.push(next);
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use smol::future::block_on;

    use super::*;
    use crate::store::Change;
    use crate::store::bench::acked;

    fn small(n: u64) -> Request {
        Request::Change(acked("al", "bo", n))
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
        drop(asker);
        while requests.len() > 0 {
            block_on(requests.next_batch());
        }
        assert!(block_on(requests.next_batch()).is_empty(), "nobody asks any more");
    }
}
