use serde::{Deserialize, Serialize};

use super::ListedUser;

/// Says what was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Done {
    /// The user is there.
    Added,
    /// The user, or its key, is gone.
    Removed {
        /// In how many conversations messages were given up with it.
        given_up: usize,
    },
    /// All users.
    Users(Vec<ListedUser>),
    /// How much is kept for a user at most.
    Quota {
        /// Messages; none for the server's default.
        messages: Option<u64>,
        /// Their bytes; none for the server's default.
        bytes: Option<u64>,
    },
    /// The copy is on disk.
    Backup {
        /// Its size.
        bytes: u64,
    },
}
