use crate::time::Instant;

/// Holds one deadline for each slot of another table.
///
/// Setting a deadline takes constant time. The next deadline is known as a lower bound: clearing
/// the earliest leaves it standing, which costs one early wake-up and no search.
#[derive(Debug)]
pub(crate) struct TimerTable<S: ?Sized = [Instant]> {
    earliest: Instant,
    deadlines: S,
}

impl<const N: usize> TimerTable<[Instant; N]> {
    // Not built on the stack first; see `Client::new`.
    #[inline(never)]
    pub(crate) const fn new() -> Self {
        Self { earliest: Instant::NEVER, deadlines: [Instant::NEVER; N] }
    }
}

impl TimerTable {
    /// Sets the deadline of a slot; [`Instant::NEVER`] clears it.
    pub(crate) fn set(&mut self, slot: usize, at: Instant) {
        self.deadlines[slot] = at;
        self.earliest = self.earliest.min(at);
    }

    /// Returns a time at or before the earliest deadline.
    pub(crate) fn next(&self) -> Instant {
        self.earliest
    }

    /// Takes out one slot whose deadline has come.
    pub(crate) fn pop_expired(&mut self, now: Instant) -> Option<usize> {
        if self.earliest > now {
            return None;
        }
        let expired = self.deadlines.iter().position(|&at| at <= now);
        match expired {
            Some(slot) => self.deadlines[slot] = Instant::NEVER,
            None => {
                self.earliest = self.deadlines.iter().copied().min().unwrap_or(Instant::NEVER);
            }
        }
        expired
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn deadlines_expire_once_and_the_bound_recovers() {
        let mut sized = TimerTable::<[Instant; 3]>::new();
        let table: &mut TimerTable = &mut sized;
        table.set(0, at(50));
        table.set(1, at(20));
        table.set(2, at(30));
        assert_eq!(table.next(), at(20));
        table.set(1, at(40));
        assert_eq!(table.next(), at(20), "a lower bound");
        assert_eq!(table.pop_expired(at(20)), None);
        assert_eq!(table.next(), at(30));
        assert_eq!(table.pop_expired(at(45)), Some(1));
        assert_eq!(table.pop_expired(at(45)), Some(2));
        assert_eq!(table.pop_expired(at(45)), None);
        assert_eq!(table.next(), at(50));
        table.set(0, Instant::NEVER);
        assert_eq!(table.pop_expired(at(60)), None);
        assert_eq!(table.next(), Instant::NEVER);
    }
}
