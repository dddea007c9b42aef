//! Whether the other end of a link is alive.

use core::time::Duration;

use crate::error::CloseReason;
use crate::time::{Instant, Span};

/// Watches one link: asks for a sign of life when this side has been quiet, and gives up when
/// nothing at all has arrived for too long. Any traffic counts.
#[derive(Clone, Debug)]
pub(crate) struct KeepAlive {
    interval: Span,
    idle: Span,
    received: Instant,
    sent: Instant,
    probe: Option<Probe>,
}

/// A question asked out of turn, with less patience than the idle limit.
#[derive(Clone, Copy, Debug)]
struct Probe {
    deadline: Instant,
    reason: CloseReason,
}

/// What a link's silence calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing now.
    Alive,
    /// Send a ping.
    Ping,
    /// Give the link up.
    Dead(CloseReason),
}

impl KeepAlive {
    pub(crate) const fn new(now: Instant, interval: Span, idle: Span) -> Self {
        Self { interval, idle, received: now, sent: now, probe: None }
    }

    pub(crate) const fn interval(&self) -> Span {
        self.interval
    }

    pub(crate) const fn idle(&self) -> Span {
        self.idle
    }

    /// Takes over the agreed interval and limit.
    pub(crate) fn agree(&mut self, interval: Span, idle: Span) {
        self.interval = interval;
        self.idle = idle;
    }

    /// Notes that bytes arrived.
    pub(crate) fn on_received(&mut self, now: Instant) {
        self.received = now;
        self.probe = None;
    }

    /// Notes that bytes were handed to the host for sending.
    pub(crate) fn on_sent(&mut self, now: Instant) {
        self.sent = now;
    }

    /// Starts a probe: unless anything arrives within `limit`, the link is dead for `reason`.
    /// Returns whether a ping is needed, which is not the case while a probe is under way; the
    /// more impatient of the two holds.
    pub(crate) fn probe(&mut self, now: Instant, limit: Duration, reason: CloseReason) -> bool {
        let deadline = now + limit;
        match &mut self.probe {
            Some(probe) => {
                if deadline < probe.deadline {
                    *probe = Probe { deadline, reason };
                }
                false
            }
            None => {
                self.probe = Some(Probe { deadline, reason });
                true
            }
        }
    }

    /// Judges the link at `now`.
    pub(crate) fn judge(&self, now: Instant) -> Verdict {
        match self.probe {
            Some(probe) if now >= probe.deadline => return Verdict::Dead(probe.reason),
            _ => {}
        }
        if now >= self.received + self.idle {
            Verdict::Dead(CloseReason::Idle)
        } else if now >= self.sent + self.interval {
            Verdict::Ping
        } else {
            Verdict::Alive
        }
    }

    /// Returns when to judge next; `pings` says whether this side pings at all.
    pub(crate) fn deadline(&self, pings: bool) -> Instant {
        let probe = self.probe.map_or(Instant::NEVER, |probe| probe.deadline);
        let ping = if pings { self.sent + self.interval } else { Instant::NEVER };
        (self.received + self.idle).min(ping).min(probe)
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    const INTERVAL: Span = Span::from_millis(10_000);
    const IDLE: Span = Span::from_millis(30_000);

    fn at(secs: u64) -> Instant {
        Instant::from_millis(secs * 1000)
    }

    #[test]
    fn pings_when_quiet_and_gives_up_when_idle() {
        let mut alive = KeepAlive::new(at(0), INTERVAL, IDLE);
        assert_eq!(alive.deadline(true), at(10));
        assert_eq!(alive.deadline(false), at(30));
        assert_eq!(alive.judge(at(9)), Verdict::Alive);
        assert_eq!(alive.judge(at(10)), Verdict::Ping);
        alive.on_sent(at(10));
        assert_eq!(alive.judge(at(19)), Verdict::Alive);
        alive.on_received(at(25));
        assert_eq!(alive.judge(at(54)), Verdict::Ping);
        assert_eq!(alive.judge(at(55)), Verdict::Dead(CloseReason::Idle));
    }

    #[test]
    fn a_probe_is_less_patient_and_anything_answers_it() {
        let mut alive = KeepAlive::new(at(0), INTERVAL, IDLE);
        assert!(alive.probe(at(5), Duration::from_secs(4), CloseReason::Silent));
        assert!(!alive.probe(at(6), Duration::from_secs(1), CloseReason::PeerOffline));
        assert_eq!(alive.deadline(true), at(7), "the more impatient one holds");
        assert_eq!(alive.judge(at(7)), Verdict::Dead(CloseReason::PeerOffline));
        alive.on_received(at(7));
        assert_eq!(alive.judge(at(9)), Verdict::Alive);
    }
}
