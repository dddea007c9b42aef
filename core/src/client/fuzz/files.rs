use alloc::collections::{BTreeMap, VecDeque};
use core::num::NonZeroU64;

use arbitrary::{Result, Unstructured};

use crate::error::FileEnd;
use crate::files::{Arrived, FileOutput, MAX_LEVELS, Slot, Source, Transfers, block_len, proof};
use crate::fuzz::words;
use crate::id::UserId;
use crate::io::ReceivedFile;
use crate::time::Instant;
use crate::wire::{FileDetails, FileItem, FileKind, HoldReason, Offer};

/// Transfers at a time.
const SLOTS: usize = 3;
/// What was offered and is remembered, at most.
const OFFERS: usize = 4;

/// Names a transfer with a user.
type Key = (UserId, u64);

/// What the host of a client does for its files.
#[derive(Default)]
pub(super) struct Files {
    pub(super) transfers: Transfers<[Slot; SLOTS]>,
    pub(super) disk: Disk,
    /// How far each stream has come that is received, and how long it is.
    got: BTreeMap<Key, (u64, u64)>,
    /// What may be accepted.
    offered: VecDeque<(Key, u64, [u8; 32])>,
    pub(super) wait: Instant,
}

/// Holds the lengths of what is sent: of all streams the bytes are known.
#[derive(Default)]
pub(super) struct Disk {
    sizes: BTreeMap<Key, u64>,
}

impl Disk {
    fn size(&self, to: &UserId, number: u64) -> u64 {
        *self.sizes.get(&(to.clone(), number)).expect("it was offered")
    }
}

impl Source for Disk {
    fn at_hand(&mut self, to: &UserId, number: u64, at: u64, len: usize) -> usize {
        assert!(at < self.size(to, number) && len > 0, "there are such bytes");
        // Now and then less is there, or nothing yet.
        match at % 5 {
            4 => 0,
            3 => len.min(7),
            _ => len,
        }
    }

    fn read(&mut self, to: &UserId, number: u64, at: u64, buf: &mut [u8]) {
        assert!(at + buf.len() as u64 <= self.size(to, number), "there are such bytes");
        for (at, byte) in (at..).zip(buf) {
            *byte = byte_at(at);
        }
    }

    fn proof(
        &mut self,
        to: &UserId,
        number: u64,
        block: u64,
        hashes: &mut [[u8; 32]; MAX_LEVELS],
    ) -> Option<usize> {
        let size = self.size(to, number);
        assert!(block_len(size, block) > 0, "there is such a block");
        hashes.fill([block as u8; 32]);
        Some(proof(crate::files::blocks(size), block).count())
    }
}

fn byte_at(at: u64) -> u8 {
    (at % 251) as u8
}

/// Checks what a client says of a file.
pub(super) fn check(item: &FileItem<'_>) {
    match item {
        FileItem::Data { at, bytes, .. } => {
            assert!(!bytes.is_empty());
            assert!((*at..).zip(*bytes).all(|(at, byte)| *byte == byte_at(at)), "its bytes");
        }
        FileItem::Want { from, upto, .. } => assert!(from <= upto),
        FileItem::Proof { hashes, .. } => assert!(hashes.len() <= MAX_LEVELS * 32),
        FileItem::Offer { offer, .. } => assert!(offer.check().is_ok()),
        FileItem::Held { .. } | FileItem::Ended { .. } => {}
    }
}

impl Files {
    pub(super) fn table(&mut self) -> &mut Transfers {
        &mut self.transfers
    }

