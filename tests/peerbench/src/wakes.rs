//! The clients' deadlines.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

/// Keeps for each client the earliest deadline that it has named. One that is put off later comes
/// all the same and has no effect: so a deadline that moves with every message costs nothing.
#[derive(Default)]
pub struct Wakes {
    heap: BinaryHeap<Reverse<(Instant, usize)>>,
    /// What counts of the heap: the next deadline of each client.
    next: Vec<Option<Instant>>,
}

impl Wakes {
    /// Adds a client's deadline, unless an earlier one is to come anyway.
    pub fn add(&mut self, deadline: Instant, client: usize) {
        if self.next.len() <= client {
            self.next.resize(client + 1, None);
        }
        if self.next[client].is_none_or(|next| deadline < next) {
            self.next[client] = Some(deadline);
            self.heap.push(Reverse((deadline, client)));
        }
    }

    /// Returns how long there is to wait, in whole milliseconds.
    pub fn wait(&self) -> Duration {
        let Some(Reverse((deadline, _))) = self.heap.peek() else { return Duration::MAX };
        let wait = deadline.saturating_duration_since(Instant::now());
        // Rounded up: to wake up too early would be in vain.
        Duration::from_millis(u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX))
    }

    /// Removes a client whose deadline has come.
    pub fn pop(&mut self) -> Option<usize> {
        while let Some(&Reverse((deadline, client))) = self.heap.peek() {
            if deadline > Instant::now() {
                return None;
            }
            self.heap.pop();
            if self.next[client] == Some(deadline) {
                self.next[client] = None;
                return Some(client);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wakes_each_client_at_its_earliest_deadline() {
        let now = Instant::now();
        let later = now + Duration::from_secs(60);
        let mut wakes = Wakes::default();
        assert_eq!((wakes.wait(), wakes.pop()), (Duration::MAX, None));
        for (deadline, client) in [(later, 0), (later, 2), (now, 2), (later, 2)] {
            wakes.add(deadline, client);
        }
        assert_eq!((wakes.wait(), wakes.pop()), (Duration::ZERO, Some(2)));
        assert_eq!(wakes.pop(), None);
        let wait = wakes.wait();
        assert!(wait > Duration::from_secs(50) && wait.subsec_nanos().is_multiple_of(1_000_000));
    }
}
