use std::borrow::Cow;

use breeze_core::id::UserId;
use serde::{Deserialize, Serialize};

use super::{FileKind, FileState};

/// Describes one transfer in the answer to `files`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileEntry<'a> {
    pub(crate) transfer: Cow<'a, str>,
    /// Who offers it, if somebody else does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<UserId>,
    /// Whom it is offered to, if this user offers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<UserId>,
    pub(crate) name: Cow<'a, str>,
    pub(crate) kind: FileKind,
    /// Bytes of all of it.
    pub(crate) size: u64,
    /// How many files and folders it consists of.
    pub(crate) files: u32,
    pub(crate) state: FileState,
    /// Bytes that the recipient has.
    pub(crate) bytes: u64,
    /// Where it is, or comes to be, on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<Cow<'a, str>>,
    /// Why it waits, is held, or has failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<Cow<'a, str>>,
    /// When it was offered, by this node's clock.
    pub(crate) since_ms: u64,
}
