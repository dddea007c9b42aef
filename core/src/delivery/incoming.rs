use crate::id::{Epoch, MessageId};
use crate::wire::{Ack, Chat};

/// Tracks the messages from one sender: takes each once and in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Incoming {
    epoch: Option<Epoch>,
    /// The epoch before: what still arrives of it is old news on a dying path.
    retired: Option<Epoch>,
    /// The next number to take.
    next: u64,
    /// The last number that the host has acknowledged.
    kept: u64,
    ack_due: bool,
    /// The last number that a person has seen.
    read: u64,
    read_due: bool,
    /// The host has kept messages of epochs that are over, which whoever has a copy has to hear. If
    /// there are more at a time, copies of the oldest come once more.
    late: [Option<Ack>; 2],
}

/// Says what to do with a message that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the next one: show it.
    New,
    /// It was shown before, or belongs to an epoch that is over.
    Duplicate,
    /// One before it is missing: its sender will send both again.
    Gap,
}

impl Incoming {
    /// Judges a message and notes that it was taken, or that its sender needs an acknowledgement.
    /// `chat.back` is below `chat.seq`, which the caller has checked.
    pub(crate) fn judge(&mut self, chat: &Chat<'_>) -> Verdict {
        if self.retired == Some(chat.epoch) {
            return Verdict::Duplicate;
        }
        let first_unsettled = chat.seq - chat.back;
        if self.epoch != Some(chat.epoch) {
            // A numbering without memory on one side: it goes on where its sender stands. What was
            // about to be acknowledged still is.
            if let Some(ack) = self.ack_due() {
                self.note_late(ack);
            }
            self.retired = self.epoch.replace(chat.epoch);
            self.next = first_unsettled;
            self.kept = first_unsettled - 1;
            self.read = 0;
            self.read_due = false;
        }
        if first_unsettled > self.next {
            // The sender has given up what lies between, and said so to its user.
            self.next = first_unsettled;
            self.kept = first_unsettled - 1;
        }
        // Numbers right before it may have been given up; the sender's user knows.
        if (chat.seq - chat.gap..=chat.seq).contains(&self.next) {
            self.next = chat.seq + 1;
            return Verdict::New;
        }
        self.ack_due = true;
        if chat.seq < self.next { Verdict::Duplicate } else { Verdict::Gap }
    }

    /// Notes that the host has kept the message and all before it.
    pub(crate) fn keep(&mut self, id: MessageId) {
        if self.epoch == Some(id.epoch) && id.seq < self.next {
            self.kept = self.kept.max(id.seq);
            self.ack_due = true;
        } else if self.epoch.is_some_and(|epoch| epoch != id.epoch) {
            self.note_late(Ack { epoch: id.epoch, upto: id.seq });
        }
    }

    fn note_late(&mut self, ack: Ack) {
        match self.late {
            [Some(late), _] if late.epoch != ack.epoch => self.late[1] = Some(ack),
            [_, _] => self.late[0] = Some(ack),
        }
    }

    /// Returns an acknowledgement of messages of an epoch that is over, if one is due.
    pub(crate) fn late_ack(&self) -> Option<Ack> {
        self.late[0]
    }

    /// Notes that the acknowledgement of the epoch that is over was sent.
    pub(crate) fn on_late_ack_sent(&mut self) {
        self.late = [self.late[1], None];
    }

    /// Returns the acknowledgement that covers a message, once the host has kept that.
    pub(crate) fn ack_of(&self, id: MessageId) -> Option<Ack> {
        let is_kept = self.epoch == Some(id.epoch) && self.kept >= id.seq;
        is_kept.then_some(Ack { epoch: id.epoch, upto: self.kept })
    }

    /// Returns the acknowledgement to send, if one is due.
    pub(crate) fn ack_due(&self) -> Option<Ack> {
        match self.epoch {
            Some(epoch) if self.ack_due => Some(Ack { epoch, upto: self.kept }),
            _ => None,
        }
    }

    /// Notes that the acknowledgement was sent.
    pub(crate) fn on_ack_sent(&mut self) {
        self.ack_due = false;
    }

    /// Notes that a person has seen the message and all before it.
    pub(crate) fn mark_read(&mut self, id: MessageId) {
        if self.epoch == Some(id.epoch) && id.seq < self.next && id.seq > self.read {
            self.read = id.seq;
            self.read_due = true;
        }
    }

    /// Returns what to tell the sender of what was seen, if that is due. What was not acknowledged
    /// is not called seen.
    pub(crate) fn read_due(&self) -> Option<Ack> {
        match self.epoch {
            Some(epoch) if self.read_due && self.read <= self.kept => {
                Some(Ack { epoch, upto: self.read })
            }
            _ => None,
        }
    }

    /// Notes that the sender was told what was seen.
    pub(crate) fn on_read_sent(&mut self) {
        self.read_due = false;
    }

