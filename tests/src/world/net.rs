use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use super::host::HostId;
use super::pipe::Fragments;

/// Says what becomes of a dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// It is refused at once.
    Refuse,
    /// It is never answered.
    Drop,
}

/// The rules that hold on the world's network now.
#[derive(Debug)]
pub(super) struct Net {
    /// How long bytes travel.
    pub latency: Duration,
    /// How much longer some of them travel.
    pub jitter: Duration,
    /// Bytes that one direction of a connection holds.
    pub capacity: usize,
    pub fragments: Fragments,
    /// What becomes of dials to a host.
    pub walls: BTreeMap<HostId, Barrier>,
    /// Hosts between which nothing arrives, the smaller number first.
    pub silent: BTreeSet<(HostId, HostId)>,
    /// Hosts from and to which nothing arrives.
    pub isolated: BTreeSet<HostId>,
    /// Addresses at which another host answers.
    pub hijacked: BTreeMap<SocketAddr, HostId>,
}

impl Net {
    pub(super) const fn new() -> Self {
        Self {
            latency: Duration::from_millis(5),
            jitter: Duration::from_millis(3),
            capacity: 64 * 1024,
            fragments: Fragments::Random,
            walls: BTreeMap::new(),
            silent: BTreeSet::new(),
            isolated: BTreeSet::new(),
            hijacked: BTreeMap::new(),
        }
    }

    /// Tells whether nothing arrives between two hosts.
    pub(super) fn is_silent(&self, a: HostId, b: HostId) -> bool {
        self.silent.contains(&(a.min(b), a.max(b)))
            || self.isolated.contains(&a)
            || self.isolated.contains(&b)
    }
}
