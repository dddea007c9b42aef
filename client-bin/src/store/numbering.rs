use std::ops::RangeInclusive;

use super::DeliveryState;
use super::station::Station;

/// Knows of the messages to one recipient, in one epoch, how many there are and how far they got.
///
/// What has got further has passed the earlier stations: `read <= delivered <= stored <= last`.
/// Messages that failed are numbered too; whoever asks takes them out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbering {
    last: u64,
    stored: u64,
    delivered: u64,
    read: u64,
}

impl Numbering {
    pub(super) fn from_row((last, stored, delivered, read): (u64, u64, u64, u64)) -> Self {
        Self { last, stored, delivered, read }
    }

    pub(super) fn to_row(self) -> (u64, u64, u64, u64) {
        (self.last, self.stored, self.delivered, self.read)
    }

    /// Gives out the next number.
    pub(super) fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Returns the state of a message that has not failed.
    pub(super) fn state(&self, seq: u64) -> DeliveryState {
        if seq <= self.read {
            DeliveryState::Read
        } else if seq <= self.delivered {
            DeliveryState::Delivered
        } else if seq <= self.stored {
            DeliveryState::Stored
        } else {
            DeliveryState::Queued
        }
    }

    /// Tells whether a message needs nothing more to be done.
    pub(super) fn is_delivered(&self, seq: u64) -> bool {
        seq <= self.delivered
    }

    /// Takes in that all messages up to a number have reached a station; returns those that had
    /// not before. Numbers that were never given out do not count.
    pub(super) fn advance(&mut self, station: Station, upto: u64) -> RangeInclusive<u64> {
        let upto = upto.min(self.last);
        let before = match station {
            Station::Stored => self.stored,
            Station::Delivered => self.delivered,
            Station::Read => self.read,
        };
        self.stored = self.stored.max(upto);
        if station != Station::Stored {
            self.delivered = self.delivered.max(upto);
        }
        if station == Station::Read {
            self.read = self.read.max(upto);
        }
        before.saturating_add(1)..=upto
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_only_move_on() {
        let mut numbering = Numbering::default();
        for expected in 1..=5 {
            assert_eq!(numbering.next(), expected);
        }
        assert_eq!(numbering.advance(Station::Delivered, 2), 1..=2);
        assert!(numbering.advance(Station::Stored, 2).is_empty());
        assert_eq!(numbering.advance(Station::Stored, 4), 3..=4);
        assert!(numbering.advance(Station::Stored, 1).is_empty());
        assert_eq!(numbering.advance(Station::Read, 3), 1..=3);
        let states: Vec<_> = (1..=5).map(|seq| numbering.state(seq)).collect();
        use DeliveryState::{Queued, Read, Stored};
        assert_eq!(states, [Read, Read, Read, Stored, Queued]);
        assert!(numbering.is_delivered(3) && !numbering.is_delivered(4));
        assert_eq!(Numbering::from_row(numbering.to_row()), numbering);
    }

    #[test]
    fn numbers_of_the_future_do_not_count() {
        let mut numbering = Numbering::default();
        assert!(numbering.advance(Station::Read, u64::MAX).is_empty());
        numbering.next();
        assert_eq!(numbering.state(1), DeliveryState::Queued);
        assert_eq!(numbering.advance(Station::Stored, u64::MAX), 1..=1);
        numbering.next();
        assert_eq!(numbering.state(2), DeliveryState::Queued);
    }
}
