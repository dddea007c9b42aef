use std::collections::VecDeque;
use std::vec::Vec;

use super::super::sending::{RelayLimits, Way};
use super::super::{
    Arrived, BLOCK, BlockHasher, FileOutput, MAX_LEVELS, Sink, Slot, Source, Transfers, Written,
    merge, proof,
};
use crate::error::{CloseReason, FileEnd};
use crate::id::UserId;
use crate::io::{FileNews, ReceivedFile};
use crate::route::Path;
use crate::time::Instant;
use crate::wire::{FileDetails, FileItem, FileKind, HoldReason, Offer};

pub(super) const NUMBER: u64 = 77;

pub(super) fn alice() -> UserId {
    UserId::new("alice").expect("a good name")
}

pub(super) fn bob() -> UserId {
    UserId::new("bob").expect("a good name")
}

/// What alice sends, and its tree.
pub(super) struct Stream {
    pub bytes: Vec<u8>,
    levels: Vec<Vec<[u8; 32]>>,
    pub root: [u8; 32],
}

/// Makes the tree of a stream, the hashes of its blocks first.
pub(in crate::files) fn levels(stream: &[u8]) -> Vec<Vec<[u8; 32]>> {
    let size = stream.len() as u64;
    let leaves = stream.chunks(BLOCK as usize).enumerate().map(|(block, bytes)| {
        let mut hasher = BlockHasher::new(size, block as u64);
        bytes.chunks(10_007).for_each(|piece| hasher.update(piece));
        assert_eq!(hasher.missing(), 0);
        hasher.finish()
    });
    let mut levels = Vec::from([leaves.collect::<Vec<_>>()]);
    while let Some(below) = levels.last().filter(|level| level.len() > 1) {
        let is_root = below.len() == 2;
        let above = below.chunks(2).map(|pair| match pair {
            [left, right] => merge(left, right, is_root),
            alone => alone[0],
        });
        let above = above.collect();
        levels.push(above);
    }
    levels
}

impl Stream {
    pub(super) fn new(len: usize) -> Self {
        let bytes: Vec<u8> = (0..len).map(|at| (at ^ (at >> 9)) as u8).collect();
        let levels = levels(&bytes);
        let root = *blake3::hash(&bytes).as_bytes();
        Self { bytes, levels, root }
    }

    pub(super) fn offer(&self) -> Offer<'static> {
        let details = FileDetails { modified: 0, executable: false };
        let size = self.bytes.len() as u64;
        Offer { name: "film", kind: FileKind::File(details), size, root: self.root }
    }
}

impl Source for Stream {
    fn at_hand(&mut self, _to: &UserId, _number: u64, at: u64, len: usize) -> usize {
        (self.bytes.len() - at as usize).min(len)
    }

    fn read(&mut self, _to: &UserId, _number: u64, at: u64, buf: &mut [u8]) {
        buf.copy_from_slice(&self.bytes[at as usize..][..buf.len()]);
    }

    fn proof(
        &mut self,
        _to: &UserId,
        _number: u64,
        block: u64,
        hashes: &mut [[u8; 32]; MAX_LEVELS],
    ) -> Option<usize> {
        let blocks = self.levels[0].len() as u64;
        let nodes = proof(blocks, block).zip(hashes);
        let fill = |(node, place): (super::super::Node, &mut [u8; 32])| {
            *place = self.levels[usize::from(node.level)][node.index as usize];
        };
        Some(nodes.map(fill).count())
    }
}

/// Takes a bounded number of items, as they are encoded.
pub(super) struct Queue {
    pub items: VecDeque<Vec<u8>>,
    pub room: usize,
    /// Bytes of streams that were put in.
    pub sent: u64,
    /// Every item is too long for the other side.
    pub takes_nothing: bool,
}

impl Queue {
    fn put(&mut self, item: &FileItem<'_>) -> Written {
        if self.takes_nothing {
            return Written::TooLarge;
        }
        if self.items.len() >= self.room {
            return Written::Full;
        }
        let mut buf = std::vec![0; 32 * 1024];
        let encoded = postcard::to_slice(item, &mut buf).expect("it fits");
        self.items.push_back(encoded.to_vec());
        Written::Whole
    }
}

impl Sink for Queue {
    fn chunk(&self) -> usize {
        16_000
    }

