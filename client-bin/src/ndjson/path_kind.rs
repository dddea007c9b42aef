use serde::{Deserialize, Serialize};

/// Says which way messages take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PathKind {
    /// From machine to machine.
    Direct,
    /// By way of the server.
    Relay,
    /// There is none now.
    None,
}
