use breeze_core::limits::STRANGERS;

/// Files that are open besides connections: the store, its lock, listeners, the administrators'
/// door and those who came by it, what the reactor needs.
const OWN_FILES: usize = 32;
/// Connections that linger so that the other side reads why they were closed.
const LINGERING: usize = 64;

/// Divides the connections that a server may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Those with a session.
    pub(crate) sessions: usize,
    /// Those without.
    pub(crate) strangers: usize,
    /// Those that are closed and linger.
    pub(crate) lingering: usize,
}

impl Room {
    /// Finds room for sessions in as many files as may be open, if there is a limit of those. Where
    /// it is tight there is less for everybody: a descriptor that is not to be had would stop
    /// newcomers, whoever they are.
    pub(crate) fn of(files: Option<usize>, sessions: usize) -> Self {
        let files = files.unwrap_or(usize::MAX).saturating_sub(OWN_FILES).max(8);
        let (strangers, lingering) = (STRANGERS.min(files / 4), LINGERING.min(files / 8));
        Self { sessions: sessions.min(files - strangers - lingering), strangers, lingering }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_connections_fit_in_the_files() {
        let plenty = Room { sessions: 10_000, strangers: STRANGERS, lingering: LINGERING };
        assert_eq!(Room::of(None, 10_000), plenty);
        assert_eq!(Room::of(Some(65_536), 10_000), plenty);
        for files in [40, 64, 256, 1024, 4096] {
            let Room { sessions, strangers, lingering } = Room::of(Some(files), 10_000);
            assert_eq!(sessions + strangers + lingering + OWN_FILES, files);
            assert!(sessions >= 5 && strangers >= 2 && lingering >= 1, "{files}");
        }
        assert_eq!(Room::of(Some(1024), 10).sessions, 10);
        assert!(Room::of(Some(3), 10).sessions > 0);
    }
}
