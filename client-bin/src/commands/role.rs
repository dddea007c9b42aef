use std::time::Duration;

/// Says what part a command plays among those of one home directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Runs the node, and nobody else does; others can use it meanwhile.
    Host,
    /// Runs the node, and nobody else does, for itself and for a moment.
    Newcomer,
    /// Uses the running node; if there is none it runs one, that others can use meanwhile.
    Resident,
    /// Uses the running node; if there is none it runs one for itself, for a moment.
    Visitor,
}

impl Role {
    pub(super) fn uses_a_running_node(self) -> bool {
        match self {
            Self::Host | Self::Newcomer => false,
            Self::Resident | Self::Visitor => true,
        }
    }

    pub(super) fn lets_others_in(self) -> bool {
        match self {
            Self::Host | Self::Resident => true,
            Self::Newcomer | Self::Visitor => false,
        }
    }

    /// How long to wait for a process that runs the node and lets nobody in: it is just starting,
    /// ending, or a visitor, which may take the time that a message has to arrive.
    pub(super) fn patience(self) -> Duration {
        match self {
            Self::Host | Self::Newcomer => Duration::from_secs(5),
            Self::Resident | Self::Visitor => Duration::from_secs(25),
        }
    }
}
