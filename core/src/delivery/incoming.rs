use super::Pace;
use crate::id::{Epoch, MessageId};
use crate::time::Instant;
use crate::wire::{Ack, Chat};

/// Tracks the messages from one sender: takes each once and in order.
///
/// A sender that has lost its memory begins a new numbering, while messages of the one before may
/// still be kept by the server. Both go on beside each other.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    /// The latest numbering, and the one before.
    tracks: [Option<Track>; 2],
    pace: Pace,
}

/// One numbering.
#[derive(Debug)]
struct Track {
    epoch: Epoch,
    /// The next number to take.
    next: u64,
    /// The last number that the host has acknowledged.
    kept: u64,
    ack_due: bool,
    /// An acknowledgement waits for company.
    ack_waits: bool,
    /// The last number that came through the server, which has to hear that it is kept, whichever
    /// way its sender does; 0 for none.
    owed: u64,
    /// The last number that a person has seen.
    read: u64,
    read_due: bool,
}

/// Says what to do with a message that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the next one: show it.
    New,
    /// It was shown before.
    Duplicate,
    /// One before it is missing: its sender will send both again.
    Gap,
}

impl Incoming {
    /// Judges a message, and changes nothing. `chat.back` is below `chat.seq`, and `chat.gap` at most
    /// `chat.back`, which the caller has checked.
    pub(crate) fn verdict(&self, chat: &Chat<'_>) -> Verdict {
        let first_unsettled = chat.seq - chat.back;
        let track = self.tracks.iter().flatten().find(|track| track.epoch == chat.epoch);
        // What lies between was given up by the sender, which has said so to its user.
        let next = track.map_or(0, |track| track.next).max(first_unsettled);
        if chat.seq == u64::MAX {
            // The last number of all has none to follow, and no sender gets there.
            return Verdict::Gap;
        }
        // Numbers right before it may have been given up; the sender's user knows.
        if (chat.seq - chat.gap..=chat.seq).contains(&next) {
            Verdict::New
        } else if chat.seq < next {
            Verdict::Duplicate
        } else {
            Verdict::Gap
        }
    }

    /// Judges a message as [`verdict`](Self::verdict) does, and notes that it was taken, or that its
    /// sender needs an acknowledgement.
    pub(crate) fn judge(&mut self, chat: &Chat<'_>) -> Verdict {
        let verdict = self.verdict(chat);
        let Some(following) = chat.seq.checked_add(1) else { return verdict };
        let first_unsettled = chat.seq - chat.back;
        if self.track(chat.epoch).is_none() {
            // A numbering without memory on one side: it goes on where its sender stands.
            self.tracks.rotate_right(1);
            self.tracks[0] = Some(Track::new(chat.epoch, first_unsettled));
        }
        if let Some(track) = self.track(chat.epoch) {
            if first_unsettled > track.next {
                track.next = first_unsettled;
                track.kept = first_unsettled - 1;
            }
            match verdict {
                Verdict::New => track.next = following,
                Verdict::Duplicate | Verdict::Gap => track.ack_due = true,
            }
        }
        verdict
    }

    /// Forgets a numbering: what came of it was not what it seemed.
    pub(crate) fn forget(&mut self, epoch: Epoch) {
        for track in &mut self.tracks {
            if track.as_ref().is_some_and(|track| track.epoch == epoch) {
                *track = None;
            }
        }
    }

    /// Notes that the message came through the server.
    pub(crate) fn on_relayed(&mut self, id: MessageId) {
        if let Some(track) = self.track(id.epoch) {
            track.owed = track.owed.max(id.seq);
        }
    }

    /// Notes that the host has kept the message and all before it.
    ///
    /// Their acknowledgement is due, or waits for company until [`waits_until`](Self::waits_until).
    pub(crate) fn keep(&mut self, now: Instant, id: MessageId) {
        let Self { tracks, pace } = self;
        let track = tracks.iter_mut().flatten().find(|track| track.epoch == id.epoch);
        if let Some(track) = track
            && id.seq < track.next
        {
            let news = id.seq.saturating_sub(track.kept);
            track.kept += news;
            match news > 0 && pace.on_kept(now, news) {
                true => track.ack_waits = true,
                false => track.ack_due = true,
            }
        }
    }

