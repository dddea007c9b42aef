//! What the client's machine does for those who have a seat at its desk.

use std::borrow::Cow;
use std::mem;

use breeze_core::error::SendError;
use breeze_core::id::UserId;
use breeze_core::limits::MAX_TEXT;
use breeze_core::time::Instant;

use super::asker::Asker;
use super::booking::Booking;
use super::client_machine::ClientMachine;
use super::seat_id::SeatId;
use super::seat_queue::Manner;
use super::telling::{self, unix_ms};
use super::waiting::Draft;
use crate::ndjson::{Command, Event, MessageState, ServerState};

/// Questions who is there that may wait for the list of users; more are answered with what is known.
const MAX_QUESTIONS: usize = 1024;

impl ClientMachine {
    /// Gives somebody a seat at the desk, and tells there what is the case already.
    pub(super) fn seat(&mut self, manner: Manner) -> Option<SeatId> {
        let seat = self.desk.sit(manner)?;
        if manner == Manner::Guest {
            if let Some(ready) = self.ready() {
                self.desk.tell(seat, ready);
            }
            // There is always a first line, by which a guest knows that it was let in.
            let server = self.server.clone().unwrap_or_else(|| Event::Server {
                state: ServerState::Lost,
                reason: Some(Cow::Borrowed("connecting")),
            });
            self.desk.tell(seat, server);
            for event in self.roster.events() {
                self.desk.tell(seat, event);
            }
        }
        Some(seat)
    }

    pub(super) fn command(&mut self, seat: SeatId, command: Command) {
        match command {
            Command::Send { to, text, reference } => {
                self.desk.expect(seat);
                self.send(to, text, Asker { seat, reference });
            }
            Command::Who => {
                self.desk.expect(seat);
                match self.asking.len() < MAX_QUESTIONS {
                    true => self.asking.push(seat),
                    false => self.answer(seat),
                }
            }
            Command::Ask(question) => {
                self.desk.expect(seat);
                self.book(Booking::Ask { seat, question });
            }
            // Whoever reads the commands ends the node, or leaves its desk.
            Command::Quit => {}
        }
    }

    /// Answers those who asked who is there, unless a log-in is under way that brings the list.
    pub(super) fn answer_questions(&mut self) {
        if self.client.is_ready() || self.is_connected() == Some(false) {
            for seat in mem::take(&mut self.asking) {
                self.answer(seat);
            }
        }
    }

    fn answer(&mut self, seat: SeatId) {
        self.desk.tell(seat, Event::Who { users: self.roster.list() });
        self.desk.settle(seat);
    }

    /// Tells whether the server is connected, as far as was told; none before anything was.
    pub(super) fn is_connected(&self) -> Option<bool> {
        match &self.server {
            Some(Event::Server { state, .. }) => Some(*state == ServerState::Connected),
            Some(_) | None => None,
        }
    }

    /// Has a message kept; everything else follows from that.
    fn send(&mut self, to: UserId, text: String, asker: Asker) {
        let refusal = if text.len() > MAX_TEXT {
            Some(SendError::TooLarge)
        } else if to == self.profile.user {
            Some(SendError::ToSelf)
        } else {
            None
        };
        match refusal {
            Some(error) => self.refuse(error, &asker),
            None => self.book(Booking::Accept { to, text, sent_ms: unix_ms(), asker }),
        }
    }

    /// A message of this user's own is kept, and has a number: it goes out in its turn.
    pub(super) fn on_accepted(&mut self, now: Instant, to: UserId, draft: Draft, asker: Asker) {
        self.desk.tell_of(&asker, telling::state(to.clone(), draft.id, MessageState::Queued));
        self.open.insert(draft.id, (to.clone(), Some(asker)));
        self.waiting.push(&to, draft);
        self.send_waiting(now);
    }

    /// Hands over messages that waited, now that the outbox may have room.
    pub(super) fn send_waiting(&mut self, now: Instant) {
        for to in self.waiting.recipients() {
            while let Some(draft) = self.waiting.first(&to) {
                let Draft { id, text, sent_ms } = draft;
                match self.client.send_numbered(now, &to, *id, text, *sent_ms) {
                    Ok(()) => self.waiting.pop(&to),
                    // They go out when there is room; what can never go was refused before.
                    Err(error) => {
                        if error != SendError::Full {
                            log::warn!("message {id} to {to} waits: {error}");
                        }
                        break;
                    }
                }
            }
        }
    }

    /// Tells the asker alone: what was refused is no part of the conversation.
    pub(super) fn refuse(&mut self, error: SendError, asker: &Asker) {
        let code = match error {
            SendError::Full => "full",
            SendError::OutOfOrder => "out_of_order",
            SendError::TooLarge => "too_large",
            SendError::ToSelf => "to_self",
            SendError::TableFull => "table_full",
            SendError::Blocked => "blocked",
            SendError::Closed => "closed",
        };
        let mut event = telling::error(code, error.to_string());
        if let Event::Error { reference, .. } = &mut event {
            reference.clone_from(&asker.reference);
        }
        self.desk.tell(asker.seat, event);
        self.desk.settle(asker.seat);
    }
}
