use std::fmt;

use serde::{Deserialize, Serialize};

use super::SecretKind;
use super::schema::SecretRow;

/// Is what a user shows to enrol a key, as a hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Secret {
    /// What it is.
    pub kind: SecretKind,
    /// The hash with its salt and costs, in the PHC string format.
    pub phc: String,
}

impl Secret {
    pub(super) fn from_row((kind, phc): SecretRow<'_>) -> Result<Self, redb::Error> {
        Ok(Self { kind: SecretKind::from_row(kind)?, phc: phc.to_owned() })
    }

    pub(super) fn to_row(&self) -> SecretRow<'_> {
        (self.kind.to_row(), &self.phc)
    }
}

/// Shows no hash: a log is read by more people than the data directory.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("kind", &self.kind).finish_non_exhaustive()
    }
}
