use std::borrow::Cow;

use breeze_core::id::UserId;
use serde::{Deserialize, Serialize};

use super::PathKind;

/// Describes one user in the answer to `who`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WhoEntry<'a> {
    pub(crate) user: UserId,
    pub(crate) name: Cow<'a, str>,
    pub(crate) online: bool,
    pub(crate) path: PathKind,
    /// People have compared the fingerprints; no, if an older node is asked.
    #[serde(default)]
    pub(crate) verified: bool,
}
