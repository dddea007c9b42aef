use crate::id::PublicKey;

/// Says by which key a user is known, apart from what the server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The host remembers no keys: what the server says holds.
    Server,
    /// The host was asked, or is about to be.
    Asked {
        /// It was asked.
        told: bool,
    },
    /// The host knows none: the first one that is met is remembered.
    New,
    /// The host knows one.
    Pinned(Pin),
}

/// A key that the host remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pin {
    pub key: PublicKey,
    /// The key before, under which messages may still be on their way.
    pub former: Option<PublicKey>,
    /// People have compared it: no other takes its place unasked.
    pub verified: bool,
}

/// What the application was not told yet of the key that a user has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyNews {
    /// It is the first one.
    Found,
    /// It is another one.
    Changed { pinned: PublicKey },
}

impl Trust {
    /// Tells whether messages sealed by this key are the user's own, as far as is known.
    pub(crate) fn allows(&self, key: PublicKey) -> bool {
        match self {
            Self::Server | Self::Asked { .. } | Self::New => true,
            Self::Pinned(pin) => pin.key == key || pin.former == Some(key),
        }
    }
}