    /// Returns when an acknowledgement has waited long enough for company; never, if none waits.
    pub(crate) fn waits_until(&self) -> Instant {
        self.pace.due()
    }

    /// Lets acknowledgements go out that have waited long enough.
    pub(crate) fn on_time(&mut self, now: Instant) {
        if self.pace.due() <= now {
            self.pace.on_due();
            for track in self.tracks.iter_mut().flatten() {
                track.ack_due |= core::mem::take(&mut track.ack_waits);
            }
        }
    }

    /// Returns an acknowledgement to send, if one is due, or waits and has `company`; of the older
    /// numbering first.
    pub(crate) fn ack_due(&self, company: bool) -> Option<Ack> {
        self.oldest(|track| track.ack_due || (company && track.ack_waits)).map(Track::ack)
    }

    /// Returns an acknowledgement that waits for company.
    pub(crate) fn waiting_ack(&self) -> Option<Ack> {
        self.oldest(|track| track.ack_waits).map(Track::ack)
    }

    /// Notes that an acknowledgement was sent, through the server or not.
    pub(crate) fn on_ack_sent(&mut self, now: Instant, ack: Ack, by_relay: bool) {
        if let Some(track) = self.track(ack.epoch) {
            (track.ack_due, track.ack_waits) = (false, false);
            if by_relay && ack.upto >= track.owed {
                track.owed = 0;
            }
        }
        if self.waiting_ack().is_none() {
            self.pace.on_said(now);
        }
    }

    /// Returns an acknowledgement that the server has to hear of, now that the host has kept what
    /// came through it. One that waits to go there is not needed twice: `waits_here` leaves it out.
    pub(crate) fn owed_ack(&self, waits_here: bool) -> Option<Ack> {
        let is_owed = |track: &Track| track.owed > 0 && track.kept >= track.owed;
        self.oldest(|track| is_owed(track) && !(waits_here && track.ack_waits)).map(Track::ack)
    }

    /// Notes that a person has seen the message and all before it.
    pub(crate) fn mark_read(&mut self, id: MessageId) {
        if let Some(track) = self.track(id.epoch)
            && (track.read + 1..track.next).contains(&id.seq)
        {
            track.read = id.seq;
            track.read_due = true;
        }
    }

    /// Returns what to tell the sender of what was seen, if that is due. What was not acknowledged
    /// is not called seen.
    pub(crate) fn read_due(&self) -> Option<Ack> {
        let due = self.oldest(|track| track.read_due && track.read <= track.kept);
        due.map(|track| Ack { epoch: track.epoch, upto: track.read })
    }

    /// Notes that the sender was told what was seen.
    pub(crate) fn on_read_sent(&mut self, read: Ack) {
        if let Some(track) = self.track(read.epoch) {
            track.read_due = false;
        }
    }

    /// Asks for acknowledgements to be sent again: the path changed and they may be lost.
    pub(crate) fn repeat(&mut self) {
        if let Some(track) = &mut self.tracks[0] {
            track.ack_due = true;
            track.read_due = track.read > 0;
        }
    }

    /// Tells whether nothing is owed to the sender, by the host or by this side.
    pub(crate) fn is_settled(&self) -> bool {
        self.tracks.iter().flatten().all(|track| {
            let is_said = !track.ack_due && !track.ack_waits && track.owed == 0;
            track.kept + 1 == track.next && is_said && !track.read_due
        })
    }

    fn track(&mut self, epoch: Epoch) -> Option<&mut Track> {
        self.tracks.iter_mut().flatten().find(|track| track.epoch == epoch)
    }

    fn oldest(&self, is: impl Fn(&Track) -> bool) -> Option<&Track> {
        self.tracks.iter().rev().flatten().find(|track| is(track))
    }
}

impl Track {
    fn new(epoch: Epoch, next: u64) -> Self {
        let kept = next - 1;
        Self {
            epoch,
            next,
            kept,
            ack_due: false,
            ack_waits: false,
            owed: 0,
            read: 0,
            read_due: false,
        }
    }

