use core::num::NonZeroU64;

use heapless::String;

use super::block::BLOCK;
use super::pace::Pace;
use crate::id::{MAX_FILE_NAME, UserId};
use crate::limits::{FILE_OFFER_AGAIN, FILE_STALL};
use crate::time::Instant;
use crate::wire::{FileItem, FileKind, Offer};

/// Is the sender's side of one transfer.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub to: UserId,
    pub number: u64,
    name: String<MAX_FILE_NAME>,
    kind: FileKind,
    pub size: u64,
    root: [u8; 32],
    /// How fast it may be sent.
    pub pace: Option<Pace>,
    offer_due: bool,
    /// The recipient's present round, once it wants the stream.
    round: Option<u32>,
    /// Where the next bytes are taken from.
    next: u64,
    /// How far the recipient wants them.
    upto: u64,
    /// The block whose bytes are out, and its proof not.
    proof_due: Option<u64>,
    /// When the recipient is offered the stream again, so that it says how far it is.
    pub deadline: Instant,
    /// The server could not keep up: no bytes go out before this.
    pub pause: Instant,
    /// The stream is longer than the server relays, which is so much; and whether the host knows.
    pub obstacle: Option<(u64, bool)>,
    /// The recipient can be sent nothing of it, and whether the host knows.
    pub unsendable: Option<bool>,
}

/// What the sender of a transfer has to send next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Offer,
    Proof { round: u32, block: u64 },
    Data { round: u32, at: u64, len: usize },
}

impl Outgoing {
    /// Makes the side of one who is about to offer. `None` if the name is too long.
    pub(super) fn new(
        to: UserId,
        number: u64,
        offer: &Offer<'_>,
        limit: Option<NonZeroU64>,
    ) -> Option<Self> {
        Some(Self {
            to,
            number,
            name: String::try_from(offer.name).ok()?,
            kind: offer.kind,
            size: offer.size,
            root: offer.root,
            pace: limit.map(Pace::new),
            offer_due: true,
            round: None,
            next: 0,
            upto: 0,
            proof_due: None,
            deadline: Instant::NEVER,
            pause: Instant::from_millis(0),
            obstacle: None,
            unsendable: None,
        })
    }

    pub(super) fn offer(&self) -> FileItem<'_> {
        let (name, kind, size, root) = (&self.name, self.kind, self.size, self.root);
        FileItem::Offer { number: self.number, offer: Offer { name, kind, size, root } }
    }

    /// The way to the recipient has changed: one that wants the stream says anew how far it is, before
    /// long.
    pub(super) fn on_path(&mut self, now: Instant) {
        (self.obstacle, self.unsendable) = (None, None);
        match self.round {
            None => self.resync(),
            Some(_) => {
                self.upto = self.next;
                self.proof_due = None;
                self.deadline = now + FILE_STALL;
            }
        }
    }

    /// Has the recipient say anew how far it is.
    pub(super) fn resync(&mut self) {
        self.offer_due = true;
        self.deadline = Instant::NEVER;
        self.obstacle = None;
    }

    /// The recipient wants the stream up to a place; returns whether it begins anew, or `None` if there
    /// is no such place.
    pub(super) fn on_want(&mut self, round: u32, from: u64, upto: u64) -> Option<bool> {
        if from > upto || upto > self.size {
            return None;
        }
        let is_new = self.round != Some(round);
        if is_new {
            self.round = Some(round);
            self.next = from;
            self.upto = upto;
            // It may have all of the block before but its proof.
            let is_end = from > 0 && (from.is_multiple_of(BLOCK) || from == self.size);
            self.proof_due = is_end.then(|| (from - 1) / BLOCK);
        }
        self.upto = self.upto.max(upto);
        self.offer_due = false;
        self.deadline = Instant::NEVER;
        Some(is_new)
    }

    /// Nothing is wanted for now.
    pub(super) fn on_held(&mut self) {
        self.upto = self.next;
        self.offer_due = false;
        self.deadline = Instant::NEVER;
    }

    /// Says what comes next, with `chunk` bytes of the stream at most.
    pub(super) fn due(&self, chunk: usize) -> Option<Due> {
        if self.offer_due {
            return Some(Due::Offer);
        }
        let round = self.round?;
        if let Some(block) = self.proof_due {
            return Some(Due::Proof { round, block });
        }
        let at = self.next;
        let block_end = (at / BLOCK + 1).saturating_mul(BLOCK);
        let left = self.upto.min(block_end) - at;
        // A slow stream still comes several times a second.
        let slow = self.pace.map_or(u64::MAX, |pace| (pace.rate().get() / 4).max(64));
        let len = left.min(slow).min(chunk as u64) as usize;
        (len > 0).then_some(Due::Data { round, at, len })
    }

    pub(super) fn on_sent(&mut self, now: Instant, due: Due) {
        match due {
            Due::Offer => {
                self.offer_due = false;
                self.deadline = now + FILE_OFFER_AGAIN;
            }
            Due::Proof { .. } => self.proof_due = None,
            Due::Data { at, len, .. } => {
                self.next = at + len as u64;
                if self.next.is_multiple_of(BLOCK) || self.next == self.size {
                    self.proof_due = Some(at / BLOCK);
                }
                if let Some(pace) = &mut self.pace {
                    pace.pass(now, len);
                }
            }
        }
        if self.next == self.upto && self.round.is_some() {
            // The recipient has its turn.
            self.deadline = now + FILE_STALL;
        }
    }
}
