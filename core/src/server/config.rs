use core::time::Duration;

use crate::limits::{DEFAULT_IDLE, DEFAULT_KEEPALIVE, STRANGERS};

/// Configures a server.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// How often an idle client pings, unless it asks for another interval.
    pub keepalive: Duration,
    /// How long a client may be silent; longer than `keepalive`.
    pub idle: Duration,
    /// How many sessions there may be at a time.
    pub max_sessions: usize,
    /// How many links without a session there may be beside those; at least 1.
    pub max_strangers: usize,
    /// The host's processor has instructions for AES, and for GCM: with clients of which that is true
    /// as well, records are encrypted with AES-256-GCM.
    pub takes_aes: bool,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            keepalive: DEFAULT_KEEPALIVE,
            idle: DEFAULT_IDLE,
            max_sessions: 10_000,
            max_strangers: STRANGERS,
            takes_aes: false,
        }
    }
}
