use breeze_core::noise::{Handshake, Transport};

use super::host::HostId;

/// Holds what a scenario's own host has heard and not told yet.
#[derive(Debug, Default)]
pub(super) struct PuppetEar {
    pub heard: Vec<u8>,
    pub is_closed: bool,
}

impl PuppetEar {
    pub(super) fn hear(&mut self, bytes: &[u8]) {
        self.heard.extend_from_slice(bytes);
    }
}

/// A host whose every byte the scenario chooses: it dials once, or is dialled, and speaks as well,
/// or as badly, as it is told to.
#[derive(Debug)]
pub struct Puppet {
    /// The host in the world.
    pub host: HostId,
    /// Its side of the handshake, until that is through.
    pub(super) handshake: Option<Handshake>,
    /// Its keys, once they are agreed.
    pub(super) transport: Option<Transport>,
    /// The last record that it sent.
    pub(super) last_record: Vec<u8>,
    /// Plaintext that does not make a frame yet.
    pub(super) plain: Vec<u8>,
}

/// What a puppet heard in one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said(
    /// The frame's content: one encoded message.
    pub Vec<u8>,
);
