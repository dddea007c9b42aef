use crate::limits::MAX_BODY;
use crate::wire::ChatBody;

/// Holds a part of one message: 60 bytes, or the first block's header and 52 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    bytes: [u8; Block::LEN],
    /// The next block of the message, or of the free list; ends with itself.
    next: u32,
}

/// Stores the bodies of all unsettled messages in blocks of one size: no fragments, no moves, and
/// every operation in constant time or in the time it takes to copy the message.
#[derive(Debug)]
pub(crate) struct Outbox<S: ?Sized = [Block]> {
    /// Head of the list of blocks that were used and freed.
    free: u32,
    /// Blocks in that list.
    freed: usize,
    /// Blocks from here on were never used.
    fresh: usize,
    blocks: S,
}

/// Chains the messages to one recipient, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    head: u32,
    tail: u32,
    /// Blocks that the messages take.
    held: usize,
}

/// Marks the end of a chain.
const NONE: u32 = u32::MAX;
/// Bytes of the first block that describe the message: its length, and the next message.
const HEADER: usize = 8;

impl Block {
    const LEN: usize = 60;
    /// A block that holds nothing.
    pub(crate) const EMPTY: Self = Self { bytes: [0; Self::LEN], next: NONE };
}

impl Queue {
    pub(crate) const EMPTY: Self = Self { head: NONE, tail: NONE, held: 0 };
}

impl<const N: usize> Outbox<[Block; N]> {
    // Not built on the stack first; see `Client::new`.
    #[inline(never)]
    pub(crate) const fn new() -> Self {
        assert!(N < NONE as usize, "block numbers have 32 bits");
        Self { free: NONE, freed: 0, fresh: 0, blocks: [Block::EMPTY; N] }
    }
}

impl Outbox {
    /// Blocks that a body of `len` bytes takes.
    const fn blocks_for(len: usize) -> usize {
        (HEADER + len).div_ceil(Block::LEN)
    }

    fn available(&self) -> usize {
        self.freed + (self.blocks.len() - self.fresh)
    }

    /// Appends a message to a queue, or returns `None` if there is no room for it.
    ///
    /// A recipient may hold at most as many blocks as are free: one that takes nothing leaves room
    /// for the others, however many there are.
    pub(crate) fn push(&mut self, queue: &mut Queue, body: &ChatBody<'_>) -> Option<u32> {
        let len = postcard::experimental::serialized_size(body).ok()?;
        let needed = Self::blocks_for(len);
        if len > MAX_BODY || queue.held + needed > self.available() {
            return None;
        }
        let head = self.allocate();
        let mut writer = ChainWriter { outbox: self, block: head, at: HEADER };
        // The writer takes any number of bytes, and there are blocks for all of them.
        postcard::serialize_with_flavor(body, &mut writer).ok()?;
        let header = &mut self.blocks[head as usize].bytes;
        header[..4].copy_from_slice(&(len as u32).to_le_bytes());
        header[4..HEADER].copy_from_slice(&NONE.to_le_bytes());
        match queue.tail {
            NONE => queue.head = head,
            tail => {
                let before = &mut self.blocks[tail as usize].bytes;
                before[4..HEADER].copy_from_slice(&head.to_le_bytes());
            }
        }
        queue.tail = head;
        queue.held += needed;
        Some(head)
    }

    /// Tells whether the body would find room if nothing else were kept.
    pub(crate) fn could_hold(&self, body: &ChatBody<'_>) -> bool {
        postcard::experimental::serialized_size(body)
            .is_ok_and(|len| len <= MAX_BODY && Self::blocks_for(len) <= self.blocks.len())
    }

    /// Removes the oldest message of a queue.
    pub(crate) fn pop(&mut self, queue: &mut Queue) {
        if queue.head == NONE {
            return;
        }
        let len = self.body_len(queue.head);
        let next = self.next_message(queue.head);
        let mut block = queue.head;
        for _ in 0..Self::blocks_for(len) {
            let after = self.blocks[block as usize].next;
            // Texts do not outlive their delivery in memory.
            self.blocks[block as usize] = Block { next: self.free, ..Block::EMPTY };
            self.free = block;
            self.freed += 1;
            block = after;
        }
        queue.held -= Self::blocks_for(len);
        queue.head = next.unwrap_or(NONE);
        if queue.head == NONE {
            queue.tail = NONE;
        }
    }

    /// Returns the first block of a queue's oldest message.
    pub(crate) fn first(&self, queue: &Queue) -> Option<u32> {
        (queue.head != NONE).then_some(queue.head)
    }

    /// Returns the first block of the message after the one that starts at `head`.
    pub(crate) fn next_message(&self, head: u32) -> Option<u32> {
        let next = self.word(head, 4);
        (next != NONE).then_some(next)
    }

