use super::{Claim, Peer};
use crate::id::UserId;

/// Numbers the slots of the peer table.
pub(crate) type PeerIndex = usize;

/// Holds the peers of a client, in slots that do not move.
///
/// Full, it gives up the one that was used longest ago of those that are offline and have nothing
/// waiting; if there is none, and messages ask for it, of those that are online and have nothing
/// going on; if there is none either, there is no room.
pub(crate) struct PeerTable<S: ?Sized = [Option<Peer>]> {
    slots: S,
}

impl<const N: usize> PeerTable<[Option<Peer>; N]> {
    // Not built on the stack first; see `Client::new`.
    #[inline(never)]
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

    /// Puts a peer into a free slot, or into that of one that can be given up and for which `keep` is
    /// false. The peer then knows whom it has displaced, if the application has to.
    pub(crate) fn insert(
        &mut self,
        mut peer: Peer,
        claim: Claim,
        keep: impl Fn(PeerIndex) -> bool,
    ) -> Option<PeerIndex> {
        let oldest = |may_go: fn(&Peer) -> bool| {
            let all = self.iter().filter(|(index, peer)| may_go(peer) && !keep(*index));
            all.min_by_key(|(_, peer)| peer.used).map(|(index, _)| index)
        };
        let free = self.slots.iter().position(Option::is_none);
        let index = free.or_else(|| oldest(Peer::is_disposable)).or_else(|| match claim {
            Claim::Presence => None,
            Claim::Message => oldest(Peer::is_idle),
        })?;
        if let Some(before) = self.slots[index].take().filter(Peer::is_shown) {
            peer.displaced = Some(before.user);
            peer.news = true;
        }
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
    fn messages_displace_whoever_is_online_and_idle() {
        let mut sized = PeerTable::<[Option<Peer>; 2]>::new();
        let table: &mut PeerTable = &mut sized;
        for (name, used) in [("a", 2), ("b", 1)] {
            let mut peer = peer(name, used, true);
            peer.told.online = true;
            assert!(table.insert(peer, Claim::Presence, |_| false).is_some());
        }
        assert_eq!(table.insert(peer("c", 9, true), Claim::Presence, |_| false), None);
        assert_eq!(table.insert(peer("c", 9, true), Claim::Message, |_| false), Some(1));
        let newcomer = table.get_mut(1).expect("there");
        assert_eq!(newcomer.displaced.take(), UserId::new("b").ok());
        newcomer.is_watched = true;
        assert_eq!(table.insert(peer("d", 9, true), Claim::Message, |_| false), Some(0));
        assert_eq!(table.insert(peer("e", 9, true), Claim::Message, |_| false), None, "news");
    }

    #[test]
    fn a_full_table_gives_up_the_longest_unused_offline_peer() {
        let mut sized = PeerTable::<[Option<Peer>; 3]>::new();
        let table: &mut PeerTable = &mut sized;
        for (name, used, online) in [("a", 1, true), ("b", 3, false), ("c", 2, false)] {
            assert!(table.insert(peer(name, used, online), Claim::Presence, |_| false).is_some());
        }
        assert_eq!(table.insert(peer("d", 9, true), Claim::Presence, |_| false), Some(2));
        assert_eq!(
            table.insert(peer("e", 9, true), Claim::Presence, |index| index == 1),
            None,
            "kept by its link"
        );
        assert_eq!(table.insert(peer("e", 9, true), Claim::Presence, |_| false), Some(1));
        assert_eq!(table.insert(peer("f", 9, true), Claim::Presence, |_| false), None);
        assert_eq!(table.find(&UserId::new("a").expect("valid")), Some(0));
        assert_eq!(table.find(&UserId::new("b").expect("valid")), None);
    }
}
