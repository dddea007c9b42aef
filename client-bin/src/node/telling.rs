//! The events that are made in more than one place.

use std::borrow::Cow;

use breeze_core::id::{MessageId, UserId};

use crate::ndjson::{Event, HistoryEntry, MessageState, Reference};
use crate::store::{Contact, DeliveryState, Entry, Origin};

/// Makes the event of a message's progress; the desk adds the reference.
pub(super) fn state(to: UserId, id: MessageId, state: MessageState) -> Event<'static> {
    let id = Cow::Owned(id.to_string());
    Event::State { id, reference: None, to, state, path: None, reason: None }
}

/// Makes the event of something gone wrong; the desk adds the reference.
pub(super) fn error(code: &'static str, message: String) -> Event<'static> {
    Event::Error { code: Cow::Borrowed(code), message: Cow::Owned(message), reference: None }
}

/// Makes the event that tells what is known of a user.
pub(super) fn contact(
    user: UserId,
    contact: &Contact,
    reference: Option<Reference>,
) -> Event<'static> {
    Event::Contact {
        reference,
        user,
        name: Cow::Owned(contact.name.clone()),
        fingerprint: Cow::Owned(contact.key.fingerprint().to_string()),
        new: contact.found.map(|key| Cow::Owned(key.fingerprint().to_string())),
        verified: contact.verified,
    }
}

/// Tells a message of the history of the user `own`.
pub(crate) fn history_entry(own: &UserId, entry: Entry) -> HistoryEntry<'static> {
    let own = own.clone();
    let (from, to, state) = match entry.origin {
        Origin::Sent(state) => (own, entry.with, Some(state)),
        Origin::Received { .. } => (entry.with, own, None),
    };
    let (state, reason) = match state {
        Some(DeliveryState::Queued) => (Some(MessageState::Queued), None),
        Some(DeliveryState::Stored) => (Some(MessageState::Stored), None),
        Some(DeliveryState::Delivered) => (Some(MessageState::Delivered), None),
        Some(DeliveryState::Read) => (Some(MessageState::Read), None),
        Some(DeliveryState::Failed(reason)) => {
            (Some(MessageState::Failed), Some(Cow::Owned(reason)))
        }
        None => (None, None),
    };
    HistoryEntry {
        entry: entry.number.get(),
        id: Cow::Owned(entry.id.to_string()),
        from,
        to,
        text: Cow::Owned(entry.text),
        sent_ms: entry.sent_ms,
        arrived_ms: entry.arrived_ms,
        state,
        reason,
    }
}
