//! What the client's machine does for those who have a seat at its desk.

use std::borrow::Cow;
use std::mem;
use std::rc::Rc;

use breeze_core::error::SendError;
use breeze_core::id::{MessageId, UserId};
use breeze_core::limits::MAX_TEXT;
use breeze_core::time::Instant;
use breeze_server::host::wall_clock::now_ms;

use super::asker::Asker;
use super::booking::Booking;
use super::client_machine::ClientMachine;
use super::seat_id::SeatId;
use super::seat_queue::Manner;
use super::telling;
use crate::ndjson::{Command, Event, ServerState};

/// Questions who is there that may wait for the list of users; more are answered with what is known.
const MAX_QUESTIONS: usize = 1024;
/// Users of whom it is remembered what a person has seen: more than can write at a time.
const MAX_SEEN: usize = 1024;

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
            for event in self.blocked_events() {
                self.desk.tell(seat, event);
            }
        }
        Some(seat)
    }

    pub(super) fn command(&mut self, now: Instant, seat: SeatId, command: Command) {
        match command {
            Command::Send { to, text, reference } => {
                self.desk.expect(seat);
                self.send(to, text, Asker { seat, reference });
            }
            Command::Read { from, id, reference } => {
                self.desk.expect(seat);
                self.book(Booking::Seen { from, id, asker: Asker { seat, reference } });
            }
            Command::Contact { user, reference } => {
                self.desk.expect(seat);
                self.book(Booking::AskContact { user, asker: Asker { seat, reference } });
            }
            Command::Verify { user, fingerprint, reference } => {
                self.desk.expect(seat);
                self.verify(now, user, &fingerprint, Asker { seat, reference });
            }
            Command::Who => {
                self.desk.expect(seat);
                match self.asking.len() < MAX_QUESTIONS {
                    true => self.asking.push(seat),
                    false => self.desk.answer(seat, self.who()),
                }
            }
            Command::Ask(question) => {
                self.desk.expect(seat);
                self.book(Booking::Ask { seat, question });
            }
            Command::File { to, path, limit, reference } => {
                self.desk.expect(seat);
                self.send_file(now, to, path, limit, Asker { seat, reference });
            }
            Command::Accept { transfer, dir, replace, reference } => {
                self.desk.expect(seat);
                self.accept_file(now, &transfer, dir, replace, &Asker { seat, reference });
            }
            Command::Reject { transfer, reference } => {
                self.desk.expect(seat);
                self.reject_file(&transfer, &Asker { seat, reference });
            }
            Command::Cancel { transfer, reference } => {
                self.desk.expect(seat);
                self.cancel_file(&transfer, &Asker { seat, reference });
            }
            Command::Files { reference } => {
                self.desk.expect(seat);
                self.list_files(&Asker { seat, reference });
            }
            // Whoever reads the commands ends the node, or leaves its desk.
            Command::Quit => {}
        }
    }

    /// Answers those who asked who is there, unless a log-in is under way that brings the list.
    pub(super) fn answer_questions(&mut self) {
        if self.client.is_ready() || self.is_connected() == Some(false) {
            let seats = mem::take(&mut self.asking);
            if seats.is_empty() {
                return;
            }
            // One list for all, however many they are.
            let answer = Rc::new(self.who());
            for seat in seats {
                self.desk.answer(seat, answer.clone());
            }
        }
    }

    fn who(&self) -> Event<'static> {
        Event::Who { users: self.roster.list(&self.contacts) }
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
        } else if self.contacts.is_blocked(&to) {
            let message = Self::blocked_text(&to);
            return self.refuse_because(&asker, "blocked", message);
        } else {
            None
        };
        match refusal {
            Some(error) => self.refuse(error, &asker),
            None => {
                let key_changes = self.contacts.changes(&to);
                let sent_ms = now_ms();
                self.book(Booking::Accept { to, text, sent_ms, asker, key_changes });
            }
        }
    }

    /// A message that somebody has seen is in the history, or is not.
    pub(super) fn on_seen(
        &mut self,
        now: Instant,
        from: &UserId,
        id: MessageId,
        known: bool,
        asker: &Asker,
    ) {
        if known {
            self.note_seen(from, id);
            self.client.mark_read(now, from, id);
            self.desk.settle(asker.seat);
        } else {
            let message = format!("no message {id} has come from {from}");
            self.refuse_because(asker, "unknown_message", message);
        }
    }

    /// Remembers what was seen: the core tells of no message that came in an earlier run, unless
    /// another one has come since.
    fn note_seen(&mut self, from: &UserId, id: MessageId) {
        let known = self.seen.get(from);
        if known.is_some_and(|known| known.epoch == id.epoch && known.seq >= id.seq) {
            return;
        }
        self.seen.insert(from.clone(), id);
        if self.seen.len() > MAX_SEEN {
            self.seen.pop_first();
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
        self.refuse_because(asker, code, error.to_string());
    }

    /// Tells the asker alone why a command was not carried out.
    pub(super) fn refuse_because(&mut self, asker: &Asker, code: &'static str, message: String) {
        let mut event = telling::error(code, message);
        if let Event::Error { reference, .. } = &mut event {
            reference.clone_from(&asker.reference);
        }
        self.desk.answer(asker.seat, event);
    }
}
