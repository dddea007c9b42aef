use std::num::NonZeroU64;
use std::rc::Rc;

use breeze_core::error::FileEnd;
use breeze_core::files::HoldReason;
use breeze_core::id::UserId;
use breeze_core::limits::FILE_WINDOW;
use breeze_core::time::Instant;
use breeze_core::wire::{Message, Relay, RelayItem};

use super::file_disk::{Got, Sent};
use super::file_host::FileNote;
use super::host::HostId;
use super::stream::Stream;
use super::world::World;

/// Names a transfer of a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId {
    /// Who sends.
    pub from: HostId,
    /// Who receives.
    pub to: HostId,
    /// Its number; no two transfers of a world have the same.
    pub number: u64,
}

/// Says how far a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileView {
    /// How it ended, as far as its sender knows.
    pub sent_end: Option<FileEnd>,
    /// How it ended at its recipient.
    pub got_end: Option<FileEnd>,
    /// Bytes that have arrived.
    pub arrived: u64,
    /// Bytes that were sent, again or not.
    pub sent: u64,
    /// Times that the recipient said where to go on.
    pub rounds: u64,
}

/// What people do with files, and what a scenario asks of them.
impl World {
    /// Offers a stream.
    pub fn offer_file(&mut self, from: HostId, to: HostId, bytes: Vec<u8>) -> FileId {
        self.offer_file_slowly(from, to, bytes, 0)
    }

    /// Offers a stream, of which so many bytes are to go out a second; 0 for any number.
    pub fn offer_file_slowly(
        &mut self,
        from: HostId,
        to: HostId,
        bytes: Vec<u8>,
        limit: u64,
    ) -> FileId {
        let number = self.rng.bits();
        let file = FileId { from, to, number };
        self.files.insert(number, file);
        let sent = Sent {
            stream: Rc::new(Stream::new(bytes)),
            limit: NonZeroU64::new(limit),
            runs: false,
            end: None,
            read: 0,
            last: None,
            rounds: 0,
            spoilt: None,
        };
        let user = UserId::new(self.user(to)).expect("a user id");
        self.hosts[from.0].files.disk.sent.insert((user, number), sent);
        self.start_files(from);
        self.settle(from);
        file
    }

    /// Accepts a stream that was offered.
    pub fn accept_file(&mut self, file: FileId) {
        self.got_of(file).expect("it was offered").is_accepted = true;
        self.start_files(file.to);
        self.settle(file.to);
    }

    /// Has one side end a transfer.
    pub fn end_file(&mut self, file: FileId, by_sender: bool, end: FileEnd) {
        let (own, other) = if by_sender { (file.from, file.to) } else { (file.to, file.from) };
        let other = UserId::new(self.user(other)).expect("a user id");
        self.end_own(own, &other, file.number, by_sender, end);
        self.settle(own);
    }

    /// Has the recipient hold a transfer.
    pub fn hold_file(&mut self, file: FileId) {
        let from = UserId::new(self.user(file.from)).expect("a user id");
        let Some(got) = self.got_of(file).filter(|got| got.end.is_none()) else { return };
        got.held = Some(HoldReason::Paused);
        self.hosts[file.to.0].files.table().hold(&from, file.number, HoldReason::Paused);
        self.settle(file.to);
    }

    /// Fills the recipient's disk at a length of the stream.
    pub fn fill_disk(&mut self, file: FileId, room: u64) {
        self.got_of(file).expect("it was offered").room = room;
    }

    /// Has the recipient of a transfer that is held go on, with all the room that it needs.
    pub fn release_file(&mut self, file: FileId) {
        let from = UserId::new(self.user(file.from)).expect("a user id");
        let Some(got) = self.got_of(file) else { return };
        (got.held, got.room) = (None, u64::MAX);
        self.hosts[file.to.0].files.table().release(&from, file.number);
        self.settle(file.to);
    }

    /// Has the sender read a place of its stream wrong, so many times.
    pub fn spoil_file(&mut self, file: FileId, at: u64, times: u32) {
        let to = UserId::new(self.user(file.to)).expect("a user id");
        self.sent_mut(file.from, &to, file.number).spoilt = Some((at, times));
    }

    /// How far a transfer is.
    pub fn file(&self, file: FileId) -> FileView {
        let sent = self.sent(file.number);
        let from = UserId::new(self.user(file.from)).expect("a user id");
        let got = self.hosts[file.to.0].files.disk.got.get(&(from, file.number));
        FileView {
            sent_end: sent.end,
            got_end: got.and_then(|got| got.end),
            arrived: got.map_or(0, |got| got.bytes.len() as u64),
            sent: sent.read,
            rounds: sent.rounds,
        }
    }

