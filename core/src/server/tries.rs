use alloc::collections::BTreeMap;
use core::net::IpAddr;
use core::time::Duration;

use crate::id::UserId;
use crate::limits::{MAX_TRIES, TRIES_PER_ADDRESS, TRIES_PER_NAME};
use crate::time::Instant;

/// Counts log-ins that failed, by address and by user name, and says when there were too many:
/// some at once, and then one in a while (PROTOCOL.md, "Login").
#[derive(Debug, Default)]
pub(super) struct Tries {
    addresses: Meter<IpAddr>,
    names: Meter<UserId>,
}

impl Tries {
    /// Tells whether another try from this address, or for this name, has to wait.
    pub(super) fn are_too_many(&self, now: Instant, from: IpAddr, user: &UserId) -> bool {
        self.addresses.is_over(now, &network(from), TRIES_PER_ADDRESS)
            || self.names.is_over(now, user, TRIES_PER_NAME)
    }

    /// Notes that a code or password was wrong.
    pub(super) fn on_wrong_code(&mut self, now: Instant, from: IpAddr, user: &UserId) {
        self.on_refused(now, from);
        self.names.note(now, user.clone(), TRIES_PER_NAME);
    }

    /// Notes that somebody claimed a name that is not theirs. That counts for the address alone, or
    /// anybody could keep a name's owner from enrolling.
    pub(super) fn on_refused(&mut self, now: Instant, from: IpAddr) {
        self.addresses.note(now, network(from), TRIES_PER_ADDRESS);
    }
}

/// Returns what one customer of a network has: an IPv4 address, or 64 bits of an IPv6 one.
pub(super) fn network(addr: IpAddr) -> IpAddr {
    match addr.to_canonical() {
        IpAddr::V4(addr) => addr.into(),
        IpAddr::V6(addr) => {
            let [a, b, c, d, ..] = addr.segments();
            [a, b, c, d, 0, 0, 0, 0].into()
        }
    }
}

/// Remembers for each key until when its tries are used up, were each to take its interval.
///
/// It holds [`MAX_TRIES`] keys. Full, it forgets those that have all their tries again, and if there
/// are none, the one that has them soonest.
#[derive(Debug)]
struct Meter<K> {
    used_until: BTreeMap<K, Instant>,
}

/// How many tries there are at once, and after which time there is one more.
type Allowance = (u32, Duration);

impl<K: Ord + Clone> Meter<K> {
    fn is_over(&self, now: Instant, key: &K, (burst, interval): Allowance) -> bool {
        self.used_until.get(key).is_some_and(|until| *until > now + interval * (burst - 1))
    }

    fn note(&mut self, now: Instant, key: K, (_, interval): Allowance) {
        if self.used_until.len() >= MAX_TRIES && !self.used_until.contains_key(&key) {
            self.make_room(now);
        }
        let until = self.used_until.entry(key).or_insert(now);
        *until = (*until).max(now) + interval;
    }

    fn make_room(&mut self, now: Instant) {
        self.used_until.retain(|_, until| *until > now);
        if self.used_until.len() < MAX_TRIES {
            return;
        }
        let soonest = self.used_until.iter().min_by_key(|(_, until)| **until);
        if let Some(key) = soonest.map(|(key, _)| key.clone()) {
            self.used_until.remove(&key);
        }
    }
}

impl<K> Default for Meter<K> {
    fn default() -> Self {
        Self { used_until: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 7));

    fn at(secs: u64) -> Instant {
        Instant::from_millis(secs * 1000)
    }

    fn user(n: usize) -> UserId {
        UserId::new(&std::format!("user{n}")).expect("user")
    }

    #[test]
    fn a_name_has_some_tries_and_then_one_in_a_while() {
        let mut tries = Tries::default();
        let (burst, interval) = TRIES_PER_NAME;
        let elsewhere = |n: u32| IpAddr::from([10, 0, 0, n as u8]);
        for n in 0..burst {
            assert!(!tries.are_too_many(at(0), elsewhere(n), &user(0)), "{n}");
            tries.on_wrong_code(at(0), elsewhere(n), &user(0));
        }
        assert!(tries.are_too_many(at(0), elsewhere(99), &user(0)));
        assert!(!tries.are_too_many(at(0), elsewhere(99), &user(1)), "others are not blocked");
        let later = at(0) + interval;
        assert!(!tries.are_too_many(later, elsewhere(99), &user(0)));
        tries.on_wrong_code(later, elsewhere(99), &user(0));
        assert!(tries.are_too_many(later, elsewhere(98), &user(0)));
    }

    #[test]
    fn an_address_has_some_tries_whatever_the_names() {
        let mut tries = Tries::default();
        let (burst, interval) = TRIES_PER_ADDRESS;
        for n in 0..burst as usize {
            assert!(!tries.are_too_many(at(0), FROM, &user(n)));
            tries.on_refused(at(0), FROM);
        }
        assert!(tries.are_too_many(at(0), FROM, &user(99)));
        let mapped = "::ffff:192.0.2.7".parse().expect("address");
        assert!(tries.are_too_many(at(0), mapped, &user(99)));
        assert!(!tries.are_too_many(at(0) + interval, FROM, &user(99)));
        // One network, many addresses.
        for n in 0..burst {
            let from = std::format!("2001:db8::{n:x}").parse().expect("address");
            tries.on_refused(at(0), from);
        }
        let next: IpAddr = "2001:db8::ffff".parse().expect("address");
        assert!(tries.are_too_many(at(0), next, &user(99)));
    }

    #[test]
    #[cfg_attr(miri, ignore = "takes minutes")]
    fn the_tables_are_bounded() {
        let mut tries = Tries::default();
        for n in 0..MAX_TRIES + 100 {
            let from = IpAddr::from((n as u32).to_be_bytes());
            tries.on_wrong_code(at(n as u64 / 100), from, &user(n));
        }
        assert!(tries.addresses.used_until.len() <= MAX_TRIES);
        assert!(tries.names.used_until.len() <= MAX_TRIES);
    }
}
