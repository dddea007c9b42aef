use crate::limits::{ACK_HASTE, ACK_SPAN, ACKS_TOGETHER};
use crate::time::{Instant, Span};

/// Single acknowledgements in a row after which it is tried anew whether the sender goes on without.
const SINGLES: u8 = 16;

/// Decides how long the acknowledgements for one sender wait for company.
///
/// A message alone waits the whole span: a frame for the same link may come that takes its
/// acknowledgement along, or the next message, which shares it. Where messages come right behind each
/// other the sender may have no room for more of them, so the wait is short; and where each follows the
/// acknowledgement of the one before, there is none.
#[derive(Debug)]
pub(crate) struct Pace {
    /// When the host last kept a message, or an acknowledgement went out.
    last: Instant,
    /// How long after that an acknowledgement goes out alone, if one waits.
    rest: Option<u8>,
    /// Messages kept since the last acknowledgement.
    count: u8,
    /// Acknowledgements in a row that went out alone, and for one message each.
    singles: u8,
}

impl Default for Pace {
    fn default() -> Self {
        Self { last: Instant::ZERO, rest: None, count: 0, singles: 0 }
    }
}

impl Pace {
    /// Notes that the host has kept some messages more. Returns whether their acknowledgement waits.
    pub(crate) fn on_kept(&mut self, now: Instant, messages: u64) -> bool {
        let is_hasty = now <= self.last + ACK_HASTE;
        let due = self.due();
        self.last = now;
        self.count = self.count.saturating_add(u8::try_from(messages).unwrap_or(u8::MAX));
        if self.count >= ACKS_TOGETHER {
            self.singles = 0;
            return false;
        }
        if self.count == 1 && is_hasty && self.singles > 0 {
            self.singles = (self.singles + 1) % SINGLES;
            return false;
        }
        let span = if is_hasty { ACK_HASTE } else { ACK_SPAN };
        let rest = due.min(now + Span::of(span)) - now;
        self.rest = u8::try_from(rest.as_millis()).ok();
        true
    }

    /// Returns when the acknowledgement that waits goes out alone; never, if there is none.
    pub(crate) fn due(&self) -> Instant {
        self.rest.map_or(Instant::NEVER, |rest| self.last + Span::from_millis(rest.into()))
    }

    /// Notes that the acknowledgement has waited long enough.
    pub(crate) fn on_due(&mut self) {
        self.rest = None;
        self.singles = u8::from(self.count == 1);
    }

    /// Notes that an acknowledgement went out.
    pub(crate) fn on_said(&mut self, now: Instant) {
        if self.rest.take().is_some() {
            self.singles = 0;
        }
        self.count = 0;
        self.last = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(1_000_000 + millis)
    }

    /// Keeps one message; tells when its acknowledgement goes out alone, or `None` for at once.
    fn keep(pace: &mut Pace, millis: u64) -> Option<u64> {
        let waits = pace.on_kept(at(millis), 1);
        waits.then(|| (pace.due() - at(0)).as_millis() as u64)
    }

    fn say(pace: &mut Pace, millis: u64) {
        if pace.due() <= at(millis) {
            pace.on_due();
        }
        pace.on_said(at(millis));
    }

    const SPAN: u64 = ACK_SPAN.as_millis() as u64;
    const HASTE: u64 = ACK_HASTE.as_millis() as u64;

    #[test]
    fn a_message_alone_waits_the_span_and_those_behind_it_no_longer() {
        let mut pace = Pace::default();
        assert_eq!(keep(&mut pace, 0), Some(SPAN));
        assert_eq!(keep(&mut pace, 10), Some(SPAN));
        assert_eq!(keep(&mut pace, 20), Some(SPAN));
        say(&mut pace, SPAN);
        assert_eq!(pace.due(), Instant::NEVER);
        assert_eq!(keep(&mut pace, SPAN + 6), Some(SPAN + 6 + SPAN), "three shared the last one");
    }

    #[test]
    fn messages_close_behind_each_other_wait_less() {
        let mut pace = Pace::default();
        assert_eq!(keep(&mut pace, 0), Some(SPAN));
        assert_eq!(keep(&mut pace, HASTE), Some(2 * HASTE));
        assert_eq!(keep(&mut pace, HASTE + 1), Some(2 * HASTE), "it is not put off");
    }

    #[test]
    fn many_do_not_wait() {
        let mut pace = Pace::default();
        for _ in 1..ACKS_TOGETHER {
            assert!(keep(&mut pace, 0).is_some());
        }
        assert_eq!(keep(&mut pace, 0), None);
        say(&mut pace, 0);
        assert!(keep(&mut pace, 1).is_some());
        assert!(!pace.on_kept(at(1), u64::MAX), "as many at once");
    }

    #[test]
    fn nothing_waits_for_a_sender_that_waits_for_it() {
        let mut pace = Pace::default();
        assert_eq!(keep(&mut pace, 0), Some(SPAN));
        say(&mut pace, SPAN);
        // The first one was alone, and the next comes in answer to its acknowledgement.
        let mut now = SPAN;
        for _ in 1..SINGLES {
            now += HASTE;
            assert_eq!(keep(&mut pace, now), None);
            say(&mut pace, now);
        }
        // Now and then it is tried whether there are more behind it.
        assert_eq!(keep(&mut pace, now + 1), Some(now + 1 + HASTE));
        say(&mut pace, now + 1 + HASTE);
        assert_eq!(keep(&mut pace, now + 2 + HASTE), None, "there were not");
        say(&mut pace, now + 2 + HASTE);
        assert!(keep(&mut pace, now + 3 + 2 * HASTE).is_some(), "it is in no hurry any more");
    }

    #[test]
    fn one_that_had_company_says_nothing_of_the_sender() {
        let mut pace = Pace::default();
        for round in 0..5 {
            assert!(keep(&mut pace, round).is_some());
            say(&mut pace, round);
        }
    }
}
