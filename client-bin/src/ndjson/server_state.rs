use serde::{Deserialize, Serialize};

/// Says whether there is a session with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ServerState {
    /// There is.
    Connected,
    /// There is none any more; the client comes back by itself.
    Lost,
}