    fn ack(&self) -> Ack {
        Ack { epoch: self.epoch, upto: self.kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(epoch: u64, seq: u64, back: u64) -> Chat<'static> {
        Chat { epoch: Epoch::from_bits(epoch), seq, back, gap: 0, body: b"" }
    }

    #[test]
    fn is_settled_once_nobody_waits_for_anything() {
        let mut incoming = Incoming::default();
        assert!(incoming.is_settled());
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::New);
        incoming.on_relayed(chat(1, 1, 0).id());
        assert!(!incoming.is_settled(), "the host has yet to keep it");
        assert_eq!(keep(&mut incoming, 1, 1), Some(1));
        assert!(!incoming.is_settled(), "the sender has yet to hear of it");
        let ack = incoming.ack_due(true).expect("due");
        incoming.on_ack_sent(Instant::ZERO, ack, false);
        assert!(!incoming.is_settled(), "the server has yet to hear of it");
        incoming.on_ack_sent(Instant::ZERO, ack, true);
        assert!(incoming.is_settled());
        incoming.mark_read(chat(1, 1, 0).id());
        assert!(!incoming.is_settled());
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
        incoming.keep(Instant::ZERO, id(3));
        assert_eq!(incoming.read_due().map(|read| read.upto), Some(2));
        incoming.on_read_sent(Ack { epoch: Epoch::from_bits(1), upto: 2 });
        incoming.mark_read(id(1));
        assert_eq!(incoming.read_due(), None, "nothing new");
        incoming.repeat();
        assert_eq!(incoming.read_due().map(|read| read.upto), Some(2));
        incoming.on_read_sent(Ack { epoch: Epoch::from_bits(1), upto: 2 });
        assert_eq!(incoming.judge(&chat(2, 1, 0)), Verdict::New);
        incoming.repeat();
        assert_eq!(incoming.read_due(), None, "another numbering");
    }