    fn item(
        &mut self,
        _to: &UserId,
        _size: u64,
        item: &FileItem<'_>,
    ) -> Result<Written, CloseReason> {
        Ok(self.put(item))
    }

    fn data(
        &mut self,
        _to: &UserId,
        _size: u64,
        head: &FileItem<'_>,
        len: usize,
        fill: &mut dyn FnMut(&mut [u8]),
    ) -> Result<Written, CloseReason> {
        let mut bytes = std::vec![0; len];
        fill(&mut bytes);
        let FileItem::Data { number, round, at, .. } = *head else { panic!("no data") };
        let written = self.put(&FileItem::Data { number, round, at, bytes: &bytes });
        self.sent += if written == Written::Whole { len as u64 } else { 0 };
        Ok(written)
    }
}

/// Alice and bob, the way between them, and what bob has.
pub(super) struct Pair {
    pub now: Instant,
    pub alice: Transfers<[Slot; 4]>,
    pub bob: Transfers<[Slot; 4]>,
    pub to_bob: Queue,
    pub to_alice: Queue,
    pub way: Option<Way>,
    pub stream: Stream,
    pub got: Vec<u8>,
    pub verified: u64,
    /// What both hosts heard, but for data.
    pub heard: Vec<&'static str>,
    pub is_complete: bool,
    /// Bob takes whatever is offered.
    pub accepts: bool,
    /// Bob writes at once what comes.
    pub writes: bool,
    pub round: u32,
}

impl Pair {
    pub(super) fn new(len: usize) -> Self {
        let queue = || Queue { items: VecDeque::new(), room: 12, sent: 0, takes_nothing: false };
        Self {
            now: Instant::from_millis(1_000),
            alice: Transfers::new(),
            bob: Transfers::new(),
            to_bob: queue(),
            to_alice: queue(),
            way: Some(Way::Direct),
            stream: Stream::new(len),
            got: Vec::new(),
            verified: 0,
            heard: Vec::new(),
            is_complete: false,
            accepts: true,
            writes: true,
            round: 9,
        }
    }

    pub(super) fn relay(rate: u64, max: u64) -> Option<Way> {
        Some(Way::Relay(RelayLimits { rate, max }))
    }

    pub(super) fn offer(&mut self) {
        let offer = self.stream.offer();
        let alice: &mut Transfers = &mut self.alice;
        alice.offer(bob(), NUMBER, &offer, None).expect("there is room");
    }

    pub(super) fn accept(&mut self, start: u64) {
        self.round += 1;
        let stream = (self.stream.bytes.len() as u64, self.stream.root);
        let table: &mut Transfers = &mut self.bob;
        table.accept(alice(), NUMBER, stream, self.round, start).expect("there is room");
        table.refill(&alice(), NUMBER, &self.got[start as usize..]);
    }

    /// Writes what both have to say, as far as there is room.
    pub(super) fn write(&mut self) {
        let way = self.way;
        let mut ways = |_: &UserId| way;
        let (alice, bob): (&mut Transfers, &mut Transfers) = (&mut self.alice, &mut self.bob);
        alice
            .write(self.now, &mut ways, &mut self.stream, &mut self.to_bob)
            .expect("nothing closes");
        bob.write(self.now, &mut ways, &mut self.stream, &mut self.to_alice)
            .expect("nothing closes");
    }

    /// Delivers one item each way. Returns whether there was any.
    pub(super) fn deliver(&mut self) -> bool {
        let (there, back) = (self.to_bob.items.pop_front(), self.to_alice.items.pop_front());
        if let Some(item) = &there {
            self.at_bob(item);
        }
        if let Some(item) = &back {
            self.at_alice(item);
        }
        there.is_some() || back.is_some()
    }