    /// What a host was told of a transfer.
    pub fn file_notes(&self, host: HostId, file: FileId) -> Vec<FileNote> {
        let own = self.file_log.iter().filter(|entry| (entry.1, entry.2) == (host, file.number));
        own.map(|entry| entry.3).collect()
    }

    /// How often a host was told that somebody offers something.
    pub fn offers(&self, host: HostId) -> usize {
        let told =
            |entry: &&(_, HostId, u64, FileNote)| (entry.1, entry.3) == (host, FileNote::Offered);
        self.file_log.iter().filter(told).count()
    }

    /// When a host was told something of a transfer.
    pub fn file_note_at(&self, host: HostId, file: FileId, note: FileNote) -> Option<Instant> {
        let mut log = self.file_log.iter();
        log.find(|entry| (entry.1, entry.2, entry.3) == (host, file.number, note)).map(|e| e.0)
    }

    /// The transfers of a world.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        self.files.values().copied()
    }

    /// The transfers that have not ended at both sides.
    pub fn open_files(&self) -> Vec<FileId> {
        let is_open = |file: &FileId| {
            let view = self.file(*file);
            view.sent_end.is_none() || (view.rounds > 0 && view.got_end.is_none())
        };
        self.files().filter(is_open).collect()
    }

    /// Fails if more of a stream was sent than it has bytes, but for what was under way when the recipient
    /// said anew where to go on, and what it had and lost.
    pub fn assert_files_within_bounds(&self) {
        for file in self.files() {
            let (sent, view) = (self.sent(file.number), self.file(file));
            let from = UserId::new(self.user(file.from)).expect("a user id");
            let got = self.hosts[file.to.0].files.disk.got.get(&(from, file.number));
            let lost = got.map_or(0, |got| got.lost);
            let again = FILE_WINDOW * view.rounds.saturating_sub(1);
            let most = sent.stream.size() + lost + again;
            assert!(sent.read <= most, "{file:?}: {} of {most} bytes", sent.read);
        }
    }

    /// Looks for these bytes in everything that the server reads from now on.
    pub fn look_for(&mut self, needle: &[u8]) {
        self.needles.push((needle.to_vec(), 0));
    }

    /// How often each of the bytes that are looked for was found.
    pub fn found(&self) -> Vec<usize> {
        self.needles.iter().map(|(_, found)| *found).collect()
    }

    /// How many relayed items of files were seen at the server.
    pub fn relayed_items(&self) -> usize {
        self.nonces.len()
    }

    /// Looks at what the server has opened.
    pub(super) fn look_at_relay(&mut self, plain: &[u8]) {
        for (needle, found) in &mut self.needles {
            *found += plain.windows(needle.len()).filter(|window| window == needle).count();
        }
        if self.files.is_empty() {
            return;
        }
        for at in 1..plain.len() {
            if plain[at] != RELAY {
                continue;
            }
            let Some(frame) = frame_at(plain, at) else { continue };
            let Ok(Message::Relay(Relay { item: RelayItem::File(file), .. })) =
                Message::decode(frame)
            else {
                continue;
            };
            let nonce = (file.epoch.to_bits(), file.count);
            let known = self.nonces.entry(nonce).or_insert_with(|| file.body.to_vec());
            assert!(*known == file.body, "{nonce:x?} has sealed two items");
        }
    }

    pub(super) fn got(&mut self, id: HostId, from: &UserId, number: u64) -> &mut Got {
        let got = self.hosts[id.0].files.disk.got.get_mut(&(from.clone(), number));
        got.expect("it was offered")
    }

    fn got_of(&mut self, file: FileId) -> Option<&mut Got> {
        let from = UserId::new(self.user(file.from)).expect("a user id");
        self.hosts[file.to.0].files.disk.got.get_mut(&(from, file.number))
    }

    pub(super) fn sent_mut(&mut self, id: HostId, to: &UserId, number: u64) -> &mut Sent {
        let sent = self.hosts[id.0].files.disk.sent.get_mut(&(to.clone(), number));
        sent.expect("it is sent")
    }

    pub(super) fn sent(&self, number: u64) -> &Sent {
        let file = self.files[&number];
        let to = UserId::new(self.user(file.to)).expect("a user id");
        &self.hosts[file.from.0].files.disk.sent[&(to, number)]
    }
}

/// The number of a relayed message.
const RELAY: u8 = 10;

/// The frame that begins at a place, if the bytes before are its length.
fn frame_at(plain: &[u8], at: usize) -> Option<&[u8]> {
    let before = &plain[..at];
    let (last, rest) = before.split_last()?;
    let more = rest.iter().rev().take_while(|byte| **byte & 0x80 != 0).count().min(2);
    let first = u32::from(*last);
    if first & 0x80 != 0 {
        return None;
    }
    let len = before[at - 1 - more..]
        .iter()
        .rev()
        .fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f));
    plain.get(at..at + len).filter(|_| len > 0)
}
