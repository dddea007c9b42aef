use std::collections::VecDeque;

use breeze_core::time::Instant;

use super::rng::Rng;

/// Carries the bytes of one direction of a connection: in order, late, and no more at a time than
/// it has room for.
#[derive(Debug)]
pub(super) struct Pipe {
    capacity: usize,
    /// Bytes on their way or not read yet, and when each piece arrives.
    pieces: VecDeque<(Instant, VecDeque<u8>)>,
    held: usize,
    /// When the end arrives, after all bytes.
    end: Option<Instant>,
    /// Nothing overtakes this.
    latest: Instant,
    /// Takes everything and delivers nothing: nobody is there to read.
    sink: bool,
}

/// Says in what pieces bytes are handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fragments {
    /// All that has arrived.
    Whole,
    /// Between one byte and all that has arrived.
    Random,
    /// One byte at a time.
    Bytes,
}

impl Pipe {
    pub(super) const fn new(capacity: usize) -> Self {
        Self {
            capacity,
            pieces: VecDeque::new(),
            held: 0,
            end: None,
            latest: Instant::ZERO,
            sink: false,
        }
    }

    /// Returns how many bytes can be written now.
    pub(super) const fn room(&self) -> usize {
        if self.sink { usize::MAX } else { self.capacity.saturating_sub(self.held) }
    }

    /// Takes bytes in, to arrive at `at` or right after those before; returns when that is.
    pub(super) fn write(&mut self, bytes: &[u8], at: Instant) -> Instant {
        self.latest = self.latest.max(at);
        if !bytes.is_empty() && !self.sink && self.end.is_none() {
            self.held += bytes.len();
            self.pieces.push_back((self.latest, bytes.iter().copied().collect()));
        }
        self.latest
    }

    /// Ends the direction once what is in it has arrived; returns when that is, at the earliest
    /// `at`.
    pub(super) fn finish(&mut self, at: Instant) -> Instant {
        self.latest = self.latest.max(at);
        self.end.get_or_insert(self.latest);
        self.latest
    }

    /// Ends the direction at `at`, and loses what is in it.
    pub(super) fn reset(&mut self, at: Instant) {
        self.pieces.clear();
        self.held = 0;
        self.latest = at;
        self.end = Some(at);
    }

    /// Loses what is in it and whatever is written from now on.
    pub(super) fn drain(&mut self) {
        self.pieces.clear();
        self.held = 0;
        self.sink = true;
    }

    /// Lets nothing arrive before `until`.
    pub(super) fn delay(&mut self, until: Instant) {
        for (at, _) in &mut self.pieces {
            *at = (*at).max(until);
        }
        self.end = self.end.map(|at| at.max(until));
        self.latest = self.latest.max(until);
    }

    /// Takes out bytes that have arrived, at most `most`.
    pub(super) fn read(
        &mut self,
        now: Instant,
        most: usize,
        fragments: Fragments,
        rng: &mut Rng,
    ) -> Vec<u8> {
        let arrived: usize =
            self.pieces.iter().take_while(|(at, _)| *at <= now).map(|(_, b)| b.len()).sum();
        let available = arrived.min(most);
        let count = match fragments {
            _ if available == 0 => return Vec::new(),
            Fragments::Whole => available,
            Fragments::Random => 1 + rng.below(available as u64) as usize,
            Fragments::Bytes => 1,
        };
        let mut bytes = Vec::with_capacity(count);
        while let Some((_, piece)) = self.pieces.front_mut() {
            let take = piece.len().min(count - bytes.len());
            bytes.extend(piece.drain(..take));
            if !piece.is_empty() {
                break;
            }
            self.pieces.pop_front();
            if bytes.len() == count {
                break;
            }
        }
        self.held -= bytes.len();
        bytes
    }

    /// Tells whether the end has arrived and everything before it was read.
    pub(super) fn is_ended(&self, now: Instant) -> bool {
        self.pieces.is_empty() && self.end.is_some_and(|at| at <= now)
    }

    /// Tells whether anything is on its way or waits to be read.
    pub(super) fn is_busy(&self) -> bool {
        !self.pieces.is_empty() || self.end.is_some()
    }
}
