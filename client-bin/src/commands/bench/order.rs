use super::squad::Squad;
use super::tally::Tally;

/// Is what load threads are told, all of them the same, one thing after another.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    /// Log a squad in.
    LogIn {
        /// Which.
        squad: Squad,
        /// How many may be about it at a time.
        at_once: usize,
    },
    /// Wait until each member of a mesh has so many direct links up.
    Meet {
        /// How many.
        links: usize,
    },
    /// Begin to send.
    Send,
    /// Send nothing more, and wait until nothing is under way.
    Settle,
    /// Log a squad out, and forget its sessions.
    LogOut {
        /// Which.
        squad: Squad,
    },
    /// Say what was counted.
    Report,
}

/// Is what a load thread says when it has done so: its figures, or what went wrong.
pub(super) type Answer = Result<Box<Tally>, String>;
