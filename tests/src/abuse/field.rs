use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Is where an attack takes place.
pub(super) struct Field<'f> {
    /// The server under attack.
    pub(super) server: SocketAddr,
    /// How many attackers there are, or how often each thing is tried.
    pub(super) size: usize,
    /// No sooner does it end, whatever has been done by then.
    pub(super) until: Instant,
    /// Somebody waits for its end, and has seen enough.
    pub(super) enough: &'f AtomicBool,
}

impl Field<'_> {
    /// Tells whether the attack goes on.
    pub(super) fn goes_on(&self) -> bool {
        Instant::now() < self.until || !self.enough.load(Ordering::Relaxed)
    }

    /// Pauses between two waves of an attack.
    pub(super) fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// Counts what attackers were told, or saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<String, usize>);

impl Tally {
    pub(super) fn note(&mut self, what: impl Display) {
        self.add(what, 1);
    }

    pub(super) fn add(&mut self, what: impl Display, count: usize) {
        *self.0.entry(what.to_string()).or_default() += count;
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (what, count) in other.0 {
            self.add(what, count);
        }
    }

    /// Returns how often something was seen.
    pub fn count(&self, what: &str) -> usize {
        self.0.get(what).copied().unwrap_or(0)
    }

    /// Returns how much was seen in all.
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }

    /// Goes through all that was seen, in the order of the words.
    pub fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        self.0.iter().map(|(what, count)| (what.as_str(), *count))
    }
}
