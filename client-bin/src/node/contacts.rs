use std::collections::{BTreeMap, BTreeSet};

use breeze_core::id::{PublicKey, UserId};

use crate::store::Contact;

/// Users whose keys are remembered: more than any office has. The keys of further ones are not
/// remembered, so that a server that makes up users fills neither memory nor disk.
const MAX_CONTACTS: usize = 65_536;

/// Knows the keys of users: all of what the store knows of them, for the core is answered at once.
///
/// Each method that changes something returns what the store has to keep for it.
#[derive(Debug, Default)]
pub(super) struct Contacts {
    known: BTreeMap<UserId, Known>,
    /// Those who showed another key than the verified one in this run: nothing is sent to them.
    blocked: BTreeSet<UserId>,
}

#[derive(Debug)]
struct Known {
    contact: Contact,
    /// How often the key has changed in this run.
    changes: u64,
}

impl Contacts {
    pub(super) fn new(contacts: BTreeMap<UserId, Contact>) -> Self {
        let known = |(user, contact)| (user, Known { contact, changes: 0 });
        Self { known: contacts.into_iter().map(known).collect(), blocked: BTreeSet::new() }
    }

    /// Returns what is known of a user.
    pub(super) fn get(&self, user: &UserId) -> Option<&Contact> {
        self.known.get(user).map(|known| &known.contact)
    }

    /// Tells whether a key may be a user's, as far as is remembered.
    pub(super) fn allows(&self, user: &UserId, key: &PublicKey) -> bool {
        self.get(user).is_none_or(|contact| contact.key == *key)
    }

    /// Tells whether people have compared the fingerprint of the key that a user has.
    pub(super) fn is_verified(&self, user: &UserId) -> bool {
        self.get(user).is_some_and(|contact| contact.verified && contact.found.is_none())
    }

    /// Tells whether nothing is sent to a user until its new key is accepted.
    pub(super) fn is_blocked(&self, user: &UserId) -> bool {
        self.blocked.contains(user)
    }

    /// Returns the users to whom nothing is sent, and what is known of them.
    pub(super) fn blocked(&self) -> impl Iterator<Item = (&UserId, &Contact)> {
        self.blocked.iter().filter_map(|user| Some((user, self.get(user)?)))
    }

    /// Takes in that messages go to a user again though its new key was not accepted: it is back
    /// with the old one.
    pub(super) fn unblock(&mut self, user: &UserId) {
        self.blocked.remove(user);
    }

    /// Counts the changes of a user's key in this run: what was written before the last of them was
    /// meant for another key.
    pub(super) fn changes(&self, user: &UserId) -> u64 {
        self.known.get(user).map_or(0, |known| known.changes)
    }

    /// Takes in a user's key that is seen for the first time; nothing if it cannot be remembered.
    pub(super) fn on_found(
        &mut self,
        user: &UserId,
        key: PublicKey,
        name: &str,
    ) -> Option<Contact> {
        if self.known.len() >= MAX_CONTACTS && !self.known.contains_key(user) {
            log::warn!("the key of {user} is not remembered: too many users are known");
            return None;
        }
        let contact = Contact::met(key, name);
        self.set(user, contact.clone());
        Some(contact)
    }

    /// Takes in the display name of a user, if its key is known and that is news.
    pub(super) fn on_name(&mut self, user: &UserId, name: &str) -> Option<Contact> {
        let contact = &mut self.known.get_mut(user)?.contact;
        if name.is_empty() || contact.name == name {
            return None;
        }
        name.clone_into(&mut contact.name);
        Some(contact.clone())
    }

    /// Takes in that a user has another key than the pinned one. That of a verified contact stays
    /// what it is, until people say otherwise.
    pub(super) fn on_changed(
        &mut self,
        user: &UserId,
        (pinned, found): (PublicKey, PublicKey),
        blocked: bool,
        name: &str,
    ) -> Contact {
        let contact = match blocked {
            true => Contact { verified: true, found: Some(found), ..Contact::met(pinned, name) },
            false => Contact::met(found, name),
        };
        self.set(user, contact.clone()).changes += 1;
        match blocked {
            true => self.blocked.insert(user.clone()),
            false => self.blocked.remove(user),
        };
        contact
    }

    /// Takes in that people have compared a fingerprint.
    ///
    /// # Errors
    /// Why it changes nothing.
    pub(super) fn verify(
        &mut self,
        user: &UserId,
        fingerprint: &str,
    ) -> Result<Contact, Unverified> {
        let contact = self.get(user).ok_or(Unverified::Unknown)?;
        let contact = contact.verified_by(fingerprint).ok_or(Unverified::Different)?;
        self.set(user, contact.clone());
        self.blocked.remove(user);
        Ok(contact)
    }