    /// Takes in what came of a transfer.
    pub(super) fn note(&mut self, now: Instant, received: &ReceivedFile<'_>) {
        let user = received.from.clone();
        match self.table().received(now, received) {
            Arrived::Offered { number, offer } => {
                self.offered.push_back(((user, number), offer.size, offer.root));
                if self.offered.len() > OFFERS {
                    self.offered.pop_front();
                }
            }
            Arrived::Data { number, at, bytes } => {
                let got = self.got.get_mut(&(user.clone(), number)).expect("it was accepted");
                assert_eq!(at, got.0, "bytes come in order");
                got.0 += bytes.len() as u64;
                let (upto, size) = *got;
                assert!(!bytes.is_empty() && upto <= size, "not more than there are");
                // Some are written later.
                if at % 3 > 0 {
                    self.table().written(&user, number, upto);
                }
            }
            Arrived::Verified { number, block, .. } => {
                let (upto, size) = *self.got.get(&(user, number)).expect("it was accepted");
                let end = block * crate::files::BLOCK + block_len(size, block);
                assert_eq!(upto, end, "all of the block is there, and nothing behind it");
            }
            Arrived::WrongBlock { number, block, is_last } => {
                let key = (user, number);
                let got = self.got.get_mut(&key).expect("it was accepted");
                got.0 = block * crate::files::BLOCK;
                if is_last {
                    self.got.remove(&key);
                }
            }
            Arrived::Ended { number, by_sender, .. } => {
                if by_sender {
                    self.got.remove(&(user, number));
                }
            }
            Arrived::Nothing
            | Arrived::Wanted { .. }
            | Arrived::Held { .. }
            | Arrived::Missed { .. }
            | Arrived::Refused { .. } => {}
        }
    }

    /// Does what the transfers ask for next; returns for whom there is something, or `None` once there is
    /// nothing to do.
    pub(super) fn poll(&mut self) -> Option<Option<UserId>> {
        match self.table().poll() {
            FileOutput::Wait(at) => {
                self.wait = at;
                return None;
            }
            FileOutput::Kick(user) => return Some(Some(user)),
            FileOutput::Complete { from, number } => {
                let (upto, size) = self.got.remove(&(from.clone(), number)).expect("it came");
                assert_eq!(upto, size, "all of it is there");
                self.table().end(from, number, false, FileEnd::Done).expect("its own slot");
            }
            FileOutput::TooLargeForRelay { .. } | FileOutput::Unsendable { .. } => {}
        }
        Some(None)
    }

    /// Does one thing.
    pub(super) fn step(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        let what = choices.int_in_range(0..=9)?;
        let (user, number) = (words::user(choices)?, choices.int_in_range(0..=2)?);
        let key = (user.clone(), number);
        match what {
            0 | 1 => {
                let size = words::number(choices)?;
                let kind = FileKind::File(FileDetails { modified: 0, executable: false });
                let offer = Offer { name: "film", kind, size, root: [1; 32] };
                let limit = NonZeroU64::new(words::number(choices)?);
                if self.table().offer(user, number, &offer, limit).is_ok() {
                    self.disk.sizes.insert(key, size);
                }
            }
            2 | 3 => {
                let Some((key, size, root)) = self.offered.pop_front() else { return Ok(()) };
                let start = if choices.arbitrary()? { 0 } else { words::number(choices)? };
                let round = choices.int_in_range(0..=2)?;
                let stream = (size, root);
                if self.table().accept(key.0.clone(), key.1, stream, round, start).is_ok() {
                    self.got.insert(key, (start, size));
                }
            }
            4 => self.table().written(&user, number, words::number(choices)?),
            5 => self.table().hold(&user, number, HoldReason::DiskFull),
            6 => self.table().release(&user, number),
            7 => self.table().ready(&user, number),
            8 => {
                let by_sender = choices.arbitrary()?;
                // Without room, the other side asks again.
                let _ = self.table().end(user, number, by_sender, FileEnd::Cancelled);
                if !by_sender {
                    self.got.remove(&key);
                }
            }
            _ => {
                let is_outgoing = choices.arbitrary()?;
                self.table().forget(&user, number, is_outgoing);
                if !is_outgoing {
                    self.got.remove(&key);
                }
            }
        }
        Ok(())
    }
}
