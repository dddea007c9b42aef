use super::field::{Field, Tally};
use super::{strangers, users};

/// Is one way to abuse a server.
#[derive(Clone, Copy, Debug)]
pub struct Attack {
    /// What it is called.
    pub name: &'static str,
    /// What its attackers do, in a few words.
    pub what: &'static str,
    /// Attackers, or tries, when it is done in full.
    pub size: usize,
    pub(super) run: fn(&Field<'_>) -> Tally,
}

impl Attack {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self {
            name: "trickles",
            what: "log-ins of a byte each 100 ms",
            size: 2_000,
            run: strangers::trickles,
        },
        Self {
            name: "half-handshakes",
            what: "handshakes that stop after their first message",
            size: 2_000,
            run: strangers::half_handshakes,
        },
        Self {
            name: "crowd",
            what: "connections beyond the bound that say nothing",
            size: 4_000,
            run: strangers::crowd,
        },
        Self {
            name: "fragments",
            what: "strangers that begin a frame of 64 KiB",
            size: 2_000,
            run: strangers::fragments,
        },
        Self { name: "nonsense", what: "random bytes", size: 3_000, run: strangers::nonsense },
        Self {
            name: "replays",
            what: "valid records said again",
            size: 2_000,
            run: strangers::replays,
        },
        Self {
            name: "bad-log-ins",
            what: "wrong codes and names of others",
            size: 10_000,
            run: users::bad_log_ins,
        },
        Self {
            name: "full-house",
            what: "log-ins beyond --max-sessions",
            size: 1_500,
            run: users::full_house,
        },
        Self {
            name: "deaf",
            what: "users who read nothing, and one who writes to them",
            size: 400,
            run: users::deaf,
        },
        Self {
            name: "heedless",
            what: "a user who ignores its window",
            size: 500,
            run: users::heedless,
        },
    ];

    /// Returns the one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attack| attack.name == name)
    }
}