    /// Takes in that a user still has the pinned key, whatever an earlier run has found.
    pub(super) fn on_reached(&mut self, user: &UserId) -> Option<Contact> {
        if self.is_blocked(user) {
            return None;
        }
        let contact = &mut self.known.get_mut(user)?.contact;
        contact.found.take()?;
        Some(contact.clone())
    }

    fn set(&mut self, user: &UserId, contact: Contact) -> &mut Known {
        let unchanged = || Known { contact: contact.clone(), changes: 0 };
        let known = self.known.entry(user.clone()).or_insert_with(unchanged);
        known.contact = contact;
        known
    }
}

/// Says why a contact was not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unverified {
    /// No key of the user is known.
    Unknown,
    /// The user has a key with another fingerprint.
    Different,
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: PublicKey = PublicKey::from_bytes([1; 32]);
    const NEW: PublicKey = PublicKey::from_bytes([2; 32]);

    fn bob() -> UserId {
        UserId::new("bob").expect("user")
    }

    fn text(key: PublicKey) -> String {
        key.fingerprint().to_string()
    }

    #[test]
    fn a_key_is_trusted_at_first_and_a_change_of_it_taken_over() {
        let mut contacts = Contacts::default();
        assert_eq!(contacts.verify(&bob(), &text(OLD)), Err(Unverified::Unknown));
        assert_eq!(contacts.on_name(&bob(), "Bob"), None);
        let met = contacts.on_found(&bob(), OLD, "Bob").expect("remembered");
        assert_eq!(met, Contact::met(OLD, "Bob"));
        assert!(!contacts.is_verified(&bob()));
        assert_eq!(contacts.on_name(&bob(), "Bob"), None);
        assert_eq!(contacts.on_name(&bob(), ""), None);
        assert_eq!(contacts.on_name(&bob(), "Bobby"), Some(Contact::met(OLD, "Bobby")));
        let changed = contacts.on_changed(&bob(), (OLD, NEW), false, "Bob");
        assert_eq!(changed, Contact::met(NEW, "Bob"));
        assert_eq!(contacts.changes(&bob()), 1);
        assert!(!contacts.is_blocked(&bob()));
    }

    #[test]
    fn a_verified_key_stays_until_people_accept_another() {
        let mut contacts = Contacts::default();
        contacts.on_found(&bob(), OLD, "Bob");
        contacts.verify(&bob(), &text(OLD)).expect("verified");
        assert!(contacts.is_verified(&bob()));
        let changed = contacts.on_changed(&bob(), (OLD, NEW), true, "Bob");
        assert_eq!((changed.key, changed.verified, changed.found), (OLD, true, Some(NEW)));
        assert!(contacts.is_blocked(&bob()) && !contacts.is_verified(&bob()));
        assert_eq!(contacts.verify(&bob(), &text(OLD)), Err(Unverified::Different));
        assert_eq!(contacts.blocked().collect::<Vec<_>>(), [(&bob(), &changed)]);
        // While it is blocked, nothing shows that the old key is in use.
        assert_eq!(contacts.on_reached(&bob()), None);
        let accepted = contacts.verify(&bob(), &text(NEW)).expect("accepted");
        assert_eq!((accepted.key, accepted.verified, accepted.found), (NEW, true, None));
        assert!(contacts.is_verified(&bob()) && !contacts.is_blocked(&bob()));
        assert_eq!(contacts.changes(&bob()), 1);
    }

    #[test]
    fn what_an_earlier_run_found_holds_until_it_is_seen_again_or_refuted() {
        let contact = Contact { verified: true, found: Some(NEW), ..Contact::met(OLD, "Bob") };
        let mut contacts = Contacts::new([(bob(), contact.clone())].into());
        assert_eq!(contacts.get(&bob()), Some(&contact));
        assert!(!contacts.is_verified(&bob()) && !contacts.is_blocked(&bob()));
        let refuted = contacts.on_reached(&bob()).expect("news");
        assert_eq!(refuted, Contact { found: None, ..contact });
        assert!(contacts.is_verified(&bob()));
        assert_eq!(contacts.on_reached(&bob()), None);
    }

    #[test]
    fn a_server_that_makes_up_users_fills_no_memory() {
        let mut contacts = Contacts::default();
        let user = |n: usize| UserId::new(&format!("u{n}")).expect("user");
        for n in 0..MAX_CONTACTS {
            assert!(contacts.on_found(&user(n), OLD, "").is_some());
        }
        assert_eq!(contacts.on_found(&user(MAX_CONTACTS), OLD, ""), None);
        assert_eq!(contacts.get(&user(MAX_CONTACTS)), None);
        assert!(contacts.on_found(&user(0), NEW, "").is_some());
    }
}
