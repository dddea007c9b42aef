use std::sync::Arc;

use breeze_core::Path;
use breeze_core::id::{MessageId, UserId};
use breeze_server::driver::SharedHub;
use smol::channel::Receiver;

use super::asker::Asker;
use super::client_machine::ClientMachine;
use super::seat_id::SeatId;
use super::telling::unix_ms;
use crate::ndjson::Question;
use crate::store::{Applied, Change, Entry, HistoryId, Store, StoreError};

/// Bookings that share one commit.
const BATCH: usize = 256;
/// Messages on a page of the history at most, and about how many bytes: it is one line of an answer.
const MAX_PAGE: usize = 200;
const MAX_PAGE_BYTES: usize = 512 * 1024;

/// Asks for something to be made durable.
#[derive(Debug)]
pub(super) enum Booking {
    /// A message of this user's own, before it has a number.
    Accept { to: UserId, text: String, sent_ms: u64, asker: Asker },
    /// A message that came in.
    Keep { from: UserId, id: MessageId, name: String, text: String, sent_ms: u64, path: Path },
    /// The recipient has a message.
    Delivered { to: UserId, id: MessageId },
    /// A message is given up.
    Failed { to: UserId, id: MessageId, reason: &'static str },
    /// Messages are asked for, with all that was booked before.
    Ask { seat: SeatId, question: Question },
}

/// What became of a booking.
#[derive(Debug)]
pub(super) enum Booked {
    /// It is on disk.
    Applied(Applied),
    /// The page, oldest message first.
    Page(Vec<Entry>),
}

impl Booking {
    /// What it changes; nothing if it only asks.
    fn change(&self) -> Option<Change> {
        Some(match self {
            Self::Accept { to, text, sent_ms, .. } => {
                Change::Accept { to: to.clone(), text: text.clone(), sent_ms: *sent_ms }
            }
            Self::Keep { from, id, name, text, sent_ms, .. } => Change::Keep {
                from: from.clone(),
                id: *id,
                name: name.clone(),
                text: text.clone(),
                sent_ms: *sent_ms,
                arrived_ms: unix_ms(),
            },
            Self::Delivered { to, id } => {
                Change::Delivered { to: to.clone(), epoch: id.epoch, upto: id.seq }
            }
            Self::Failed { to, id, reason } => {
                Change::Failed { to: to.clone(), id: *id, reason: (*reason).to_owned() }
            }
            Self::Ask { .. } => return None,
        })
    }
}

/// Makes a batch durable in one commit, then answers the questions in it.
fn book(store: &Store, batch: &[Booking]) -> Result<Vec<Booked>, StoreError> {
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
            Booking::Accept { .. }
            | Booking::Keep { .. }
            | Booking::Delivered { .. }
            | Booking::Failed { .. } => Booked::Applied(applied.next().unwrap_or(Applied::Full)),
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
        Question::Outbox => store.outbox(),
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
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = bookings.try_recv()
        {
            batch.push(next);
        }
        let store = store.clone();
        let (batch, outcome) = smol::unblock(move || {
            let outcome = book(&store, &batch);
            (batch, outcome)
        })
        .await;
        let mut hub = hub.borrow_mut();
        match outcome {
            Ok(booked) => hub.input(|machine, now| {
                for (booking, booked) in batch.into_iter().zip(booked) {
                    machine.on_booked(now, booking, booked);
                }
            }),
            Err(error) => hub.input(|machine, _| machine.on_books_lost(batch, &error)),
        }
        // Links may have been left unread while too much was to be written.
        hub.slots.wake_all();
    }
}
