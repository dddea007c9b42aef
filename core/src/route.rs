//! Direct or relay: a pure choice.

/// Says how messages to a peer travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Path {
    /// On a direct link.
    Direct,
    /// Through the server.
    Relay,
    /// Not at all for now: they wait.
    None,
}

impl Path {
    /// Returns the name that scripts read.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Relay => "relay",
            Self::None => "none",
        }
    }
}

/// What the choice depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ways {
    /// A direct link to the peer is up.
    pub direct: bool,
    /// The session with the server is up.
    pub server: bool,
    /// The server keeps messages for the peer, which come before all others.
    pub stored: bool,
    /// The server says, or last said, that the peer is online.
    pub online: bool,
    /// The peer was online before the server was lost, and has a little time to come back.
    pub returning: bool,
}

/// Chooses where messages to a peer go.
///
/// Behind messages that the server keeps, others go the same way, so that they arrive in order.
/// With a server, messages for a peer that is not online go there too: the server knows best, and
/// its refusal is what the sender reports.
pub(crate) const fn choose(ways: Ways) -> Path {
    match ways {
        Ways { stored: true, server: true, .. } => Path::Relay,
        Ways { direct: true, .. } => Path::Direct,
        Ways { server: false, .. } | Ways { returning: true, online: false, .. } => Path::None,
        Ways { server: true, .. } => Path::Relay,
    }
}

/// Says which path to show for a peer: a relay to somebody who is not there is none.
pub(crate) const fn shown(ways: Ways) -> Path {
    match choose(ways) {
        Path::Relay if !ways.online => Path::None,
        path => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_is_a_table() {
        let ways = |direct, server, online, returning| {
            let stored = false;
            Ways { direct, server, stored, online, returning }
        };
        let stored = |ways| Ways { stored: true, ..ways };
        for (given, chosen, seen) in [
            (ways(true, true, true, false), Path::Direct, Path::Direct),
            (ways(true, false, false, false), Path::Direct, Path::Direct),
            (ways(false, true, true, false), Path::Relay, Path::Relay),
            (ways(false, true, true, true), Path::Relay, Path::Relay),
            (ways(false, true, false, false), Path::Relay, Path::None),
            (ways(false, true, false, true), Path::None, Path::None),
            (ways(false, false, true, false), Path::None, Path::None),
            (stored(ways(true, true, true, false)), Path::Relay, Path::Relay),
            (stored(ways(true, false, true, false)), Path::Direct, Path::Direct),
            (stored(ways(false, true, false, false)), Path::Relay, Path::None),
            (stored(ways(false, false, true, false)), Path::None, Path::None),
        ] {
            assert_eq!((choose(given), shown(given)), (chosen, seen), "{given:?}");
        }
    }
}