    /// Asks for acknowledgements to be sent again: the path changed and they may be lost.
    pub(crate) fn repeat(&mut self) {
        self.ack_due = self.epoch.is_some();
        self.read_due = self.read > 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(epoch: u64, seq: u64, back: u64) -> Chat<'static> {
        Chat { epoch: Epoch::from_bits(epoch), seq, back, gap: 0, body: b"" }
    }

    #[test]
    fn what_was_seen_is_told_after_it_was_acknowledged() {
        let mut incoming = Incoming::default();
        let id = |seq| MessageId { epoch: Epoch::from_bits(1), seq };
        for seq in 1..=3 {
            assert_eq!(incoming.judge(&chat(1, seq, seq - 1)), Verdict::New);
        }
        incoming.mark_read(id(4));
        assert_eq!(incoming.read_due(), None, "it never came");
        incoming.mark_read(id(2));
        assert_eq!(incoming.read_due(), None, "it is not kept yet");
        incoming.keep(id(3));
        assert_eq!(incoming.read_due().map(|read| read.upto), Some(2));
        incoming.on_read_sent();
        incoming.mark_read(id(1));
        assert_eq!(incoming.read_due(), None, "nothing new");
        incoming.repeat();
        assert_eq!(incoming.read_due().map(|read| read.upto), Some(2));
        assert_eq!(incoming.judge(&chat(2, 1, 0)), Verdict::New);
        assert_eq!(incoming.read_due(), None, "another numbering");
    }

    fn keep(incoming: &mut Incoming, epoch: u64, seq: u64) -> Option<u64> {
        incoming.keep(MessageId { epoch: Epoch::from_bits(epoch), seq });
        incoming.ack_due().map(|ack| ack.upto)
    }

    #[test]
    fn takes_each_message_once_and_in_order() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::New);
        assert_eq!(incoming.judge(&chat(1, 3, 2)), Verdict::Gap);
        assert_eq!(incoming.judge(&chat(1, 2, 1)), Verdict::New);
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::Duplicate);
        assert_eq!(incoming.judge(&chat(1, 3, 2)), Verdict::New);
        assert_eq!(keep(&mut incoming, 1, 3), Some(3));
        incoming.on_ack_sent();
        assert_eq!(incoming.ack_due(), None);
        assert_eq!(incoming.judge(&chat(1, 3, 0)), Verdict::Duplicate);
        assert_eq!(incoming.ack_due().map(|ack| ack.upto), Some(3), "acknowledged again");
    }

    #[test]
    fn nothing_is_acknowledged_before_the_host_has_kept_it() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::New);
        assert_eq!(incoming.ack_due(), None);
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::Duplicate);
        assert_eq!(incoming.ack_due().map(|ack| ack.upto), Some(0));
        assert_eq!(keep(&mut incoming, 1, 2), Some(0), "a number it never had");
        assert_eq!(keep(&mut incoming, 1, 1), Some(1));
    }

    #[test]
    fn a_receiver_without_memory_starts_where_the_sender_stands() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.judge(&chat(1, 9, 2)), Verdict::Gap);
        assert_eq!(incoming.ack_due().map(|ack| ack.upto), Some(6));
        assert_eq!(incoming.judge(&chat(1, 7, 0)), Verdict::New);
        assert_eq!(incoming.judge(&chat(1, 8, 1)), Verdict::New);
    }

    #[test]
    fn numbers_that_the_sender_gave_up_are_skipped() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::New);
        assert_eq!(incoming.judge(&chat(1, 5, 1)), Verdict::Gap);
        assert_eq!(incoming.judge(&chat(1, 4, 0)), Verdict::New);
        assert_eq!(incoming.judge(&chat(1, 3, 2)), Verdict::Duplicate);
    }

    #[test]
    fn a_gap_is_passed_over_by_what_comes_behind_it() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::New);
        let behind = Chat { gap: 2, ..chat(1, 5, 4) };
        assert_eq!(incoming.judge(&behind), Verdict::Gap, "the second one is missing");
        assert_eq!(incoming.judge(&chat(1, 2, 1)), Verdict::New);
        assert_eq!(incoming.judge(&behind), Verdict::New);
        assert_eq!(incoming.judge(&behind), Verdict::Duplicate);
        assert_eq!(incoming.judge(&chat(1, 6, 5)), Verdict::New);
        assert_eq!(keep(&mut incoming, 1, 6), Some(6));
    }

    #[test]
    fn a_retired_epoch_stays_retired() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::New);
        assert_eq!(incoming.judge(&chat(2, 1, 0)), Verdict::New);
        assert_eq!(incoming.judge(&chat(1, 2, 0)), Verdict::Duplicate, "late on a dying path");
        assert_eq!(incoming.judge(&chat(2, 2, 1)), Verdict::New);
        assert_eq!(keep(&mut incoming, 1, 1), None);
        let late = Ack { epoch: Epoch::from_bits(1), upto: 1 };
        assert_eq!(incoming.late_ack(), Some(late), "a server may have a copy");
        incoming.on_late_ack_sent();
        assert_eq!(keep(&mut incoming, 2, 2), Some(2));
    }
}
