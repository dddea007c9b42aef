use std::sync::Arc;

use breeze_server::driver::{Machine, SharedHub};
use smol::channel::Receiver;

use super::booking::{Booked, Booking};
use super::client_machine::ClientMachine;
use crate::ndjson::Question;
use crate::store::{Applied, Change, Entry, HistoryId, Store, StoreError};

/// Bookings that share one commit.
const BATCH: usize = 256;
/// Messages on a page of the history at most, and about how many bytes: it is one line of an answer.
const MAX_PAGE: usize = 200;
const MAX_PAGE_BYTES: usize = 512 * 1024;

/// Makes a batch durable in one commit, then answers the questions in it.
pub(super) fn book(store: &Store, batch: &[Booking]) -> Result<Vec<Booked>, StoreError> {
    let changes: Vec<Change> = batch.iter().filter_map(Booking::change).collect();
    let mut applied = match changes.is_empty() {
        true => Vec::new(),
        false => store.apply(&changes)?,
    }
    .into_iter();
    let mut booked = Vec::with_capacity(batch.len());
    for booking in batch {
        booked.push(match booking {
            Booking::Ask { question, .. } => Booked::Page(page(answer(store, question)?)),
            Booking::AskContact { user, .. } => Booked::Contact(store.contact(user)?),
            Booking::Seen { from, id, .. } => Booked::Known(store.has_received(from, *id)?),
            Booking::Recall { to, id, .. } => Booked::Unsettled(store.unsettled_to(to, *id)?),
            Booking::Accept { .. }
            | Booking::Keep { .. }
            | Booking::Stored { .. }
            | Booking::Delivered { .. }
            | Booking::Read { .. }
            | Booking::Failed { .. }
            | Booking::Contact { .. } => Booked::Applied(applied.next().unwrap_or(Applied::Full)),
        });
    }
    Ok(booked)
}

/// Answers a question with at most a page of messages, oldest first.
pub(crate) fn answer(store: &Store, question: &Question) -> Result<Vec<Entry>, StoreError> {
    match question {
        Question::History { with, limit, before } => {
            store.history(with, (*limit).min(MAX_PAGE), before.map(HistoryId::new))
        }
        Question::Search { text, limit } => {
            let mut found = store.search(text, (*limit).min(MAX_PAGE))?;
            found.reverse();
            Ok(found)
        }
        Question::Outbox { before } => store.outbox(MAX_PAGE, before.map(HistoryId::new)),
    }
}

/// Keeps of a page, oldest message first, the latest ones that are short enough together.
fn page(mut entries: Vec<Entry>) -> Vec<Entry> {
    let mut bytes = 0;
    let fits = entries.iter().rev().take_while(|entry| {
        bytes += entry.text.len();
        bytes <= MAX_PAGE_BYTES
    });
    let kept = fits.count().max(1).min(entries.len());
    entries.drain(..entries.len() - kept);
    entries
}

/// Makes bookings durable, off the thread of the network: as many as have come together meanwhile
/// share one commit. What is said or acknowledged because of one comes after its commit.
pub(super) async fn keep_books(
    hub: SharedHub<ClientMachine>,
    store: Arc<Store>,
    bookings: Receiver<Booking>,
) {
    while let Ok(first) = bookings.recv().await {
        let batch = gather(first, &bookings);
        let store = store.clone();
        let (batch, outcome) = smol::unblock(move || {
            let outcome = book(&store, &batch);
            (batch, outcome)
        })
        .await;
        let mut hub = hub.borrow_mut();
        let was_receptive = hub.machine.is_receptive();
        match outcome {
            Ok(booked) => hub.input(|machine, now| {
                for (booking, booked) in batch.into_iter().zip(booked) {
                    machine.on_booked(now, booking, booked);
                }
            }),
            Err(error) => hub.input(|machine, _| machine.on_books_lost(batch, &error)),
        }
        // Links and commands were left unread while too much was to be written.
        if !was_receptive {
            hub.slots.wake_all();
        }
        hub.machine.desk.wake_givers();
    }
}

/// Takes together what shares the next commit.
pub(super) fn gather(first: Booking, more: &Receiver<Booking>) -> Vec<Booking> {
    let mut batch = vec![first];
    while batch.len() < BATCH
        && batch.last().is_some_and(|last| !last.ends_batch())
        && let Ok(next) = more.try_recv()
    {
        batch.push(next);
    }
    batch
}
