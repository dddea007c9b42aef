//! How far this user's own messages get: told once that is on disk, so that what was told holds
//! whatever happens next.

use std::borrow::Cow;

use breeze_core::Path;
use breeze_core::error::{DeliveryFailure, SendError};
use breeze_core::id::{MessageId, UserId};
use breeze_core::time::Instant;

use super::asker::Asker;
use super::booking::Booking;
use super::client_machine::ClientMachine;
use super::ledger::Matter;
use super::roster::path_kind;
use super::telling;
use super::waiting::{Draft, Resumption};
use crate::ndjson::{Event, MessageState};
use crate::store::{DeliveryState, Unsettled};

impl ClientMachine {
    /// Takes up the messages that an earlier run has not settled; in order, for each recipient.
    pub(super) fn take_up(&mut self, now: Instant, unsettled: Vec<Unsettled>) {
        for Unsettled { to, id, text, sent_ms, state } in unsettled {
            match state {
                // The server sends them on by itself.
                DeliveryState::Stored => self.waiting.on_stored(&to, id),
                DeliveryState::Queued => {
                    self.ledger.enter(id, None);
                    self.waiting.push(&to, Draft { id, text, sent_ms });
                }
                // These are settled, and in no outbox.
                DeliveryState::Delivered | DeliveryState::Read | DeliveryState::Failed(_) => {}
            }
        }
        self.send_waiting(now);
    }

    /// A message of this user's own is kept, and has a number: it goes out in its turn, unless the
    /// recipient's key has changed since it was written.
    pub(super) fn on_accepted(
        &mut self,
        now: Instant,
        to: UserId,
        draft: Draft,
        asker: Asker,
        key_changes: u64,
    ) {
        let id = draft.id;
        self.desk.tell_of(&asker, telling::state(to.clone(), id, MessageState::Queued));
        self.ledger.enter(id, Some(asker));
        if key_changes == self.contacts.changes(&to) {
            self.waiting.push(&to, draft);
            self.send_waiting(now);
        } else {
            self.book(Booking::Failed { to, id, reason: DeliveryFailure::KeyChanged });
        }
    }

    /// The core needs messages again that were at the server: they are read from the disk.
    pub(super) fn on_recall(&mut self, to: UserId, id: MessageId) {
        log::info!("the messages to {to} from {id} on are sent again");
        self.waiting.recall(&to);
        let key_changes = self.contacts.changes(&to);
        self.book(Booking::Recall { to, id, key_changes });
    }

    /// The messages are there; what was told of them before still holds.
    pub(super) fn on_recalled(
        &mut self,
        now: Instant,
        to: &UserId,
        messages: Vec<Unsettled>,
        key_changes: u64,
    ) {
        let drafts = messages.into_iter().map(|Unsettled { id, text, sent_ms, .. }| Draft {
            id,
            text,
            sent_ms,
        });
        self.waiting.on_recalled(to, drafts);
        if key_changes != self.contacts.changes(to) {
            self.fail_waiting(to);
        }
        self.send_waiting(now);
    }

    /// Hands over messages that waited, now that the outbox may have room.
    pub(super) fn send_waiting(&mut self, now: Instant) {
        for to in self.waiting.recipients() {
            if let Some(Resumption { first, stored }) = self.waiting.resumption(&to) {
                if let Err(error) = self.client.resume(now, &to, first, stored) {
                    log::warn!("messages to {to} wait: {error}");
                    continue;
                }
                self.waiting.resumed(&to);
            }
            while let Some(draft) = self.waiting.first(&to) {
                let Draft { id, text, sent_ms } = draft;
                match self.client.send_numbered(now, &to, *id, text, *sent_ms) {
                    Ok(()) => self.waiting.pop(&to),
                    Err(SendError::Blocked) => {
                        self.fail_waiting(&to);
                        break;
                    }
                    // They go out when there is room.
                    Err(SendError::Full) => break,
                    // What can never go was refused before.
                    Err(
                        error @ (SendError::TooLarge
                        | SendError::OutOfOrder
                        | SendError::ToSelf
                        | SendError::TableFull
                        | SendError::Closed),
                    ) => {
                        log::warn!("message {id} to {to} waits: {error}");
                        break;
                    }
                }
            }
        }
    }

    /// Gives up the messages to a user that wait here: they were meant for another key.
    pub(super) fn fail_waiting(&mut self, to: &UserId) {
        for Draft { id, .. } in self.waiting.take(to) {
            self.book(Booking::Failed { to: to.clone(), id, reason: DeliveryFailure::KeyChanged });
        }
    }

    /// These messages have got as far as that, durably.
    pub(super) fn on_advanced(
        &mut self,
        to: &UserId,
        messages: Vec<MessageId>,
        state: MessageState,
        way: Option<Path>,
    ) {
        for id in messages {
            let mut event = telling::state(to.clone(), id, state);
            if let Event::State { path, .. } = &mut event {
                *path = way.map(path_kind);
            }
            let matter = self.ledger.advance(id, state);
            self.tell_progress(matter, event);
        }
    }

    /// This message is given up, durably.
    pub(super) fn on_given_up(&mut self, to: &UserId, id: MessageId, reason: DeliveryFailure) {
        log::info!("message {id} to {to} failed: {reason}");
        let matter = self.ledger.advance(id, MessageState::Failed);
        if reason == DeliveryFailure::UnknownUser {
            let message = format!("no user '{to}' is registered at server {}", self.profile.server);
            let event = telling::error(reason.code(), message);
            match &matter.asker {
                Some(asker) => self.desk.tell_of(asker, event),
                None => self.desk.tell_all(event),
            }
        }
        let mut event = telling::state(to.clone(), id, MessageState::Failed);
        if let Event::State { reason: shown, .. } = &mut event {
            *shown = Some(Cow::Borrowed(reason.code()));
        }
        self.tell_progress(matter, event);
    }

    fn tell_progress(&mut self, matter: Matter, event: Event<'static>) {
        let Some(asker) = matter.asker else { return self.desk.tell_all(event) };
        self.desk.tell_of(&asker, event);
        if matter.is_outcome {
            self.desk.settle(asker.seat);
        }
    }
}
