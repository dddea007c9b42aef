use std::time::Duration;

use super::{Action, Faults, members};
use crate::world::{Barrier, Fragments, Member, Rng};

/// Is what happens in one run, drawn from a seed: the same seed gives the same scenario, and the same
/// scenario the same run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it was drawn from.
    pub seed: u64,
    /// The clients.
    pub members: Vec<Member>,
    /// Messages that the server keeps for each user.
    pub quota: usize,
    /// How long the server's disk takes for anything.
    pub disk_time: Duration,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// Is one thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// How long after the one before.
    pub after: Duration,
    /// What.
    pub action: Action,
}

/// One step in so many is a fault, where there are any.
const FAULT_EVERY: u64 = 6;
/// After one step in so many there is one with files, where there are any.
const FILE_EVERY: u64 = 40;
/// The longest pause between two steps of a busy hour.
const PAUSE: Duration = Duration::from_millis(1400);

impl Scenario {
    /// Draws the scenario of a seed: so many clients, for so long.
    pub fn draw(seed: u64, clients: usize, length: Duration, faults: Faults) -> Self {
        let mut rng = Rng::new(seed ^ 0x5ce_a210);
        let members = members::draw(&mut rng, clients);
        let is_tight = faults.disk && rng.below(4) == 0;
        let quota = if is_tight { 15 } else { 10_000 };
        let disk_time = Duration::from_millis(if faults.disk { rng.below(400) } else { 5 });
        let mut steps = Vec::new();
        let mut time = Duration::ZERO;
        while time < length {
            // Now and then nothing happens for a while.
            let most = if rng.below(200) == 0 { PAUSE * 60 } else { PAUSE };
            let after = rng.up_to(most);
            time += after;
            let fault = !faults.is_none() && rng.below(FAULT_EVERY) == 0;
            let drawn = if fault { draw_fault(&mut rng, clients, faults) } else { None };
            let action = drawn.unwrap_or_else(|| draw_message(&mut rng, clients));
            steps.push(Step { after, action });
        }
        Self { seed, members, quota, disk_time, steps }
    }

    /// Adds files: offers, and what people do with them. All else stays as it is.
    pub fn with_files(mut self) -> Self {
        let mut rng = Rng::new(self.seed ^ 0xf11e);
        let clients = self.members.len();
        for member in &mut self.members {
            if rng.below(4) == 0 {
                member.file_time = Duration::from_millis(rng.below(900));
            }
        }
        let steps = self.steps.into_iter().flat_map(|mut step| {
            if step.action == Action::Pieces(Fragments::Bytes) {
                // Megabytes, one by one, teach nothing that messages do not.
                step.action = Action::Pieces(Fragments::Random);
            }
            let action = (rng.below(FILE_EVERY) == 0).then(|| draw_file(&mut rng, clients));
            let file = action.map(|action| Step { after: Duration::ZERO, action });
            [Some(step), file].into_iter().flatten()
        });
        self.steps = steps.collect();
        self
    }

    /// Counts the messages.
    pub fn messages(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step.action, Action::Send { .. })).count()
    }
}

fn two(rng: &mut Rng, clients: usize) -> (usize, usize) {
    let a = rng.below(clients as u64) as usize;
    let b = (a + 1 + rng.below(clients as u64 - 1) as usize) % clients;
    (a, b)
}

fn draw_file(rng: &mut Rng, clients: usize) -> Action {
    let (from, to) = two(rng, clients);
    match rng.below(16) {
        0 => Action::Hold(to),
        1 | 2 => Action::Release(to),
        3 => Action::Cancel { by: from, sends: true },
        4 => Action::Cancel { by: from, sends: false },
        5 => Action::Spoil(from),
        6 => Action::Offer { from, to, length: rng.below(3) as usize },
        7 | 8 => Action::Offer { from, to, length: rng.below(2_000_000) as usize },
        _ => Action::Offer { from, to, length: rng.below(600_000) as usize },
    }
}

fn draw_message(rng: &mut Rng, clients: usize) -> Action {
    let (from, to) = two(rng, clients);
    match rng.below(12) {
        0 => Action::Read { by: to, from },
        1 => Action::Send { from, to, length: rng.below(9000) as usize },
        _ => Action::Send { from, to, length: rng.below(60) as usize },
    }
}

fn draw_fault(rng: &mut Rng, clients: usize, faults: Faults) -> Option<Action> {
    let (a, b) = two(rng, clients);
    // Without moves the draws are those of the time before there were any.
    match rng.below(if faults.moves { 32 } else { 30 }) {
        0..=3 if faults.network => Some(Action::Cut(a, b)),
        4 | 5 if faults.network => Some(Action::CutServer(a)),
        6 if faults.network => Some(Action::Silence(a, b)),
        7 if faults.network => Some(Action::SilenceServer(a)),
        8 if faults.network => Some(Action::Isolate(a)),
        9..=12 if faults.network => Some(Action::Heal),
        13 if faults.network => {
            let barrier = if rng.below(2) == 0 { Barrier::Refuse } else { Barrier::Drop };
            Some(Action::Wall(a, Some(barrier)))
        }
        14 | 15 if faults.network => Some(Action::Wall(a, None)),
        16 if faults.network => {
            let latency = Duration::from_millis(rng.below(120));
            Some(Action::Pace(latency, Duration::from_millis(rng.below(60))))
        }
        17 if faults.network => Some(Action::Pieces(match rng.below(8) {
            0 => Fragments::Bytes,
            _ => Fragments::Random,
        })),
        18 if faults.network => Some(Action::Reading(a, false)),
        19 if faults.network => Some(Action::Reading(a, true)),
        20 if faults.server => Some(Action::KillServer),
        21 if faults.server => Some(Action::StartServer),
        22 | 23 if faults.clients => Some(Action::Kill(a)),
        24 if faults.clients => Some(Action::CutPower(a)),
        25..=27 if faults.clients => Some(Action::Start(a)),
        28 if faults.clocks => Some(Action::Jump(a, rng.up_to(Duration::from_secs(7200)))),
        29 if faults.clocks => Some(Action::JumpServer(rng.up_to(Duration::from_secs(7200)))),
        30 | 31 => Some(Action::Move(a)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_scenario() {
        let draw = |seed| Scenario::draw(seed, 5, Duration::from_secs(600), Faults::ALL);
        assert_eq!(draw(1).steps, draw(1).steps);
        assert_ne!(draw(1).steps, draw(2).steps);
        assert!(draw(1).messages() > 100);
    }

    #[test]
    fn without_faults_there_are_messages_alone() {
        let scenario = Scenario::draw(3, 2, Duration::from_secs(60), Faults::NONE);
        let is_quiet =
            |step: &Step| matches!(step.action, Action::Send { .. } | Action::Read { .. });
        assert!(scenario.steps.iter().all(is_quiet));
    }
}
