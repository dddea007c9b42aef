//! Whose key is whose: what the core finds out, what is remembered of it, and what people say.

use std::borrow::Cow;

use breeze_core::id::{PublicKey, UserId};
use breeze_core::time::Instant;

use super::asker::Asker;
use super::booking::Booking;
use super::client_machine::ClientMachine;
use super::contacts::Unverified;
use super::telling;
use crate::error::Error;
use crate::ndjson::Event;
use crate::store::Contact;

impl ClientMachine {
    /// The core meets a user: until it knows which key to expect, nothing goes to or fro.
    pub(super) fn on_met(&mut self, now: Instant, user: &UserId) {
        let contact = self.contacts.get(user);
        let (key, verified) = (contact.map(|c| c.key), contact.is_some_and(|c| c.verified));
        self.client.pin(now, user, key, verified);
    }

    /// The key of a user is seen for the first time.
    pub(super) fn on_key_found(&mut self, user: UserId, key: PublicKey) {
        log::info!("the key of {user} is remembered: {}", key.fingerprint());
        if let Some(contact) = self.contacts.on_found(&user, key, self.roster.name(&user)) {
            self.book_contact(user, contact, None, None);
        }
    }

    /// A user shows a display name; its key was mostly told before.
    pub(super) fn on_name(&mut self, user: &UserId, name: &str) {
        if let Some(contact) = self.contacts.on_name(user, name) {
            self.book_contact(user.clone(), contact, None, None);
        }
    }

    /// A user has another key than the one that was pinned. What waits here was written before
    /// anybody knew, and is not for whoever has the new key.
    pub(super) fn on_key_changed(
        &mut self,
        user: UserId,
        pinned: PublicKey,
        found: PublicKey,
        blocked: bool,
    ) {
        let (old, new) = (pinned.fingerprint(), found.fingerprint());
        log::warn!("the key of {user} has changed: it was {old}, now it is {new}");
        let name = self.roster.name(&user);
        let contact = self.contacts.on_changed(&user, (pinned, found), blocked, name);
        let event = key_changed(&user, pinned, found, blocked);
        self.book_contact(user.clone(), contact, Some(event), None);
        self.fail_waiting(&user);
        self.fail_files_of(&user);
    }

    /// Returns the events that tell of those to whom nothing is sent.
    pub(super) fn blocked_events(&self) -> Vec<Event<'static>> {
        let event = |(user, contact): (&UserId, &Contact)| {
            Some(key_changed(user, contact.key, contact.found?, true))
        };
        self.contacts.blocked().filter_map(event).collect()
    }

    /// Asks the core whether it still sends nothing to those users: one of them may be back with the
    /// key that was verified, of which no event tells.
    pub(super) fn look_after_blocked(&mut self) {
        let blocked: Vec<_> = self.contacts.blocked().map(|(user, _)| user.clone()).collect();
        for user in blocked {
            if !self.client.is_blocked(&user) {
                log::info!("{user} has the verified key again");
                self.contacts.unblock(&user);
            }
        }
    }

    /// A message got through to a user, so it has the key that was pinned.
    pub(super) fn on_key_in_use(&mut self, user: &UserId) {
        if let Some(contact) = self.contacts.on_reached(user) {
            self.book_contact(user.clone(), contact, None, None);
        }
    }

    /// Somebody says that people have compared the fingerprint of a user's key.
    pub(super) fn verify(&mut self, now: Instant, user: UserId, fingerprint: &str, asker: Asker) {
        match self.contacts.verify(&user, fingerprint) {
            Ok(contact) => {
                self.client.pin(now, &user, Some(contact.key), contact.verified);
                let answer = telling::contact(user.clone(), &contact, asker.reference.clone());
                self.book_contact(user, contact, Some(answer), Some(asker));
            }
            Err(Unverified::Unknown) => self.refuse_unknown_contact(&user, &asker),
            Err(Unverified::Different) => {
                let message = format!(
                    "this is not the fingerprint of the key that {user} has now; compare again"
                );
                self.refuse_because(&asker, "wrong_fingerprint", message);
            }
        }
    }

    /// Answers what is known of a user.
    pub(super) fn on_contact(&mut self, user: UserId, contact: Option<&Contact>, asker: &Asker) {
        match contact {
            Some(contact) => {
                let event = telling::contact(user, contact, asker.reference.clone());
                self.desk.answer(asker.seat, event);
            }
            None => self.refuse_unknown_contact(&user, asker),
        }
    }

    /// Returns what to say about a user whose new key nobody has accepted.
    pub(super) fn blocked_text(user: &UserId) -> String {
        format!(
            "{user} has a new key, and the one before was verified: nothing is sent until the new \
             one is accepted, with 'breeze verify {user} --accept'"
        )
    }

    fn book_contact(
        &mut self,
        user: UserId,
        contact: Contact,
        event: Option<Event<'static>>,
        asker: Option<Asker>,
    ) {
        let event = event.map(Box::new);
        self.book(Booking::Contact { user, contact, event, asker });
    }

    fn refuse_unknown_contact(&mut self, user: &UserId, asker: &Asker) {
        let message = Error::UnknownContact { user: user.clone() }.to_string();
        self.refuse_because(asker, "unknown_contact", message);
    }
}

fn key_changed(user: &UserId, old: PublicKey, new: PublicKey, blocked: bool) -> Event<'static> {
    Event::KeyChanged {
        user: user.clone(),
        old: Cow::Owned(old.fingerprint().to_string()),
        new: Cow::Owned(new.fingerprint().to_string()),
        blocked,
    }
}
