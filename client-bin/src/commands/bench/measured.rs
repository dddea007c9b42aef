use std::time::{Duration, Instant};

use super::crew::Crew;
use super::progress::Progress;
use super::report::Report;
use super::stopwatch::Phase;
use super::usage::{self, CpuTime};
use super::venue::Venue;

/// Is how long something took, and the time of processors in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    pub(super) elapsed: Duration,
    /// The server's, if it is known.
    pub(super) server: Option<Duration>,
    /// That of the load, if it is known.
    load: Option<Duration>,
}

/// Begins a measurement.
pub(super) struct Measuring {
    since: Instant,
    server: Option<CpuTime>,
    load: Option<CpuTime>,
}

impl Measuring {
    pub(super) fn begin(venue: &Venue) -> Self {
        let (server, load) = (venue.cpu_time(), usage::cpu_time(std::process::id()));
        Self { since: Instant::now(), server, load }
    }

    /// Returns how long it has gone on.
    pub(super) fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    pub(super) fn end(self, venue: &Venue) -> Measured {
        let elapsed = self.since.elapsed();
        let (server, load) = (venue.cpu_time(), usage::cpu_time(std::process::id()));
        let between = |earlier: Option<CpuTime>, later: Option<CpuTime>| {
            earlier.zip(later).map(|(earlier, later)| later.since(&earlier))
        };
        Measured { elapsed, server: between(self.server, server), load: between(self.load, load) }
    }
}

impl Measured {
    /// Measures a phase for a while.
    pub(super) async fn phase(
        crew: &Crew,
        venue: &Venue,
        phase: Phase,
        duration: Duration,
        progress: Progress,
    ) -> Self {
        let measuring = Measuring::begin(venue);
        crew.stopwatch.begin(phase);
        progress.measuring("measuring", duration).await;
        crew.stopwatch.end();
        measuring.end(venue)
    }

    /// Says how many there were in a second.
    pub(super) fn per_second(&self, count: u64) -> f64 {
        count as f64 / self.elapsed.as_secs_f64()
    }

    /// Says how many there were in a second of the server's processors; nothing if it took no time
    /// that could be seen.
    pub(super) fn per_server_cpu_second(&self, count: u64) -> Option<f64> {
        let server = self.server.filter(|time| !time.is_zero())?;
        Some(count as f64 / server.as_secs_f64())
    }

    /// Adds how busy both sides were, 100 for one processor.
    pub(super) fn add_load(&self, report: &mut Report) {
        let percent = |time: Duration| 100.0 * time.as_secs_f64() / self.elapsed.as_secs_f64();
        report.add_known("server_cpu_percent", self.server.map(percent));
        report.add_known("load_cpu_percent", self.load.map(percent));
    }
}
