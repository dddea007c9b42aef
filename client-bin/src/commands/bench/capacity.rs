use breeze_core::noise::Identity;
use breeze_core::time::Instant;
use breeze_core::{Client, Config};

use super::any_client::AnyClient;

/// Says for what a client has room. What it has no use for would only cost the load's own memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capacity {
    /// A session that does nothing.
    Quiet,
    /// One peer, and a full window of short messages.
    Pair,
    /// One peer, and a few of the longest messages.
    Bulk,
    /// Direct links with 127 others.
    Office,
    /// Direct links with 511 others.
    Hall,
}

impl Capacity {
    /// Returns what a conversation in texts of this size takes.
    pub(super) fn of_texts(size: usize) -> Self {
        // At that size, the smaller outbox still holds more than half of the largest window.
        if size <= 128 { Self::Pair } else { Self::Bulk }
    }

    /// Returns what a client takes that has direct links with all others of so many.
    pub(super) fn of_mesh(clients: u32) -> Self {
        if clients <= 128 { Self::Office } else { Self::Hall }
    }

    /// Returns how many links there is room for: beside those that stay, some are in their handshakes,
    /// or not closed yet.
    pub(super) const fn links(self) -> usize {
        match self {
            Self::Quiet => QUIET_LINKS,
            Self::Pair | Self::Bulk => PAIR_LINKS,
            Self::Office => OFFICE_LINKS,
            Self::Hall => HALL_LINKS,
        }
    }

    pub(super) fn client(
        self,
        config: Config,
        identity: Identity,
        secret_seed: [u8; 32],
        now: Instant,
    ) -> Box<dyn AnyClient> {
        match self {
            Self::Quiet => boxed::<2, QUIET_LINKS, 16>(config, identity, secret_seed, now),
            Self::Pair => boxed::<4, PAIR_LINKS, 1024>(config, identity, secret_seed, now),
            Self::Bulk => boxed::<4, PAIR_LINKS, 8192>(config, identity, secret_seed, now),
            Self::Office => boxed::<128, OFFICE_LINKS, 64>(config, identity, secret_seed, now),
            Self::Hall => boxed::<512, HALL_LINKS, 64>(config, identity, secret_seed, now),
        }
    }
}

const QUIET_LINKS: usize = 3;
const PAIR_LINKS: usize = 8;
const OFFICE_LINKS: usize = 160;
const HALL_LINKS: usize = 576;

fn boxed<const PEERS: usize, const LINKS: usize, const BLOCKS: usize>(
    config: Config,
    identity: Identity,
    secret_seed: [u8; 32],
    now: Instant,
) -> Box<dyn AnyClient> {
    Box::new(Client::<PEERS, LINKS, BLOCKS>::new(config, identity, secret_seed, now))
}

#[cfg(test)]
mod tests {
    use breeze_core::id::{DisplayName, UserId};

    use super::*;

    #[test]
    fn a_window_of_short_texts_fits() {
        let config = |name: &str| {
            let user = UserId::new(name).expect("user");
            Config::new(user, DisplayName::new("bench").expect("name"), 1)
        };
        let (now, peer) = (Instant::from_millis(1), UserId::new("peer").expect("user"));
        for (size, window) in
            [(16, 256), (64, 256), (128, 160), (129, 256), (1024, 200), (65_536, 4)]
        {
            let (config, identity) = (config("me"), Identity::from_secret([1; 32]));
            let mut client = Capacity::of_texts(size).client(config, identity, [2; 32], now);
            let text = "x".repeat(size);
            for n in 0..window {
                client.send(now, &peer, &text).unwrap_or_else(|e| panic!("{size}, {n}: {e}"));
            }
        }
    }
}