    /// A message with the highest number there is made the recipient count on past it: a panic, or
    /// in an optimized build the number 0, from where the sender could have shown all of its messages
    /// once more. The fuzzer of clients found it.
    #[test]
    fn a_number_that_none_can_follow_is_not_taken() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.judge(&chat(1, u64::MAX, 0)), Verdict::Gap);
        assert_eq!(incoming.judge(&chat(1, u64::MAX - 1, 0)), Verdict::New);
        assert_eq!(incoming.judge(&chat(1, u64::MAX, 1)), Verdict::Gap);
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::Duplicate);
    }

    fn keep(incoming: &mut Incoming, epoch: u64, seq: u64) -> Option<u64> {
        incoming.keep(Instant::ZERO, MessageId { epoch: Epoch::from_bits(epoch), seq });
        incoming.ack_due(true).map(|ack| ack.upto)
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
        incoming.on_ack_sent(Instant::ZERO, Ack { epoch: Epoch::from_bits(1), upto: 3 }, false);
        assert_eq!(incoming.ack_due(true), None);
        assert_eq!(incoming.judge(&chat(1, 3, 0)), Verdict::Duplicate);
        assert_eq!(incoming.ack_due(true).map(|ack| ack.upto), Some(3), "acknowledged again");
    }

    #[test]
    fn an_acknowledgement_waits_for_company_or_for_its_time() {
        let now = Instant::from_millis(1_000_000);
        let mut incoming = Incoming::default();
        for (seq, waits) in [(1, true), (2, true)] {
            assert_eq!(incoming.judge(&chat(1, seq, seq - 1)), Verdict::New);
            incoming.on_relayed(chat(1, seq, 0).id());
            incoming.keep(now, chat(1, seq, 0).id());
            assert_eq!(incoming.ack_due(false).is_none(), waits);
            assert_eq!(incoming.owed_ack(true).is_none(), waits, "it goes there by itself");
            assert!(incoming.owed_ack(false).is_some(), "it goes elsewhere");
        }
        assert!(!incoming.is_settled());
        assert_eq!(incoming.ack_due(true).map(|ack| ack.upto), Some(2));
        let due = incoming.waits_until();
        incoming.on_time(Instant::from_millis(due.as_millis() - 1));
        assert_eq!(incoming.ack_due(false), None);
        incoming.on_time(due);
        let ack = incoming.ack_due(false).expect("its time has come");
        incoming.on_ack_sent(due, ack, true);
        assert!(incoming.is_settled());
        assert_eq!(incoming.waits_until(), Instant::NEVER);
        // What came before is said again at once.
        assert_eq!(incoming.judge(&chat(1, 2, 1)), Verdict::Duplicate);
        assert_eq!(incoming.ack_due(false).map(|ack| ack.upto), Some(2));
    }

    #[test]
    fn nothing_is_acknowledged_before_the_host_has_kept_it() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::New);
        assert_eq!(incoming.ack_due(true), None);
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::Duplicate);
        assert_eq!(incoming.ack_due(true).map(|ack| ack.upto), Some(0));
        assert_eq!(keep(&mut incoming, 1, 2), Some(0), "a number it never had");
        assert_eq!(keep(&mut incoming, 1, 1), Some(1));
    }

    #[test]
    fn a_receiver_without_memory_starts_where_the_sender_stands() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.judge(&chat(1, 9, 2)), Verdict::Gap);
        assert_eq!(incoming.ack_due(true).map(|ack| ack.upto), Some(6));
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
    fn a_numbering_that_is_over_still_brings_what_was_kept() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::New);
        assert_eq!(incoming.judge(&chat(2, 1, 0)), Verdict::New);
        assert_eq!(incoming.judge(&chat(1, 2, 0)), Verdict::New, "the server had it");
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::Duplicate);
        assert_eq!(incoming.judge(&chat(2, 2, 1)), Verdict::New);
        let id = |epoch, seq| MessageId { epoch: Epoch::from_bits(epoch), seq };
        incoming.on_relayed(id(1, 2));
        incoming.keep(Instant::ZERO, id(2, 2));
        incoming.keep(Instant::ZERO, id(1, 2));
        let [old, new] =
            [(1, 2), (2, 2)].map(|(epoch, upto)| Ack { epoch: Epoch::from_bits(epoch), upto });
        assert_eq!(incoming.ack_due(true), Some(old));
        incoming.on_ack_sent(Instant::ZERO, old, false);
        assert_eq!(incoming.ack_due(true), Some(new));
        assert_eq!(incoming.owed_ack(false), Some(old), "the server has not heard of it");
        incoming.on_ack_sent(Instant::ZERO, old, true);
        assert_eq!(incoming.owed_ack(false), None);
        // A third one takes the place of the oldest.
        assert_eq!(incoming.judge(&chat(3, 7, 0)), Verdict::New);
        assert_eq!(incoming.judge(&chat(2, 1, 0)), Verdict::Duplicate);
    }

    #[test]
    fn a_forgotten_numbering_begins_anew() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::New);
        incoming.forget(Epoch::from_bits(2));
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::Duplicate);
        incoming.forget(Epoch::from_bits(1));
        assert_eq!(incoming.judge(&chat(1, 1, 0)), Verdict::New);
    }

    #[test]
    fn what_came_through_the_server_is_owed_until_it_is_kept_and_said() {
        let mut incoming = Incoming::default();
        let id = |seq| MessageId { epoch: Epoch::from_bits(1), seq };
        for seq in 1..=3 {
            assert_eq!(incoming.judge(&chat(1, seq, seq - 1)), Verdict::New);
        }
        incoming.on_relayed(id(2));
        incoming.keep(Instant::ZERO, id(1));
        assert_eq!(incoming.owed_ack(false), None);
        incoming.keep(Instant::ZERO, id(3));
        let ack = incoming.owed_ack(false).expect("owed");
        assert_eq!(ack.upto, 3);
        incoming.on_ack_sent(Instant::ZERO, ack, false);
        assert_eq!(incoming.owed_ack(false), Some(ack));
        incoming.on_ack_sent(Instant::ZERO, ack, true);
        assert_eq!(incoming.owed_ack(false), None);
    }
}
