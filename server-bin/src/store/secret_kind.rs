use serde::{Deserialize, Serialize};

/// Says how often a secret can enrol a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SecretKind {
    /// Once: it is forgotten then.
    Code,
    /// As often as the user likes, each key in place of the last.
    Password,
}

impl SecretKind {
    /// Returns the number that stands for it in the database.
    pub(super) fn to_row(self) -> u8 {
        match self {
            Self::Code => 0,
            Self::Password => 1,
        }
    }

    pub(super) fn from_row(row: u8) -> Result<Self, redb::Error> {
        match row {
            0 => Ok(Self::Code),
            1 => Ok(Self::Password),
            other => Err(redb::Error::Corrupted(format!("there is no secret of kind {other}"))),
        }
    }
}
