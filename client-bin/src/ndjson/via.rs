use serde::{Deserialize, Serialize};

/// Says which way the bytes of a transfer took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Via {
    /// From machine to machine.
    Direct,
    /// By way of the server.
    Relay,
    /// Some of them this way, some that way.
    Mixed,
}
