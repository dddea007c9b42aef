use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::rc::Rc;

use breeze_core::error::FileEnd;
use breeze_core::files::{BLOCK, HoldReason, MAX_LEVELS, Source};
use breeze_core::id::UserId;

use super::rng::Rng;
use super::stream::Stream;

/// Is what a client's host has on its disk of files: what it sends, and how far it has what it receives.
/// It outlives the host's runs.
#[derive(Debug, Default)]
pub(super) struct FileDisk {
    pub sent: BTreeMap<(UserId, u64), Sent>,
    pub got: BTreeMap<(UserId, u64), Got>,
}

/// A stream that is sent to somebody.
#[derive(Debug)]
pub(super) struct Sent {
    pub stream: Rc<Stream>,
    pub limit: Option<NonZeroU64>,
    /// The core has it.
    pub runs: bool,
    pub end: Option<FileEnd>,
    /// Bytes that were given to the core.
    pub read: u64,
    /// Where the last ones began: they come again if there was no room for them.
    pub last: Option<u64>,
    /// Times that the recipient said where to go on.
    pub rounds: u64,
    /// A place that is read wrong, and how often yet.
    pub spoilt: Option<(u64, u32)>,
}

/// A stream that somebody offers.
#[derive(Debug)]
pub(super) struct Got {
    pub size: u64,
    pub root: [u8; 32],
    pub bytes: Vec<u8>,
    /// Blocks that were verified, from the first on.
    pub verified: u64,
    pub is_accepted: bool,
    pub held: Option<HoldReason>,
    /// The core has it.
    pub runs: bool,
    pub end: Option<FileEnd>,
    /// Bytes that were there and are not any more: they were wrong, or not there for good.
    pub lost: u64,
    /// The length at which the disk is full.
    pub room: u64,
}

impl Got {
    /// Keeps the first bytes alone.
    pub(super) fn cut(&mut self, len: u64) {
        self.lost += (self.bytes.len() as u64).saturating_sub(len);
        self.bytes.truncate(len as usize);
    }

    /// The place up to which all is verified.
    pub(super) fn sure(&self) -> u64 {
        (self.verified * BLOCK).min(self.size)
    }
}

impl FileDisk {
    /// Ends what was under way. Of a block that is not whole, some is there or none.
    pub(super) fn lose_power(&mut self, rng: &mut Rng) {
        for sent in self.sent.values_mut() {
            sent.runs = false;
        }
        for got in self.got.values_mut() {
            got.runs = false;
            let unsure = (got.bytes.len() as u64).saturating_sub(got.sure());
            if unsure > 0 && got.end.is_none() {
                got.cut(got.sure() + rng.below(unsure + 1));
            }
        }
    }

    fn sent(&mut self, to: &UserId, number: u64) -> &mut Sent {
        self.sent.get_mut(&(to.clone(), number)).expect("nothing else is sent")
    }
}

impl Source for FileDisk {
    fn at_hand(&mut self, to: &UserId, number: u64, at: u64, len: usize) -> usize {
        let size = self.sent(to, number).stream.size();
        len.min((size - at) as usize)
    }

    fn read(&mut self, to: &UserId, number: u64, at: u64, buf: &mut [u8]) {
        let sent = self.sent(to, number);
        if sent.last.replace(at) != Some(at) {
            sent.read += buf.len() as u64;
        }
        buf.copy_from_slice(&sent.stream.bytes[at as usize..][..buf.len()]);
        if let Some((place, times)) = &mut sent.spoilt
            && (at..at + buf.len() as u64).contains(place)
            && *times > 0
        {
            *times -= 1;
            buf[(*place - at) as usize] ^= 0x20;
        }
    }

    fn proof(
        &mut self,
        to: &UserId,
        number: u64,
        block: u64,
        hashes: &mut [[u8; 32]; MAX_LEVELS],
    ) -> Option<usize> {
        Some(self.sent(to, number).stream.proof(block, hashes))
    }
}
