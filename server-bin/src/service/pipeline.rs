use std::sync::Arc;
use std::time::Duration;

use async_io::Timer;
use smol::channel::Receiver;

use super::clerk::Clerk;
use super::requests::Requests;
use super::server_machine::ServerMachine;
use super::verifier::{TicketLogin, Verifier};
use crate::driver::SharedHub;
use crate::host::wall_clock::now_ms;
use crate::store::Store;

/// Between two purges of what was kept for too long.
const PURGE_EVERY: Duration = Duration::from_secs(60 * 60);
/// Before what could not be read is asked for again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Has requests answered, in order and many in one go, off the thread that runs everything else.
pub(super) async fn answer_requests(
    hub: SharedHub<ServerMachine>,
    clerk: Arc<Clerk>,
    requests: Requests,
) {
    loop {
        let batch = requests.next_batch().await;
        if batch.is_empty() {
            return;
        }
        let clerk = clerk.clone();
        let replies = smol::unblock(move || clerk.answer(batch, now_ms())).await;
        let mut hub = hub.borrow_mut();
        for reply in replies {
            hub.input(|machine, now| reply.give(machine, now));
        }
    }
}

/// Has what was kept for too long given up, now and then.
pub(super) async fn purge(hub: SharedHub<ServerMachine>) {
    loop {
        hub.borrow_mut().input(|machine, _| machine.purge());
        Timer::after(PURGE_EVERY).await;
    }
}

/// Asks again for what could not be read, some time after each call for it.
pub(super) async fn retry(hub: SharedHub<ServerMachine>, calls: Receiver<()>) {
    while calls.recv().await.is_ok() {
        Timer::after(RETRY_AFTER).await;
        hub.borrow_mut().input(|machine, _| machine.ask_again());
    }
}

/// Has tickets verified, and enrols the keys of those that are right.
pub(super) async fn verify_tickets(
    hub: SharedHub<ServerMachine>,
    store: Arc<Store>,
    tickets: Receiver<Box<TicketLogin>>,
) {
    let tell = async |login, verdict| {
        hub.borrow_mut().input(|machine, now| machine.on_verified(now, login, verdict));
    };
    Verifier::run(store, tickets, tell).await;
}

#[cfg(test)]
mod tests {
    use breeze_core::io::ServerEvent;
    use smol::future::{self, block_on};

    use super::*;
    use crate::driver::{Clock, Hub};
    use crate::service::server_machine_tests::machine;
    use crate::store::Limits;
    use crate::store::bench::{keep_all, kept_for, message, store_of};

    /// Runs a server's requests until the store is as it should be.
    fn run(
        store: Store,
        begin: impl FnOnce(&SharedHub<ServerMachine>),
        is_done: impl Fn(&Store) -> bool,
    ) {
        let (machine, requests, _calls) = machine();
        let hub = Hub::new(machine, Clock::start());
        let clerk = Arc::new(Clerk::new(Arc::new(store)));
        begin(&hub);
        let done = async {
            while !is_done(clerk.store()) {
                future::yield_now().await;
            }
        };
        let purges = purge(hub.clone());
        let all = future::or(answer_requests(hub.clone(), clerk.clone(), requests), purges);
        block_on(future::or(all, done));
    }

    #[test]
    fn what_the_state_machine_wants_is_done() {
        let (_, store) = store_of(&["al", "bo"], Limits::default());
        let keep = |hub: &SharedHub<ServerMachine>| {
            for seq in 1..=3 {
                let keep = ServerEvent::Keep(Box::new(message("al", "bo", seq, b"body")));
                hub.borrow_mut().input(|machine, now| machine.on_event(now, keep));
            }
        };
        run(store, keep, |store| kept_for(store, "bo").len() == 3);
    }

    #[test]
    fn a_purge_goes_on_until_nothing_is_too_old() {
        let limits = Limits { bytes: 1 << 30, ..Limits::default() };
        let (_, store) = store_of(&["al", "bo"], limits);
        // Kept half a century ago, and more than is given up at a time.
        keep_all(&store, "al", "bo", 10_000);
        run(store, |_| {}, |store| kept_for(store, "bo").is_empty());
    }
}
