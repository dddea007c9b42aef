use crate::error::DeliveryFailure;

/// Remembers which numbers failed though earlier ones are still open: some few runs of them, since
/// what makes one fail mostly makes its neighbours fail too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holes([Option<Hole>; Holes::MAX]);

/// A run of numbers.
#[derive(Clone, Copy, Debug)]
struct Hole {
    start: u64,
    end: u64,
    /// Those below were reported as failed.
    told: u64,
    failure: DeliveryFailure,
}

impl Holes {
    /// Runs that are remembered. When that many are open, further failures wait.
    const MAX: usize = 4;

    /// Adds a run that begins behind all others. Returns whether there was room for it.
    pub(crate) fn push(
        &mut self,
        start: u64,
        end: u64,
        is_told: bool,
        failure: DeliveryFailure,
    ) -> bool {
        let told = if is_told { end } else { start };
        if let Some(last) = self.0.iter_mut().flatten().find(|hole| hole.end == start)
            && last.failure == failure
            && (last.told == last.end || !is_told)
        {
            if last.told == last.end {
                last.told = told;
            }
            last.end = end;
            return true;
        }
        let Some(free) = self.0.iter_mut().find(|hole| hole.is_none()) else { return false };
        *free = Some(Hole { start, end, told, failure });
        true
    }

    /// Returns the first number from `seq` on that is in no run.
    pub(crate) fn skip(&self, seq: u64) -> u64 {
        let mut seq = seq;
        while let Some(hole) = self.0.iter().flatten().find(|hole| hole.contains(seq)) {
            seq = hole.end;
        }
        seq
    }

    /// Returns how many numbers right before this one are in runs.
    pub(crate) fn before(&self, seq: u64) -> u64 {
        let mut start = seq;
        while let Some(hole) = self.0.iter().flatten().find(|hole| hole.end == start) {
            start = hole.start;
        }
        seq - start
    }

    /// Takes out the next number to report as failed.
    pub(crate) fn pop(&mut self) -> Option<(u64, DeliveryFailure)> {
        let untold = self.0.iter_mut().flatten().filter(|hole| hole.told < hole.end);
        let hole = untold.min_by_key(|hole| hole.start)?;
        hole.told += 1;
        Some((hole.told - 1, hole.failure))
    }

    /// Forgets the runs below a number.
    pub(crate) fn forget_below(&mut self, seq: u64) {
        for hole in &mut self.0 {
            if hole.is_some_and(|hole| hole.end <= seq) {
                *hole = None;
            }
        }
    }
}

impl Hole {
    fn contains(&self, seq: u64) -> bool {
        (self.start..self.end).contains(&seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: DeliveryFailure = DeliveryFailure::Quota;

    #[test]
    fn neighbours_are_one_run() {
        let mut holes = Holes::default();
        for seq in 5..8 {
            assert!(holes.push(seq, seq + 1, false, QUOTA));
        }
        assert!(holes.push(8, 9, false, DeliveryFailure::TooLarge));
        assert_eq!((holes.skip(4), holes.skip(5), holes.skip(7), holes.skip(9)), (4, 9, 9, 9));
        assert_eq!((holes.before(9), holes.before(5), holes.before(8)), (4, 0, 3));
        let told: std::vec::Vec<_> = core::iter::from_fn(|| holes.pop()).collect();
        let large = DeliveryFailure::TooLarge;
        assert_eq!(told, [(5, QUOTA), (6, QUOTA), (7, QUOTA), (8, large)]);
        holes.forget_below(8);
        assert_eq!((holes.skip(5), holes.skip(8)), (5, 9));
    }

    #[test]
    fn there_is_a_bound_and_room_again() {
        let mut holes = Holes::default();
        for n in 0..Holes::MAX as u64 {
            assert!(holes.push(3 * n, 3 * n + 1, true, QUOTA));
        }
        assert!(!holes.push(100, 101, false, QUOTA));
        assert_eq!(holes.pop(), None, "all were told");
        holes.forget_below(1);
        assert!(holes.push(100, 101, false, QUOTA));
        assert_eq!(holes.pop(), Some((100, QUOTA)));
    }
}
