use std::num::NonZeroU64;
use std::path::PathBuf;

use breeze_core::files::{FileKind, Offer};
use breeze_core::id::UserId;
use serde::{Deserialize, Serialize};

use super::key::Key;

/// The hash of what was not looked at yet: nothing has it.
pub(super) const NOT_HASHED: [u8; 32] = [0; 32];
/// The version of what is written.
pub(super) const VERSION: u32 = 1;

/// Holds what is not to be forgotten of a transfer: one file of JSON, in version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::node) struct Record {
    pub(super) version: u32,
    pub(super) peer: UserId,
    pub(super) number: u64,
    pub(super) is_outgoing: bool,
    pub(super) name: String,
    pub(super) kind: FileKind,
    pub(super) size: u64,
    pub(super) root: [u8; 32],
    pub(super) state: RecordState,
    /// Where it is, was taken from, or is being put.
    pub(super) path: Option<PathBuf>,
    /// What is in the way may be replaced.
    pub(super) replace: bool,
    /// Bytes a second at most.
    pub(super) limit: Option<NonZeroU64>,
    /// When it got where it is: milliseconds since 1970, UTC.
    pub(super) since_ms: u64,
}

/// Says how far a transfer has got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum RecordState {
    /// It was offered.
    Offered,
    /// It was accepted here, and `path` is the folder that it is put in.
    Accepted,
    /// It is complete.
    Done,
    /// It has ended, with this reason.
    Failed(String),
}

impl Record {
    pub(super) fn key(&self) -> Key {
        Key { number: self.number, peer: self.peer.clone(), is_outgoing: self.is_outgoing }
    }

    pub(super) fn offer(&self) -> Offer<'_> {
        Offer { name: &self.name, kind: self.kind, size: self.size, root: self.root }
    }

    /// Returns how many files and folders it has.
    pub(super) fn files(&self) -> u32 {
        match self.kind {
            FileKind::File(_) => 1,
            FileKind::Folder { entries, .. } => entries,
        }
    }

    pub(super) fn hash(&self) -> String {
        base16ct::lower::encode_string(&self.root)
    }

    /// Tells whether anybody but the one who gave the command has heard of it.
    pub(super) fn was_offered(&self) -> bool {
        self.root != NOT_HASHED
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, RecordState::Done | RecordState::Failed(_))
    }
}
