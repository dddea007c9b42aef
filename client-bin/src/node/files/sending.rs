use std::collections::{BTreeMap, VecDeque};

use breeze_core::files::{BLOCK, MAX_LEVELS, Source, blocks};
use breeze_core::id::UserId;
use smol::channel::Sender;

use super::key::Key;

/// Blocks of a stream that are in memory, or being read, at most.
const AHEAD: usize = 4;

/// Is a block that was read, with its proof.
#[derive(Debug)]
pub(in crate::node) struct Block {
    pub(super) round: u32,
    pub(super) index: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) proof: Vec<[u8; 32]>,
}

/// Asks for a block, and gives memory for it.
#[derive(Debug)]
pub(in crate::node) struct Wish {
    /// Counts how often reading began anew.
    pub(super) round: u32,
    pub(super) index: u64,
    pub(super) bytes: Vec<u8>,
}

/// Holds what was read of a stream that is sent, a few blocks ahead.
#[derive(Debug)]
pub(super) struct Sending {
    size: u64,
    wishes: Sender<Wish>,
    round: u32,
    /// The next blocks, in order.
    ready: VecDeque<Block>,
    /// The block that is wished for next.
    next: u64,
    /// Blocks that were wished for and are not here.
    outstanding: usize,
    spare: Vec<Vec<u8>>,
    /// Where the last bytes that went out ended.
    pub(super) position: u64,
}

impl Sending {
    pub(super) fn new(size: u64, wishes: Sender<Wish>) -> Self {
        let (ready, spare) = (VecDeque::new(), Vec::new());
        Self { size, wishes, round: 0, ready, next: 0, outstanding: 0, spare, position: 0 }
    }

    /// Goes on at another place. What is of no use any more is let go of.
    pub(super) fn seek(&mut self, at: u64) {
        self.position = at;
        // At the end of a block, its proof may be wanted once more.
        let first = at.div_ceil(BLOCK).saturating_sub(1);
        self.release(|block| block.index < first);
        if self.ready.front().is_none_or(|block| block.index != first) {
            self.release(|_| true);
            self.round = self.round.wrapping_add(1);
            self.next = first;
        }
        self.wish();
    }

    /// Takes in a block that was read.
    pub(super) fn on_block(&mut self, block: Block) {
        self.outstanding = self.outstanding.saturating_sub(1);
        if block.round == self.round {
            self.ready.push_back(block);
        } else {
            self.spare.push(block.bytes);
        }
        self.wish();
    }

    /// Asks for blocks as far ahead as there is room.
    fn wish(&mut self) {
        while self.ready.len() + self.outstanding < AHEAD && self.next < blocks(self.size) {
            let (round, index) = (self.round, self.next);
            let bytes = self.spare.pop().unwrap_or_default();
            if self.wishes.try_send(Wish { round, index, bytes }).is_err() {
                // The task has ended, and has said why.
                return;
            }
            self.next += 1;
            self.outstanding += 1;
        }
        self.spare.truncate(AHEAD);
    }

    fn release(&mut self, is_over: impl Fn(&Block) -> bool) {
        while self.ready.front().is_some_and(&is_over) {
            if let Some(block) = self.ready.pop_front() {
                self.spare.push(block.bytes);
            }
        }
    }

    /// Returns a block if it is here; those before it are over.
    fn block(&mut self, index: u64) -> Option<&Block> {
        self.release(|block| block.index < index);
        self.wish();
        self.ready.front().filter(|block| block.index == index)
    }
}

/// Holds all streams that are sent.
#[derive(Debug, Default)]
pub(in crate::node) struct Streams(pub(super) BTreeMap<Key, Sending>);

impl Source for Streams {
    fn at_hand(&mut self, to: &UserId, number: u64, at: u64, len: usize) -> usize {
        let Some(sending) = self.0.get_mut(&Key::outgoing(to, number)) else { return 0 };
        let within = (at % BLOCK) as usize;
        sending.block(at / BLOCK).map_or(0, |block| (block.bytes.len() - within).min(len))
    }

    fn read(&mut self, to: &UserId, number: u64, at: u64, buf: &mut [u8]) {
        let Some(sending) = self.0.get_mut(&Key::outgoing(to, number)) else { return };
        sending.position = at + buf.len() as u64;
        let within = (at % BLOCK) as usize;
        if let Some(block) = sending.block(at / BLOCK) {
            buf.copy_from_slice(&block.bytes[within..within + buf.len()]);
        }
    }

    fn proof(
        &mut self,
        to: &UserId,
        number: u64,
        block: u64,
        hashes: &mut [[u8; 32]; MAX_LEVELS],
    ) -> Option<usize> {
        let sending = self.0.get_mut(&Key::outgoing(to, number))?;
        let proof = &sending.block(block)?.proof;
        hashes[..proof.len()].copy_from_slice(proof);
        Some(proof.len())
    }
}
