//! What a client knows of other users.

mod claim;
mod dial;
#[cfg(feature = "files")]
mod file_keys;
mod peer;
#[allow(clippy::module_inception, reason = "the module is named for its one main type")]
mod peer_table;
mod trust;

pub(crate) use claim::Claim;
pub(crate) use dial::{Dial, DialState};
#[cfg(feature = "files")]
pub(crate) use file_keys::FileKeys;
pub(crate) use peer::{Lost, Peer};
pub(crate) use peer_table::{PeerIndex, PeerTable};
pub(crate) use trust::{KeyNews, Pin, Trust};
