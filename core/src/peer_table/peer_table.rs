use super::Peer;
use crate::id::UserId;

/// Numbers the slots of the peer table.
pub(crate) type PeerIndex = usize;

/// Holds the peers of a client, in slots that do not move.
///
/// Full, it gives up the one that was used longest ago of those that are offline and have nothing
/// waiting; if there is none, there is no room.
pub(crate) struct PeerTable<S: ?Sized = [Option<Peer>]> {
    slots: S,
}

impl<const N: usize> PeerTable<[Option<Peer>; N]> {
    pub(crate) const fn new() -> Self {
        Self { slots: [const { None }; N] }
    }
}

impl PeerTable {
    pub(crate) fn get(&self, index: PeerIndex) -> Option<&Peer> {
        self.slots.get(index)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, index: PeerIndex) -> Option<&mut Peer> {
        self.slots.get_mut(index)?.as_mut()
    }

    pub(crate) fn find(&self, user: &UserId) -> Option<PeerIndex> {
        self.slots.iter().position(|slot| slot.as_ref().is_some_and(|peer| peer.user == *user))
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Finds the first peer of whom the application has to hear.
    pub(crate) fn find_news(&self) -> Option<PeerIndex> {
        self.iter().find(|(_, peer)| peer.news).map(|(index, _)| index)
    }

    /// Goes through all peers in the order of their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (PeerIndex, &Peer)> {
        self.slots.iter().enumerate().filter_map(|(index, slot)| Some((index, slot.as_ref()?)))
    }

    /// Puts a peer into a free slot, or into that of a disposable one for which `keep` is false.
    pub(crate) fn insert(
        &mut self,
        peer: Peer,
        keep: impl Fn(PeerIndex) -> bool,
    ) -> Option<PeerIndex> {
        let free = self.slots.iter().position(Option::is_none);
        let index = free.or_else(|| {
            self.iter()
                .filter(|(index, peer)| peer.is_disposable() && !keep(*index))
                .min_by_key(|(_, peer)| peer.used)
                .map(|(index, _)| index)
        })?;
        self.slots[index] = Some(peer);
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Epoch;
    use crate::peer_table::Trust;
    use crate::time::Instant;

    fn peer(name: &str, used: u64, online: bool) -> Peer {
        let user = UserId::new(name).expect("valid");
        let mut peer =
            Peer::new(user, Epoch::from_bits(1), Trust::Server, Instant::from_millis(used));
        peer.online = online;
        peer
    }

    #[test]
    fn a_full_table_gives_up_the_longest_unused_offline_peer() {
        let mut sized = PeerTable::<[Option<Peer>; 3]>::new();
        let table: &mut PeerTable = &mut sized;
        for (name, used, online) in [("a", 1, true), ("b", 3, false), ("c", 2, false)] {
            assert!(table.insert(peer(name, used, online), |_| false).is_some());
        }
        assert_eq!(table.insert(peer("d", 9, true), |_| false), Some(2));
        assert_eq!(table.insert(peer("e", 9, true), |index| index == 1), None, "kept by its link");
        assert_eq!(table.insert(peer("e", 9, true), |_| false), Some(1));
        assert_eq!(table.insert(peer("f", 9, true), |_| false), None);
        assert_eq!(table.find(&UserId::new("a").expect("valid")), Some(0));
        assert_eq!(table.find(&UserId::new("b").expect("valid")), None);
    }
}
