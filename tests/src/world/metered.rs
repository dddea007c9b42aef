use std::ops::{AddAssign, Deref, DerefMut};
use std::time::Duration;

use breeze_core::Server;
use rustix::time::{ClockId, clock_gettime};

/// Holds a server, and what its work has cost if anybody wants to know.
pub(super) struct Metered {
    server: Server,
    meter: Option<Meter>,
}

/// Counts the work of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meter {
    /// Time that this thread's processor spent in the server's core.
    pub time: Duration,
    /// The part of it that timers took.
    pub timers: Duration,
    /// Calls of the core.
    pub calls: u64,
    /// Bytes that it sent.
    pub bytes: u64,
}

impl AddAssign for Meter {
    fn add_assign(&mut self, other: Self) {
        self.time += other.time;
        self.timers += other.timers;
        self.calls += other.calls;
        self.bytes += other.bytes;
    }
}

/// What a call of the server's core is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chore {
    Timer,
    Other,
}

impl Metered {
    pub(super) const fn new(server: Server) -> Self {
        Self { server, meter: None }
    }

    /// Begins to count, from nothing.
    pub(super) fn begin(&mut self) {
        self.meter = Some(Meter::default());
    }

    /// Ends counting, and tells what was counted.
    pub(super) fn end(&mut self) -> Meter {
        self.meter.take().unwrap_or_default()
    }

    /// Counts bytes that the server sends.
    pub(super) fn count(&mut self, bytes: usize) {
        if let Some(meter) = &mut self.meter {
            meter.bytes += bytes as u64;
        }
    }

    /// Lets the server do something.
    pub(super) fn work(&mut self, chore: Chore) -> Work<'_> {
        let start = self.meter.is_some().then(cpu_time);
        Work { metered: self, chore, start }
    }
}

impl Deref for Metered {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

/// A server at work, until it is dropped.
pub(super) struct Work<'m> {
    metered: &'m mut Metered,
    chore: Chore,
    start: Option<Duration>,
}

impl Deref for Work<'_> {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.metered.server
    }
}

impl DerefMut for Work<'_> {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.metered.server
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        if let (Some(start), Some(meter)) = (self.start, &mut self.metered.meter) {
            let spent = cpu_time().saturating_sub(start);
            meter.calls += 1;
            meter.time += spent;
            if self.chore == Chore::Timer {
                meter.timers += spent;
            }
        }
    }
}

/// The time that the processor has spent on this thread: what others do at the same time is not in
/// it.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
