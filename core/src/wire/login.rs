use heapless::Vec;
use serde::{Deserialize, Serialize};

use crate::id::{DisplayName, Endpoint, Instance, UserId};
use crate::limits::MAX_ENDPOINTS;

/// Asks the server for a session (PROTOCOL.md, "Login").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login<'a> {
    /// Who wants to log in; the handshake proved the key.
    pub user: UserId,
    /// The name to show to people.
    pub name: DisplayName,
    /// This run of the client.
    pub instance: Instance,
    /// The keepalive interval that the client would like, in milliseconds; 0 for the server's.
    pub keepalive_ms: u32,
    /// Whether the client wants to hear of all users that come and go.
    pub presence: bool,
    /// Where the client accepts direct links; empty if it does not.
    pub endpoints: Vec<Endpoint, MAX_ENDPOINTS>,
    /// The code or password with which the client wants to enrol its key, empty if there is none.
    #[serde(borrow, serialize_with = "super::bytes::serialize")]
    pub ticket: &'a [u8],
}

/// Accepts a login (PROTOCOL.md, "Login").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Where the server sees the client's end of the link.
    pub observed: Endpoint,
    /// The agreed keepalive interval, in milliseconds.
    pub keepalive_ms: u32,
    /// The agreed limit of silence, in milliseconds.
    pub idle_ms: u32,
}
