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
    /// Bytes of files a second that are relayed for each sender; 0 for no files.
    #[cfg(feature = "files")]
    pub file_rate: u64,
    /// Bytes of the longest file, or folder, that is relayed; 0 for none.
    #[cfg(feature = "files")]
    pub max_file: u64,
}

#[cfg(feature = "files")]
impl ServerConfig {
    /// Returns how fast files are relayed, if they are.
    pub(super) fn files(&self) -> Option<core::num::NonZeroU64> {
        core::num::NonZeroU64::new(self.file_rate).filter(|_| self.max_file > 0)
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            keepalive: DEFAULT_KEEPALIVE,
            idle: DEFAULT_IDLE,
            max_sessions: 10_000,
            max_strangers: STRANGERS,
            takes_aes: false,
            #[cfg(feature = "files")]
            file_rate: 4 * 1024 * 1024,
            #[cfg(feature = "files")]
            max_file: 256 * 1024 * 1024,
        }
    }
}
