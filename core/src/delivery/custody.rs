use crate::error::RelayRefusal;
use crate::id::Epoch;

/// Knows what a server has had in its keeping of one sender's messages to one recipient. It decides
/// which message is kept next, and what the sender is told of the others (PROTOCOL.md, "Store").
///
/// ```text
///   acked, or lost ≤ last         (each the last number of its kind)
///         │ kept    │
/// ```
///
/// The host keeps it beside the messages, and changes both in one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Custody {
    /// The numbering that the sender goes by.
    pub epoch: Epoch,
    /// The numbering before: what still arrives of it is old news.
    pub retired: Option<Epoch>,
    /// The recipient has acknowledged all up to this number; 0 for none.
    pub acked: u64,
    /// A person has seen all up to this number; 0 for none.
    pub read: u64,
    /// Those above `acked`, up to this number, were given up.
    pub lost: u64,
    /// Why they were.
    pub reason: RelayRefusal,
    /// The last number that was taken into keeping, or that needs not be.
    pub last: u64,
}

/// Tells a sender what became of messages that it gave to the server to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The server keeps all that are not settled, up to this number.
    Stored {
        /// The last of them.
        upto: u64,
    },
    /// The recipient has acknowledged all up to this number.
    Acked {
        /// The last of them.
        upto: u64,
    },
    /// All that the recipient has not acknowledged, up to this number, are given up.
    Lost {
        /// The last of them.
        upto: u64,
        /// Why.
        reason: RelayRefusal,
    },
    /// The message itself is not kept.
    Refused(RelayRefusal),
    /// One before it is missing: its sender will send both again.
    Gap,
}

