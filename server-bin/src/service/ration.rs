use std::time::Duration;

use breeze_core::time::Instant;

/// Lines that are written within a [`WHILE`].
const LINES: u32 = 20;
/// How long it takes until there are as many again.
const WHILE: Duration = Duration::from_secs(60);

/// Keeps lines of one kind, that anybody may bring about, from filling the log: some are written in
/// each minute, and the others are counted.
#[derive(Debug, Default)]
pub(super) struct Ration {
    since: Option<Instant>,
    written: u32,
    withheld: u64,
}

/// Says what becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    /// It is written, after so many that were not since the last one.
    Write {
        /// Those that were not.
        withheld: u64,
    },
    /// It is the last one to be written for a while, and should say so.
    Last,
    /// It is counted.
    Withhold,
}

impl Ration {
    /// Decides on one more line.
    pub(super) fn take(&mut self, now: Instant) -> Share {
        if self.since.is_none_or(|since| now >= since + WHILE) {
            let withheld = self.withheld;
            *self = Self { since: Some(now), written: 1, withheld: 0 };
            return Share::Write { withheld };
        }
        if self.written == LINES {
            self.withheld += 1;
            return Share::Withhold;
        }
        self.written += 1;
        if self.written < LINES { Share::Write { withheld: 0 } } else { Share::Last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_lines_a_minute_are_written() {
        let at = |secs: u64| Instant::from_millis(secs * 1000);
        let mut ration = Ration::default();
        for line in 1..LINES {
            assert_eq!(ration.take(at(5)), Share::Write { withheld: 0 }, "{line}");
        }
        assert_eq!(ration.take(at(6)), Share::Last);
        for _ in 0..1_000 {
            assert_eq!(ration.take(at(64)), Share::Withhold);
        }
        assert_eq!(ration.take(at(65)), Share::Write { withheld: 1_000 });
        assert_eq!(ration.take(at(65)), Share::Write { withheld: 0 });
    }
}
