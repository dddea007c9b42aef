use super::Op;
use super::random::Random;

/// Random choices of surviving sectors, for each wait for the disk.
const CHOICES: usize = 6;

/// Is a workload that ran up to a clean end, write by write.
pub struct Recording<T> {
    /// What was on the disk before.
    pub start: Vec<u8>,
    /// What was done since.
    pub log: Vec<Op>,
    /// How things stood before the first step and after each, and how long the log was when the
    /// step was reported done.
    pub states: Vec<(usize, T)>,
}

impl<T> Recording<T> {
    /// Calls `check` with every image to be tried of what a loss of power could have left, the
    /// states that it may be in, and the number of operations that had been waited for.
    pub fn for_each_crash(&self, seed: u64, mut check: impl FnMut(Vec<u8>, &[&T], usize)) {
        let mut random = Random(seed);
        let mut durable = self.start.clone();
        let mut from = 0;
        while from < self.log.len() {
            let pending = self.log[from..].iter().take_while(|op| !matches!(op, Op::Sync)).count();
            let ops = &self.log[from..from + pending];
            let allowed = self.allowed(from + pending);
            let mut tried = Vec::new();
            let mut crash = |survivors: Vec<Op>| {
                if tried.contains(&survivors) {
                    return;
                }
                let mut image = durable.clone();
                survivors.iter().for_each(|op| op.apply(&mut image));
                tried.push(survivors);
                check(image, &allowed, from);
            };
            crash(Vec::new());
            for n in 0..pending {
                // The first ones, with the last of them whole or torn; all but one; only one.
                crash(ops[..=n].to_vec());
                crash([&ops[..n], &[ops[n].torn()]].concat());
                crash([&ops[..n], &ops[n + 1..]].concat());
                crash([&ops[..n], &[ops[n].torn()], &ops[n + 1..]].concat());
                crash(vec![ops[n].clone()]);
            }
            for _ in 0..CHOICES {
                crash(ops.iter().flat_map(|op| op.sectors(|| random.next() & 1 == 0)).collect());
            }
            ops.iter().for_each(|op| op.apply(&mut durable));
            from += pending + 1;
        }
    }

    /// Returns the states that may be found if power fails before the wait for the disk that is the
    /// operation `sync`: whatever was reported done by then has to be there, the next step may be.
    fn allowed(&self, sync: usize) -> Vec<&T> {
        let done = self.states.iter().rposition(|(at, _)| *at <= sync).unwrap_or(0);
        self.states[done..].iter().take(2).map(|(_, state)| state).collect()
    }
}
