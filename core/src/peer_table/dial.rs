use crate::limits::REDIAL_PAUSES;
use crate::random::Random;
use crate::time::Instant;
use crate::timer::Backoff;

/// Decides when a peer is dialled, and at which of its addresses next.
#[derive(Clone, Debug)]
pub(crate) struct Dial {
    state: DialState,
    backoff: Backoff,
}

/// Where dialling a peer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DialState {
    /// Not wanted.
    Idle,
    /// Wanted, from this time on.
    Waiting(Instant),
    /// Under way: candidate `next` is dialled at `at` unless an earlier one has answered.
    Racing {
        /// The index of the next candidate.
        next: usize,
        /// When it is dialled.
        at: Instant,
    },
}

impl Dial {
    pub(crate) const IDLE: Self =
        Self { state: DialState::Idle, backoff: Backoff::new(REDIAL_PAUSES) };

    pub(crate) const fn state(&self) -> DialState {
        self.state
    }

    /// Wants the peer dialled at `at`, if that is not wanted earlier or under way already.
    pub(crate) fn want(&mut self, at: Instant) {
        self.state = match self.state {
            DialState::Idle => DialState::Waiting(at),
            DialState::Waiting(earlier) => DialState::Waiting(earlier.min(at)),
            racing @ DialState::Racing { .. } => racing,
        };
    }

    /// Leaves others their turn until `at`.
    pub(crate) fn put_off(&mut self, at: Instant) {
        self.state = DialState::Waiting(at);
    }

    /// Starts over with new addresses, without the pauses that the old ones earned.
    pub(crate) fn renew(&mut self, at: Instant) {
        self.backoff.reset();
        self.state = DialState::Waiting(at);
    }

    /// Wants no dialling: a direct link is up, or none is allowed.
    pub(crate) fn stop(&mut self) {
        self.state = DialState::Idle;
        self.backoff.reset();
    }

    /// Notes that candidate `next - 1` is being dialled; candidate `next` follows at `at`.
    pub(crate) fn race(&mut self, next: usize, at: Instant) {
        self.state = DialState::Racing { next, at };
    }

    /// Dials the next candidate at once, since the one before failed.
    pub(crate) fn hurry(&mut self, now: Instant) {
        if let DialState::Racing { next, at } = self.state {
            self.state = DialState::Racing { next, at: at.min(now) };
        }
    }

    /// Notes that every candidate has failed; the next try follows after a growing pause.
    pub(crate) fn on_exhausted(&mut self, now: Instant, random: &mut Random) {
        self.state = DialState::Waiting(now + self.backoff.pause(random));
    }

    /// Returns when this has to be looked at next.
    pub(crate) const fn deadline(&self) -> Instant {
        match self.state {
            DialState::Idle => Instant::NEVER,
            DialState::Waiting(at) | DialState::Racing { at, .. } => at,
        }
    }
}
