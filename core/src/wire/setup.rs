use serde::{Deserialize, Serialize};

use crate::id::{Instance, UserId};

/// Turns an authenticated link between two clients into a direct link (PROTOCOL.md, "Set-up").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// The dialler.
    pub from: UserId,
    /// Whom the dialler wants; the listener checks that it is meant.
    pub to: UserId,
    /// This run of the dialler.
    pub instance: Instance,
    /// The keepalive interval agreed with the dialler's server, in milliseconds.
    pub keepalive_ms: u32,
    /// The dialler's limit of silence, in milliseconds.
    pub idle_ms: u32,
}

/// Accepts a direct link (PROTOCOL.md, "Set-up").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupOk {
    /// This run of the listener.
    pub instance: Instance,
    /// The longer of both keepalive intervals, in milliseconds.
    pub keepalive_ms: u32,
    /// The longer of both limits of silence, in milliseconds.
    pub idle_ms: u32,
}
