use core::cmp::Reverse;
use core::net::IpAddr;
use core::num::NonZeroU64;

use alloc::collections::BTreeMap;

use super::tries::network;
use crate::id::LinkId;

/// Lists the links that have no session, by the networks that they come from, so that room is made
/// at the cost of whoever takes most of it.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    networks: BTreeMap<IpAddr, BTreeMap<NonZeroU64, LinkId>>,
    len: usize,
    /// The number of the last link that was added.
    last: Option<NonZeroU64>,
}

impl Strangers {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Adds a link, and returns its number among all that were added.
    pub(super) fn add(&mut self, from: IpAddr, link: LinkId) -> NonZeroU64 {
        let number = self.last.map_or(NonZeroU64::MIN, |last| last.saturating_add(1));
        self.last = Some(number);
        self.len += 1;
        self.networks.entry(network(from)).or_default().insert(number, link);
        number
    }

    /// Removes the link that was added under a number.
    pub(super) fn remove(&mut self, from: IpAddr, arrival: NonZeroU64) {
        let network = network(from);
        let Some(links) = self.networks.get_mut(&network) else { return };
        self.len -= usize::from(links.remove(&arrival).is_some());
        if links.is_empty() {
            self.networks.remove(&network);
        }
    }

    /// Returns the oldest link of the network that has most of them; of several, the oldest.
    pub(super) fn next_to_go(&self) -> Option<LinkId> {
        let oldest = self.networks.values().filter_map(|links| {
            let (arrival, link) = links.first_key_value()?;
            Some((links.len(), Reverse(*arrival), *link))
        });
        oldest.max_by_key(|(len, arrival, _)| (*len, *arrival)).map(|(.., link)| link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(n: u32) -> LinkId {
        LinkId::new(n, 1)
    }

    #[test]
    fn the_oldest_of_the_greediest_network_goes_first() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("address");
        let mut strangers = Strangers::default();
        assert_eq!(strangers.next_to_go(), None);
        let lone = strangers.add(ip("192.0.2.1"), link(0));
        // Many addresses, and one network.
        let first = strangers.add(ip("2001:db8::1"), link(1));
        let second = strangers.add(ip("2001:db8::2"), link(2));
        assert_eq!((strangers.len(), strangers.next_to_go()), (3, Some(link(1))));
        strangers.remove(ip("2001:db8::1"), first);
        strangers.remove(ip("2001:db8::1"), first);
        assert_eq!(strangers.len(), 2);
        strangers.add(ip("::ffff:192.0.2.1"), link(3));
        assert_eq!(strangers.next_to_go(), Some(link(0)));
        strangers.remove(ip("192.0.2.1"), lone);
        strangers.remove(ip("2001:db8::2"), second);
        assert_eq!((strangers.len(), strangers.next_to_go()), (1, Some(link(3))));
        strangers.add(ip("192.0.2.0"), link(4));
        strangers.add(ip("203.0.113.1"), link(5));
        assert_eq!(strangers.next_to_go(), Some(link(3)));
    }
}
