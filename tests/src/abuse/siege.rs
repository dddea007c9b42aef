use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use breeze_core::error::LoginRefusal;
use breeze_core::io::Event;

use super::attack::Attack;
use super::field::{Field, Tally};
use super::honest::Honest;
use super::resources::Resources;
use crate::device::random;
use crate::{Device, PATIENCE, ServerOptions, TestServer};

/// Messages that the honest pair exchanges before the attack, during it and after it, at least.
const ROUNDS: usize = 50;
/// Newcomers that want to log in during the attack.
const NEWCOMERS: usize = 5;

/// Is an attack on a live server, among honest users.
pub struct Siege {
    attack: Attack,
    size: usize,
    time: Duration,
    options: ServerOptions,
}

/// Is how an attack went.
#[derive(Debug, Default)]
pub struct Report {
    /// How long the honest pair's messages took: before, during and after the attack.
    pub trips: [Vec<Duration>; 3],
    /// How often one of the pair lost its session.
    pub thrown_out: usize,
    /// Whether all its messages have arrived, once and in order.
    pub is_whole: bool,
    /// How long newcomers took to log in during the attack; none for those that did not get in.
    pub newcomers: Vec<Option<Duration>>,
    /// What newcomers were refused with.
    pub refusals: Vec<LoginRefusal>,
    /// What the server had before the attack, at its height and once it was over.
    pub resources: [Resources; 3],
    /// How long it took from the end of the attack until a newcomer was in, and nothing was left of
    /// the attackers' connections.
    pub recovery: Duration,
    /// What the attackers saw.
    pub tally: Tally,
    /// What the server wrote in its log meanwhile.
    pub log: Vec<String>,
}

impl Siege {
    /// Plans an attack by so many, on a server with default options.
    pub fn new(attack: Attack, size: usize) -> Self {
        Self { attack, size, time: Duration::ZERO, options: ServerOptions::new() }
    }

    /// Has it last for so long, at least.
    pub fn lasting(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Starts the server with other options.
    pub fn server(mut self, change: impl FnOnce(ServerOptions) -> ServerOptions) -> Self {
        self.options = change(self.options);
        self
    }

    /// Starts a server and the honest, attacks, and tells how it went.
    #[track_caller]
    pub fn run(self) -> Report {
        let Self { attack, size, time, options } = self;
        let server = options.start();
        let pid = server.process().pid();
        let honest = Honest::start(server.address());
        honest.wait_rounds(ROUNDS);
        let mut report = Report::default();
        report.resources[0] = Resources::of(pid);
        Resources::forget_peak(pid);
        let log = server.process().log().len();

        let (begin, enough) = (Instant::now(), AtomicBool::new(false));
        let field = Field { server: server.address(), size, until: begin + time, enough: &enough };
        let end = thread::scope(|scope| {
            let attackers = scope.spawn(|| (attack.run)(&field));
            honest.wait_rounds(ROUNDS);
            for number in 0..NEWCOMERS {
                let came = newcomer(&server, &format!("newcomer{number}"), &mut report.refusals);
                report.newcomers.push(came);
            }
            // Until there is nothing more to come of it.
            while !attackers.is_finished() && Instant::now() < field.until {
                thread::sleep(Duration::from_millis(10));
            }
            report.resources[1] = Resources::of(pid);
            enough.store(true, Ordering::Relaxed);
            report.tally = attackers.join().expect("the attackers' tally");
            Instant::now()
        });
        report.resources[1].peak = Resources::of(pid).peak;

        let mut refusals = Vec::new();
        let limit = end + PATIENCE;
        while newcomer(&server, "last", &mut refusals).is_none() {
            assert!(Instant::now() < limit, "nobody can log in after the attack: {refusals:?}");
        }
        // The last one's goes as well, a moment later.
        while Resources::of(pid).files > report.resources[0].files {
            assert!(Instant::now() < limit, "files stay open: {:?}", Resources::of(pid));
            thread::sleep(Duration::from_millis(10));
        }
        report.recovery = end.elapsed();
        let recovered = Instant::now();
        honest.wait_rounds(ROUNDS);
        report.resources[2] = Resources::of(pid);
        let account = honest.finish();
        report.thrown_out = account.thrown_out;
        report.is_whole = account.is_whole;
        for (sent, took) in account.trips {
            let phase = if sent < begin {
                0
            } else if sent < end {
                1
            } else {
                2
            };
            if phase < 2 || sent >= recovered {
                report.trips[phase].push(took);
            }
        }
        let entries = server.process().log().entries();
        report.log = entries.into_iter().skip(log).map(|entry| entry.item).collect();
        report
    }
}

impl Report {
    /// Returns how long it took the given part of the messages in a phase, the quickest first.
    pub fn quantile(&self, phase: usize, part: f64) -> Duration {
        let mut trips = self.trips[phase].clone();
        trips.sort_unstable();
        let last = trips.len().saturating_sub(1);
        trips.get((last as f64 * part).round() as usize).copied().unwrap_or_default()
    }
}

/// Logs in as somebody new, and returns how long that took; none if it does not succeed in the time
/// that a person would wait.
fn newcomer(server: &TestServer, user: &str, refusals: &mut Vec<LoginRefusal>) -> Option<Duration> {
    let start = Instant::now();
    let mut device = Device::new(server.address(), user, random(), "");
    while let Some(event) = device.next_event(start + PATIENCE / 4) {
        match event {
            Event::Connected { .. } => return Some(start.elapsed()),
            Event::LoginRefused { refusal } => {
                refusals.push(refusal);
                return None;
            }
            _ => {}
        }
    }
    None
}
