use std::net::SocketAddr;

use breeze_core::id::LinkId;

use super::host::HostId;
use super::pipe::Pipe;

/// Numbers the connections of a world.
pub(super) type WireId = usize;

/// One connection between two hosts, from the moment it is dialled.
#[derive(Debug)]
pub(super) struct Wire {
    /// The dialler, then the listener.
    pub ends: [End; 2],
    /// From the dialler, then from the listener.
    pub pipes: [Pipe; 2],
    pub state: WireState,
    pub to: SocketAddr,
    /// One end has another address now: nothing arrives any more, and nobody hears of it.
    pub is_lost: bool,
}

/// One end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub host: HostId,
    /// The host's link, while the host has it open.
    pub link: Option<LinkId>,
}

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WireState {
    Dialling,
    Open,
    Over,
}

/// One of the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Dialler,
    Listener,
}

impl Side {
    pub(super) const BOTH: [Self; 2] = [Self::Dialler, Self::Listener];

    pub(super) const fn index(self) -> usize {
        self as usize
    }

    pub(super) const fn other(self) -> Self {
        match self {
            Self::Dialler => Self::Listener,
            Self::Listener => Self::Dialler,
        }
    }
}

impl Wire {
    pub(super) fn end(&self, side: Side) -> End {
        self.ends[side.index()]
    }

    /// The pipe that a side writes to.
    pub(super) fn outward(&mut self, side: Side) -> &mut Pipe {
        &mut self.pipes[side.index()]
    }

    /// The pipe that a side reads from.
    pub(super) fn inward(&mut self, side: Side) -> &mut Pipe {
        &mut self.pipes[side.other().index()]
    }

    /// Tells whether it runs between these two hosts.
    pub(super) fn joins(&self, a: HostId, b: HostId) -> bool {
        let [dialler, listener] = self.ends.map(|end| end.host);
        (dialler, listener) == (a, b) || (dialler, listener) == (b, a)
    }

    pub(super) fn touches(&self, host: HostId) -> bool {
        self.ends.iter().any(|end| end.host == host)
    }

    /// Tells whether both hosts have it open, and bytes arrive.
    pub(super) fn is_whole(&self) -> bool {
        !self.is_lost
            && self.state == WireState::Open
            && self.ends.iter().all(|end| end.link.is_some())
    }
}
