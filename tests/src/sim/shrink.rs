use super::{Failure, Scenario, Step, run};

/// Leaves out of a failing scenario whatever it fails without, in at most `runs` runs. Returns what
/// remains, and how it fails.
pub fn shrink(scenario: &Scenario, failure: Failure, runs: usize) -> (Scenario, Failure) {
    let (mut best, mut how) = (scenario.clone(), failure);
    let mut left = runs;
    let mut size = best.steps.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        while at < best.steps.len() && left > 0 {
            left -= 1;
            let shorter = without(&best, at, size);
            match run(&shorter) {
                Err(failure) => (best, how) = (shorter, failure),
                Ok(_) => at += size,
            }
        }
        if size == 1 || left == 0 {
            return (best, how);
        }
        size = size.div_ceil(2);
    }
}

/// Leaves some steps out; the time that they took passes all the same.
fn without(scenario: &Scenario, at: usize, count: usize) -> Scenario {
    let end = (at + count).min(scenario.steps.len());
    let pause = scenario.steps[at..end].iter().map(|step| step.after).sum();
    let mut steps: Vec<Step> = scenario.steps[..at].to_vec();
    let mut rest = scenario.steps[end..].iter().copied();
    steps.extend(rest.next().map(|next| Step { after: next.after + pause, ..next }));
    steps.extend(rest);
    Scenario { steps, ..scenario.clone() }
}
