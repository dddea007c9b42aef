use breeze_core::Path;
use breeze_core::id::{MessageId, UserId};

use super::asker::Asker;
use super::seat_id::SeatId;
use super::telling::unix_ms;
use crate::ndjson::Question;
use crate::store::{Applied, Change, Entry};

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