impl Custody {
    /// Begins with a numbering of which nothing is known.
    pub const fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            retired: None,
            acked: 0,
            read: 0,
            lost: 0,
            reason: RelayRefusal::Expired,
            last: 0,
        }
    }

    /// Judges a message that a sender gives to be kept. It is to be kept if this is `Ok`; otherwise
    /// the sender is told the answer. `back` is below `seq`, and `gap` at most
    /// `back`, which the caller has checked.
    ///
    /// # Errors
    /// The [`Answer`] for a message that is not the next one.
    pub fn admit(&mut self, epoch: Epoch, seq: u64, back: u64, gap: u64) -> Result<(), Answer> {
        if self.retired == Some(epoch) {
            return Err(Answer::Gap);
        }
        let first_unsettled = seq - back;
        if self.epoch != epoch {
            let retired = Some(self.epoch);
            *self = Self { retired, last: first_unsettled - 1, ..Self::new(epoch) };
        }
        if seq <= self.acked {
            return Err(Answer::Acked { upto: self.acked });
        }
        if seq <= self.lost {
            return Err(Answer::Lost { upto: self.lost, reason: self.reason });
        }
        if seq <= self.last {
            return Err(Answer::Stored { upto: self.last });
        }
        // What lies between was settled on another path, or given up by its sender.
        self.last = self.last.max(first_unsettled - 1);
        if seq - gap > self.last + 1 {
            return Err(Answer::Gap);
        }
        self.last = seq;
        Ok(())
    }

    /// Takes in the recipient's acknowledgement. Returns whether it was news.
    pub fn on_ack(&mut self, epoch: Epoch, upto: u64) -> bool {
        let is_news = self.epoch == epoch && upto > self.acked;
        if is_news {
            self.acked = upto;
            self.last = self.last.max(upto);
        }
        is_news
    }

    /// Takes in that a person has seen messages. Returns whether it was news.
    pub fn on_read(&mut self, epoch: Epoch, upto: u64) -> bool {
        let is_news = self.epoch == epoch && upto > self.read;
        if is_news {
            self.read = upto;
        }
        is_news
    }

    /// Gives up all messages up to a number, the oldest first.
    pub fn on_lost(&mut self, upto: u64, reason: RelayRefusal) {
        (self.lost, self.reason) = (self.lost.max(upto), reason);
        self.last = self.last.max(upto);
    }

    /// Answers a sender who asks what became of its messages, in this order. Of a numbering that is
    /// not known none are kept, which is said as well: the sender may believe otherwise.
    pub fn answers(&self, epoch: Epoch) -> impl Iterator<Item = Answer> {
        let known = if self.epoch == epoch { *self } else { Self::new(epoch) };
        let Self { acked, lost, reason, last, .. } = known;
        [
            (acked > 0, Answer::Acked { upto: acked }),
            (lost > acked, Answer::Lost { upto: lost, reason }),
            (true, Answer::Stored { upto: last }),
        ]
        .into_iter()
        .filter_map(|(holds, answer)| holds.then_some(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Epoch = Epoch::from_bits(1);
    const TWO: Epoch = Epoch::from_bits(2);

    fn answers(custody: &Custody, epoch: Epoch) -> std::vec::Vec<Answer> {
        custody.answers(epoch).collect()
    }

    #[test]
    fn keeps_each_message_once_and_in_order() {
        let mut custody = Custody::new(ONE);
        assert_eq!(custody.admit(ONE, 1, 0, 0), Ok(()));
        assert_eq!(custody.admit(ONE, 3, 2, 0), Err(Answer::Gap));
        assert_eq!(custody.admit(ONE, 2, 1, 0), Ok(()));
        assert_eq!(custody.admit(ONE, 1, 0, 0), Err(Answer::Stored { upto: 2 }));
        assert_eq!(custody.admit(ONE, 3, 2, 0), Ok(()));
        assert_eq!(answers(&custody, ONE), [Answer::Stored { upto: 3 }]);
        assert_eq!(answers(&custody, TWO), [Answer::Stored { upto: 0 }]);
    }

    #[test]
    fn goes_on_where_the_sender_stands() {
        let mut custody = Custody::new(ONE);
        assert_eq!(custody.admit(ONE, 9, 1, 0), Err(Answer::Gap));
        assert_eq!(custody.admit(ONE, 8, 0, 0), Ok(()));
        // The sender has settled 9 to 11 on another path.
        assert_eq!(custody.admit(ONE, 12, 0, 0), Ok(()));
        assert_eq!(custody.admit(TWO, 5, 1, 0), Err(Answer::Gap));
        assert_eq!(custody.admit(TWO, 4, 0, 0), Ok(()));
        assert_eq!(custody.admit(ONE, 13, 0, 0), Err(Answer::Gap), "late");
    }

    #[test]
    fn a_gap_is_passed_over() {
        let mut custody = Custody::new(ONE);
        assert_eq!(custody.admit(ONE, 1, 0, 0), Ok(()));
        assert_eq!(custody.admit(ONE, 5, 4, 2), Err(Answer::Gap));
        assert_eq!(custody.admit(ONE, 4, 3, 2), Ok(()));
        assert_eq!(custody.admit(ONE, 3, 2, 0), Err(Answer::Stored { upto: 4 }));
    }

    #[test]
    fn what_was_acknowledged_or_lost_is_told() {
        let mut custody = Custody::new(ONE);
        for seq in 1..=5 {
            assert_eq!(custody.admit(ONE, seq, seq - 1, 0), Ok(()));
        }
        assert!(custody.on_ack(ONE, 2) && !custody.on_ack(ONE, 2) && !custody.on_ack(TWO, 9));
        assert_eq!(custody.admit(ONE, 1, 0, 0), Err(Answer::Acked { upto: 2 }));
        custody.on_lost(4, RelayRefusal::Expired);
        let lost = Answer::Lost { upto: 4, reason: RelayRefusal::Expired };
        assert_eq!(custody.admit(ONE, 3, 0, 0), Err(lost));
        assert_eq!(custody.admit(ONE, 5, 0, 0), Err(Answer::Stored { upto: 5 }));
        let told = [Answer::Acked { upto: 2 }, lost, Answer::Stored { upto: 5 }];
        assert_eq!(answers(&custody, ONE), told);
        // Acknowledged on another path, and beyond what was kept.
        assert!(custody.on_ack(ONE, 7));
        assert_eq!(custody.admit(ONE, 8, 0, 0), Ok(()));
        assert!(custody.on_read(ONE, 7) && !custody.on_read(ONE, 6));
    }
}