    pub(super) fn at_bob(&mut self, item: &[u8]) {
        let item = FileItem::decode(item).expect("an item");
        let received =
            ReceivedFile { from: alice(), path: Path::Direct, what: FileNews::Item(item) };
        let table: &mut Transfers = &mut self.bob;
        match table.received(self.now, &received) {
            Arrived::Offered { number, offer } => {
                assert_eq!((number, offer), (NUMBER, self.stream.offer()));
                self.heard.push("offered");
                if self.is_complete {
                    table.end(alice(), NUMBER, false, FileEnd::Done).expect("there is room");
                } else if self.accepts {
                    let start = self.got.len() as u64 / BLOCK * BLOCK;
                    self.accept(start);
                }
            }
            Arrived::Data { at, bytes, .. } => {
                assert!(at <= self.got.len() as u64);
                self.got.truncate(at as usize);
                self.got.extend_from_slice(bytes);
                if self.writes {
                    table.written(&alice(), NUMBER, self.got.len() as u64);
                }
            }
            Arrived::Verified { block, .. } => {
                assert!(block <= self.verified);
                self.verified = block + 1;
            }
            Arrived::WrongBlock { is_last, .. } => {
                self.heard.push(if is_last { "hopeless" } else { "wrong" });
            }
            Arrived::Ended { by_sender, .. } => {
                assert!(by_sender);
                self.heard.push("bob: ended");
            }
            Arrived::Nothing => {}
            other => panic!("{other:?}"),
        }
    }

    fn at_alice(&mut self, item: &[u8]) {
        let item = FileItem::decode(item).expect("an item");
        let received = ReceivedFile { from: bob(), path: Path::Direct, what: FileNews::Item(item) };
        let table: &mut Transfers = &mut self.alice;
        match table.received(self.now, &received) {
            Arrived::Wanted { .. } => self.heard.push("wanted"),
            Arrived::Held { reason: HoldReason::DiskFull, .. } => self.heard.push("held"),
            Arrived::Missed { .. } => self.heard.push("missed"),
            Arrived::Ended { by_sender: false, end, .. } => self.heard.push(end.code()),
            Arrived::Nothing => {}
            other => panic!("{other:?}"),
        }
    }

    /// Does what both tables ask for; returns when they want to hear of time.
    pub(super) fn drain(&mut self) -> Instant {
        let mut until = Instant::NEVER;
        for is_alice in [true, false] {
            loop {
                let table: &mut Transfers = if is_alice { &mut self.alice } else { &mut self.bob };
                match table.poll() {
                    FileOutput::Kick(user) => {
                        assert_eq!(user, if is_alice { bob() } else { alice() });
                    }
                    FileOutput::Complete { from, number } => {
                        assert_eq!((from, number), (alice(), NUMBER));
                        assert!(self.got == self.stream.bytes, "not what was sent");
                        self.is_complete = true;
                        let table: &mut Transfers = &mut self.bob;
                        table.end(alice(), NUMBER, false, FileEnd::Done).expect("there is room");
                    }
                    FileOutput::TooLargeForRelay { max, .. } => {
                        self.heard.push(if max == 0 { "no relay" } else { "too large" });
                    }
                    FileOutput::Unsendable { .. } => self.heard.push("unsendable"),
                    FileOutput::Wait(at) => {
                        until = until.min(at);
                        break;
                    }
                }
            }
        }
        until
    }

    /// Delivers so many items each way.
    pub(super) fn settle_items(&mut self, count: usize) {
        for _ in 0..count {
            self.write();
            self.deliver();
            self.drain();
        }
    }

    /// Runs until nothing moves without the time going on.
    pub(super) fn settle(&mut self) -> Instant {
        loop {
            self.write();
            let moved = self.deliver();
            let until = self.drain();
            if !moved {
                return until;
            }
        }
    }

    /// Runs, jumping to each deadline, until it is all over or nothing is left to wait for.
    pub(super) fn run(&mut self) {
        for _ in 0..10_000 {
            let until = self.settle();
            if self.heard.contains(&"done") || !until.is_set() {
                return;
            }
            self.now = self.now.max(until);
            self.timeout();
        }
        panic!("it does not end: {:?}", self.heard);
    }

    pub(super) fn timeout(&mut self) {
        let (alice, bob): (&mut Transfers, &mut Transfers) = (&mut self.alice, &mut self.bob);
        alice.timeout(self.now);
        bob.timeout(self.now);
    }

    /// Loses all that is under way, and tells both.
    pub(super) fn cut(&mut self) {
        self.to_bob.items.clear();
        self.to_alice.items.clear();
        let (to_alice, to_bob): (&mut Transfers, &mut Transfers) = (&mut self.alice, &mut self.bob);
        to_alice.on_path(self.now, &bob());
        to_bob.on_path(self.now, &alice());
    }
}
