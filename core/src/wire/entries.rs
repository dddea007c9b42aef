use core::fmt;

use heapless::Vec;
use serde::{Deserialize, Serialize};

use crate::error::DecodeError;
use crate::id::{DisplayName, Endpoint, Instance, PublicKey, UserId};
use crate::limits::{MAX_ENDPOINTS, MAX_ENTRIES};

/// Holds a list of [`PeerEntry`]s in their encoded form, one after the other.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Entries<'a>(#[serde(borrow, serialize_with = "super::bytes::serialize")] &'a [u8]);

/// Tells what the server knows of one user (PROTOCOL.md, "Peers").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerEntry {
    /// The user.
    pub user: UserId,
    /// The name to show to people.
    pub name: DisplayName,
    /// How to reach the user, if it is online.
    pub online: Option<Introduction>,
}

/// Introduces an online user to another (PROTOCOL.md, "Peers").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// The key that the user must prove on a direct link.
    pub key: PublicKey,
    /// The user's present run.
    pub instance: Instance,
    /// Where the user accepts direct links, the likeliest first.
    pub endpoints: Vec<Endpoint, MAX_ENDPOINTS>,
}

impl<'a> Entries<'a> {
    /// Wraps encoded entries, to be sent.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Decodes the entries one by one. After an error the iteration ends.
    pub fn iter(&self) -> impl Iterator<Item = Result<PeerEntry, DecodeError>> + 'a {
        let mut rest = self.0;
        let mut count = 0;
        core::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            count += 1;
            let decoded = match postcard::take_from_bytes(rest) {
                _ if count > MAX_ENTRIES => Err(DecodeError::TooLarge),
                Ok((entry, tail)) => {
                    rest = tail;
                    return Some(Ok(entry));
                }
                Err(_) => Err(DecodeError::Malformed),
            };
            rest = &[];
            Some(decoded)
        })
    }
}

impl fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