    /// Returns the length of the body that starts at `head`.
    pub(crate) fn body_len(&self, head: u32) -> usize {
        self.word(head, 0) as usize
    }

    /// Returns the parts of the body that starts at `head`.
    pub(crate) fn chunks(&self, head: u32) -> impl Iterator<Item = &[u8]> {
        let mut left = self.body_len(head);
        let (mut block, mut start) = (head, HEADER);
        core::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            let Block { bytes, next } = &self.blocks[block as usize];
            let take = left.min(Block::LEN - start);
            let chunk = &bytes[start..start + take];
            (left, block, start) = (left - take, *next, 0);
            Some(chunk)
        })
    }

    fn word(&self, head: u32, at: usize) -> u32 {
        let bytes = &self.blocks[head as usize].bytes;
        u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
    }

    /// Takes a block; the caller has checked that one is available.
    fn allocate(&mut self) -> u32 {
        if self.free == NONE {
            self.fresh += 1;
            return (self.fresh - 1) as u32;
        }
        let block = self.free;
        self.free = self.blocks[block as usize].next;
        self.freed -= 1;
        self.blocks[block as usize].next = NONE;
        block
    }
}

/// Writes a body through the blocks of a new message.
struct ChainWriter<'o> {
    outbox: &'o mut Outbox,
    block: u32,
    at: usize,
}

impl postcard::ser_flavors::Flavor for &mut ChainWriter<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn try_extend(&mut self, mut bytes: &[u8]) -> postcard::Result<()> {
        while !bytes.is_empty() {
            if self.at == Block::LEN {
                let next = self.outbox.allocate();
                self.outbox.blocks[self.block as usize].next = next;
                (self.block, self.at) = (next, 0);
            }
            let (now, later) = bytes.split_at(bytes.len().min(Block::LEN - self.at));
            self.outbox.blocks[self.block as usize].bytes[self.at..self.at + now.len()]
                .copy_from_slice(now);
            self.at += now.len();
            bytes = later;
        }
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use super::*;
    use crate::test_cases::all;

    fn body(text: &str) -> ChatBody<'_> {
        ChatBody { name: "n", sent_ms: 5, text }
    }

    fn read(outbox: &Outbox, head: u32) -> Vec<u8> {
        outbox.chunks(head).flatten().copied().collect()
    }

    #[test]
    fn messages_come_back_as_they_went_in() {
        let mut sized = Outbox::<[Block; 40]>::new();
        let outbox: &mut Outbox = &mut sized;
        let (mut to_a, mut to_b) = (Queue::EMPTY, Queue::EMPTY);
        for round in all(0..50) {
            for len in [0, 1, 48, 49, 52, 60, 100, 170] {
                let text: String = "xyz".chars().cycle().skip(round).take(len).collect();
                let a = outbox.push(&mut to_a, &body(&text)).expect("room");
                let b = outbox.push(&mut to_b, &body("b")).expect("room");
                let bytes = read(outbox, a);
                assert_eq!(ChatBody::decode(&bytes), Ok(body(&text)));
                assert_eq!(ChatBody::decode(&read(outbox, b)), Ok(body("b")));
                assert_eq!(outbox.first(&to_a), Some(a));
                outbox.pop(&mut to_a);
                outbox.pop(&mut to_b);
            }
        }
        assert_eq!(outbox.available(), 40);
        assert_eq!((to_a.held, to_b.held), (0, 0));
    }

    #[test]
    fn queues_keep_their_order() {
        let mut sized = Outbox::<[Block; 20]>::new();
        let outbox: &mut Outbox = &mut sized;
        let mut queue = Queue::EMPTY;
        let heads: Vec<_> = ["1", "2", "3"]
            .iter()
            .map(|t| outbox.push(&mut queue, &body(t)).expect("room"))
            .collect();
        assert_eq!(outbox.next_message(heads[0]), Some(heads[1]));
        assert_eq!(outbox.next_message(heads[1]), Some(heads[2]));
        assert_eq!(outbox.next_message(heads[2]), None);
        outbox.pop(&mut queue);
        assert_eq!(outbox.first(&queue), Some(heads[1]));
        for _ in 0..3 {
            outbox.pop(&mut queue);
        }
        assert_eq!(outbox.first(&queue), None);
    }

    #[test]
    fn one_recipient_never_takes_all_the_room() {
        let mut sized = Outbox::<[Block; 16]>::new();
        let outbox: &mut Outbox = &mut sized;
        let mut queues = [const { Queue::EMPTY }; 4];
        for queue in &mut queues {
            while outbox.push(queue, &body("x")).is_some() {}
        }
        assert_eq!(queues.each_ref().map(|queue| queue.held), [8, 4, 2, 1]);
        assert_eq!(outbox.available(), 1);
    }
}
