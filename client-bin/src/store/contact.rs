use breeze_core::id::PublicKey;

/// Is what this user knows of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contact {
    /// The key that messages to the user are meant for.
    pub(crate) key: PublicKey,
    /// People have compared the fingerprints.
    pub(crate) verified: bool,
    /// The display name last seen.
    pub(crate) name: String,
    /// The key that the user showed since, if nobody has accepted it: that of a verified contact
    /// does not change by itself.
    pub(crate) found: Option<PublicKey>,
}

impl Contact {
    /// Makes that of a user who was just met.
    pub(crate) fn met(key: PublicKey, name: &str) -> Self {
        Self { key, verified: false, name: name.to_owned(), found: None }
    }

    /// Returns the key that the user has now, accepted or not: the one that people compare.
    pub(crate) fn current(&self) -> &PublicKey {
        self.found.as_ref().unwrap_or(&self.key)
    }

    /// Returns what is known after people compared fingerprints; none if the one that they compared
    /// is not that of the current key.
    pub(crate) fn verified_by(&self, fingerprint: &str) -> Option<Self> {
        let key = *self.current();
        let same = key.fingerprint().to_string().eq_ignore_ascii_case(fingerprint.trim());
        same.then(|| Self { key, verified: true, name: self.name.clone(), found: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: PublicKey = PublicKey::from_bytes([1; 32]);
    const NEW: PublicKey = PublicKey::from_bytes([2; 32]);

    #[test]
    fn only_the_current_key_can_be_verified() {
        let text = |key: PublicKey| key.fingerprint().to_string();
        let met = Contact::met(OLD, "Bob");
        assert_eq!(met.verified_by(&text(NEW)), None);
        assert_eq!(met.verified_by(&text(OLD)[1..]), None);
        assert_eq!(met.verified_by(""), None);
        let known = met.verified_by(&format!(" {}\n", text(OLD).to_uppercase())).expect("the same");
        assert_eq!(known, Contact { verified: true, ..met });
        let changed = Contact { found: Some(NEW), ..known.clone() };
        assert_eq!(changed.verified_by(&text(OLD)), None);
        let accepted = changed.verified_by(&text(NEW)).expect("the new one");
        assert_eq!(accepted, Contact { key: NEW, ..known });
    }
}
