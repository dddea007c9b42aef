use super::block::{BLOCK, BlockHasher, block_len, blocks};
use super::tree;
use crate::id::UserId;
use crate::limits::{FILE_STALL, FILE_WINDOW};
use crate::time::Instant;
use crate::wire::{FileItem, HoldReason};

/// Times that a block may come wrong before the transfer ends.
const TRIES: u8 = 3;

/// Is the recipient's side of one transfer that was accepted.
#[derive(Debug)]
pub(super) struct Incoming {
    pub from: UserId,
    pub number: u64,
    pub size: u64,
    root: [u8; 32],
    round: u32,
    /// The place of the next byte that is taken.
    next: u64,
    /// The block that it is in.
    block: u64,
    hasher: BlockHasher,
    /// How far the host has written.
    written: u64,
    /// How far the sender was told to go.
    upto: u64,
    /// Bytes that may be under way.
    window: u64,
    /// It comes through the server, or may.
    pub is_relayed: bool,
    want_due: bool,
    held: Option<HoldReason>,
    held_due: bool,
    /// Times that the present block was wrong.
    wrong: u8,
    /// When the sender is asked anew.
    pub deadline: Instant,
    /// The host knows that all of it is there.
    pub is_told: bool,
}

/// What became of bytes, or of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The bytes are the next ones.
    Next,
    /// The block is right.
    Right { block: u64, hash: [u8; 32] },
    /// The block is wrong, and is wanted again.
    Wrong { block: u64 },
    /// The block was wrong too often.
    Hopeless { block: u64 },
    /// They are not the ones that are wanted.
    Stale,
}

impl Incoming {
    /// Makes the side of one who accepts, and has the stream up to `start`, the beginning of a block or the
    /// end. `None` if it is none, or the hash is not that of nothing and the stream is.
    pub(super) fn new(
        from: UserId,
        number: u64,
        (size, root): (u64, [u8; 32]),
        round: u32,
        start: u64,
    ) -> Option<Self> {
        let is_wrong = size == 0 && root != *blake3::hash(&[]).as_bytes();
        if start > size || (!start.is_multiple_of(BLOCK) && start != size) || is_wrong {
            return None;
        }
        let block = start.div_ceil(BLOCK);
        Some(Self {
            from,
            number,
            size,
            root,
            round,
            next: start,
            block,
            hasher: BlockHasher::new(size, block),
            written: start,
            upto: start,
            window: FILE_WINDOW,
            is_relayed: true,
            want_due: true,
            held: None,
            held_due: false,
            wrong: 0,
            deadline: Instant::NEVER,
            is_told: false,
        })
    }

    /// Takes in bytes at the next place that the host has from before.
    pub(super) fn refill(&mut self, bytes: &[u8]) {
        let before = self.hasher.missing();
        self.hasher.update(bytes);
        self.next += before - self.hasher.missing();
        self.written = self.written.max(self.next);
    }

    pub(super) fn on_written(&mut self, upto: u64) {
        self.written = self.written.max(upto.min(self.next));
    }

    /// Tells whether more of it may come.
    pub(super) fn is_active(&self) -> bool {
        self.held.is_none() && !self.is_complete()
    }

    /// Returns how many bytes may be under way.
    pub(super) fn window(&self) -> u64 {
        self.window
    }

    /// Lets so many bytes be under way. Returns whether the sender is to be told to go further.
    pub(super) fn grant(&mut self, window: u64) -> bool {
        self.window = window;
        // In steps, so that not each record is answered.
        let step = (window / 4).min(self.size - self.upto).max(1);
        let is_due = self.held.is_none() && self.goal() - self.upto >= step;
        self.want_due |= is_due;
        is_due
    }

    /// Tells whether the host has written all of the stream, and all of it is verified.
    pub(super) fn is_complete(&self) -> bool {
        self.block == blocks(self.size) && self.written == self.size
    }

    /// How far the sender may go.
    fn goal(&self) -> u64 {
        self.written.saturating_add(self.window).min(self.size).max(self.upto)
    }

    pub(super) fn hold(&mut self, reason: HoldReason) {
        self.held = Some(reason);
        self.held_due = true;
        self.want_due = false;
        self.deadline = Instant::NEVER;
    }

    /// Has the sender go on from the next place.
    pub(super) fn resync(&mut self) {
        if self.held.is_some() {
            self.held_due = true;
            return;
        }
        self.round = self.round.wrapping_add(1);
        self.upto = self.next;
        self.want_due = true;
        self.deadline = Instant::NEVER;
    }

    /// The sender wants to know how far it is.
    pub(super) fn on_offer(&mut self) {
        match self.held {
            Some(_) => self.held_due = true,
            // In the same round: what is under way may well come.
            None => self.want_due = true,
        }
    }

    pub(super) fn release(&mut self) {
        if self.held.take().is_some() {
            self.held_due = false;
            self.resync();
        }
    }

    pub(super) fn on_data(&mut self, now: Instant, round: u32, at: u64, bytes: &[u8]) -> Verdict {
        if round != self.round || self.held.is_some() {
            if self.deadline.is_set() {
                // What is wanted comes behind it, however slow the link.
                self.deadline = now + FILE_STALL;
            }
            return Verdict::Stale;
        }
        let len = bytes.len() as u64;
        let is_wanted = len > 0 && len <= self.hasher.missing() && at + len <= self.upto;
        if at != self.next || !is_wanted {
            // Something before it is lost, or it was not asked for.
            self.resync();
            return Verdict::Stale;
        }
        self.hasher.update(bytes);
        self.next += len;
        self.deadline = now + FILE_STALL;
        Verdict::Next
    }

    pub(super) fn on_proof(
        &mut self,
        now: Instant,
        round: u32,
        block: u64,
        hashes: &[u8],
    ) -> Verdict {
        if round != self.round || block != self.block || self.held.is_some() {
            return Verdict::Stale;
        }
        if self.hasher.missing() > 0 || block_len(self.size, block) == 0 {
            self.resync();
            return Verdict::Stale;
        }
        self.deadline = now + FILE_STALL;
        let hash = self.hasher.finish();
        let (hashes, rest) = hashes.as_chunks::<32>();
        let is_right = rest.is_empty()
            && tree::verify(&self.root, blocks(self.size), block, &hash, hashes.iter().copied());
        if is_right {
            self.wrong = 0;
            self.block += 1;
            self.hasher = BlockHasher::new(self.size, self.block);
            return Verdict::Right { block, hash };
        }
        self.next = block * BLOCK;
        self.written = self.written.min(self.next);
        self.hasher = BlockHasher::new(self.size, block);
        self.wrong += 1;
        if self.wrong >= TRIES {
            return Verdict::Hopeless { block };
        }
        self.resync();
        Verdict::Wrong { block }
    }

    /// Says what is to be sent next.
    pub(super) fn due(&self) -> Option<FileItem<'static>> {
        let number = self.number;
        match self.held {
            Some(reason) if self.held_due => Some(FileItem::Held { number, reason }),
            None if self.want_due => {
                let (round, from, upto) = (self.round, self.next, self.goal());
                Some(FileItem::Want { number, round, from, upto })
            }
            Some(_) | None => None,
        }
    }

    pub(super) fn on_sent(&mut self, now: Instant) {
        self.held_due = false;
        if self.held.is_none() {
            self.want_due = false;
            self.upto = self.goal();
            self.deadline = now + FILE_STALL;
        }
    }
}
