use breeze_core::Path;
use breeze_core::error::DeliveryFailure;
use breeze_core::id::{MessageId, UserId};
use breeze_server::host::wall_clock::now_ms;

use super::asker::Asker;
use super::seat_id::SeatId;
use crate::ndjson::{Event, Question};
use crate::store::{Applied, Change, Contact, Entry, Unsettled};

/// About what a booking takes beside its text.
const BOOKING: usize = 256;

/// Asks for something to be made durable, or for what is.
#[derive(Debug)]
pub(super) enum Booking {
    /// A message of this user's own, before it has a number; so often had the recipient's key
    /// changed when it was written.
    Accept { to: UserId, text: String, sent_ms: u64, asker: Asker, key_changes: u64 },
    /// A message that came in.
    Keep { from: UserId, id: MessageId, name: String, text: String, sent_ms: u64, path: Path },
    /// The server keeps a message, and all before it.
    Stored { to: UserId, id: MessageId },
    /// The recipient has a message.
    Delivered { to: UserId, id: MessageId, path: Path },
    /// A person has seen a message, and all before it.
    Read { to: UserId, id: MessageId },
    /// A message is given up.
    Failed { to: UserId, id: MessageId, reason: DeliveryFailure },
    /// What is known of a user has changed. The event tells of it: whoever asked, or everybody.
    Contact {
        user: UserId,
        contact: Contact,
        event: Option<Box<Event<'static>>>,
        asker: Option<Asker>,
    },
    /// Messages are asked for, with all that was booked before.
    Ask { seat: SeatId, question: Question },
    /// Somebody asks what is known of a user.
    AskContact { user: UserId, asker: Asker },
    /// Somebody says that a person has seen a message: there has to be one.
    Seen { from: UserId, id: MessageId, asker: Asker },
    /// The core needs messages again, from this one on; so often had the recipient's key changed.
    Recall { to: UserId, id: MessageId, key_changes: u64 },
}

/// What became of a booking.
#[derive(Debug)]
pub(super) enum Booked {
    /// It is on disk.
    Applied(Applied),
    /// The page, oldest message first.
    Page(Vec<Entry>),
    /// What is known of the user.
    Contact(Option<Contact>),
    /// Whether the message is in the history.
    Known(bool),
    /// The messages to be sent, in order.
    Unsettled(Vec<Unsettled>),
}

impl Booking {
    /// What it changes; nothing if it only asks.
    pub(super) fn change(&self) -> Option<Change> {
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
                arrived_ms: now_ms(),
            },
            Self::Stored { to, id } => {
                Change::Stored { to: to.clone(), epoch: id.epoch, upto: id.seq }
            }
            Self::Delivered { to, id, .. } => {
                Change::Delivered { to: to.clone(), epoch: id.epoch, upto: id.seq }
            }
            Self::Read { to, id } => Change::Read { to: to.clone(), epoch: id.epoch, upto: id.seq },
            Self::Failed { to, id, reason } => {
                Change::Failed { to: to.clone(), id: *id, reason: reason.code().to_owned() }
            }
            Self::Contact { user, contact, .. } => {
                Change::Contact { user: user.clone(), contact: contact.clone() }
            }
            Self::Ask { .. }
            | Self::AskContact { .. }
            | Self::Seen { .. }
            | Self::Recall { .. } => return None,
        })
    }

    /// Tells whether it must be the last of those that share a commit: what is booked after a recall
    /// must not be among its messages, for it is handed over after them.
    pub(super) fn ends_batch(&self) -> bool {
        matches!(self, Self::Recall { .. })
    }

    /// Returns about how many bytes it takes in memory.
    pub(super) fn weight(&self) -> usize {
        BOOKING
            + match self {
                Self::Accept { text, .. } | Self::Keep { text, .. } => text.len(),
                Self::Ask { question: Question::Search { text, .. }, .. } => text.len(),
                Self::Ask {
                    question: Question::History { .. } | Question::Outbox { .. }, ..
                }
                | Self::Stored { .. }
                | Self::Delivered { .. }
                | Self::Read { .. }
                | Self::Failed { .. }
                | Self::Contact { .. }
                | Self::AskContact { .. }
                | Self::Seen { .. }
                | Self::Recall { .. } => 0,
            }
    }
}
