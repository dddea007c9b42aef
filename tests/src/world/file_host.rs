use breeze_core::error::{FileEnd, FileRefusal};
use breeze_core::files::{
    Arrived, FileDetails, FileKind, FileOutput, HoldReason, Offer, Slot, Transfers,
};
use breeze_core::id::UserId;
use breeze_core::io::ReceivedFile;
use breeze_core::time::Instant;

use super::file_disk::{FileDisk, Got};
use super::host::{Brain, HostId};
use super::world::{Task, World};

/// Transfers that one host has at a time.
const SLOTS: usize = 8;

/// What a client's host has for its files.
#[derive(Default)]
pub(super) struct Files {
    transfers: Box<Transfers<[Slot; SLOTS]>>,
    pub disk: FileDisk,
}

/// Says what a host was told of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileNote {
    /// It is offered.
    Offered,
    /// It is wanted from here on.
    Wanted(u64),
    /// It is held.
    Held(HoldReason),
    /// A block was wrong; for the last time, if so.
    Wrong(u64, bool),
    /// The other side has ended it.
    Ended(FileEnd),
    /// The other side asks for it.
    Missed,
    /// The server does not relay it.
    Refused(FileRefusal),
    /// It waits for a direct link: the server relays no more bytes than these.
    TooLarge(u64),
    /// Nothing of it can be sent.
    Unsendable,
    /// All of it is there.
    Complete,
}

impl Files {
    pub(super) fn table(&mut self) -> &mut Transfers {
        &mut *self.transfers
    }

    /// Both parts, for whoever sends.
    pub(super) fn parts(&mut self) -> (&mut Transfers, &mut FileDisk) {
        (&mut *self.transfers, &mut self.disk)
    }

    /// Forgets what only a running program has.
    pub(super) fn stop(&mut self, rng: &mut super::rng::Rng) {
        *self.transfers = Transfers::new();
        self.disk.lose_power(rng);
    }
}

/// What a client's host does for files.
impl World {
    /// Does the next thing that a host's transfers ask for; returns the deadline if there is none.
    pub(super) fn poll_files(&mut self, id: HostId) -> Option<Instant> {
        let now = self.clock(id);
        match self.hosts[id.0].files.table().poll() {
            FileOutput::Wait(at) => return Some(at),
            FileOutput::Kick(user) => {
                if let Brain::Client(client) = &mut self.hosts[id.0].brain {
                    client.kick_files(now, &user);
                }
            }
            FileOutput::Complete { from, number } => self.on_complete(id, from, number),
            FileOutput::TooLargeForRelay { number, max, .. } => {
                self.note_file(id, number, FileNote::TooLarge(max));
            }
            FileOutput::Unsendable { to, number } => {
                self.note_file(id, number, FileNote::Unsendable);
                self.end_own(id, &to, number, true, FileEnd::Malformed);
            }
        }
        None
    }

    fn on_complete(&mut self, id: HostId, from: UserId, number: u64) {
        let stream = self.sent(number).stream.clone();
        let got = self.got(id, &from, number);
        assert!(got.bytes == stream.bytes, "{number:x} is not what was sent");
        self.note_file(id, number, FileNote::Complete);
        self.end_own(id, &from, number, false, FileEnd::Done);
    }

    /// Ends a transfer at one side, if it has not ended there.
    pub(super) fn end_own(
        &mut self,
        id: HostId,
        other: &UserId,
        number: u64,
        by_sender: bool,
        end: FileEnd,
    ) {
        let Files { disk, .. } = &mut self.hosts[id.0].files;
        let key = (other.clone(), number);
        let known = match by_sender {
            true => disk.sent.get_mut(&key).map(|sent| (&mut sent.end, &mut sent.runs)),
            false => disk.got.get_mut(&key).map(|got| (&mut got.end, &mut got.runs)),
        };
        let Some((known, runs)) = known else { return };
        if known.is_none() {
            (*known, *runs) = (Some(end), false);
            // If it is not told, the other side asks again.
            let _ = self.hosts[id.0].files.table().end(other.clone(), number, by_sender, end);
            self.start_files(id);
        }
    }

    /// Gives a host's core what there is room for.
    pub(super) fn start_files(&mut self, id: HostId) {
        if !matches!(self.hosts[id.0].brain, Brain::Client(_)) {
            return;
        }
        let (Files { transfers, disk }, rng) = (&mut self.hosts[id.0].files, &mut self.rng);
        let table: &mut Transfers = &mut **transfers;
        // Half of the places are for each direction, or two hosts that both send would leave none.
        let mut sends = disk.sent.values().filter(|sent| sent.runs).count();
        let mut receives = disk.got.values().filter(|got| got.runs).count();
        for ((to, number), sent) in &mut disk.sent {
            if !sent.runs && sent.end.is_none() && sends < SLOTS / 2 {
                let kind = FileKind::File(FileDetails { modified: 0, executable: false });
                let (size, root) = (sent.stream.size(), sent.stream.root);
                let offer = Offer { name: "film", kind, size, root };
                sent.runs = table.offer(to.clone(), *number, &offer, sent.limit).is_ok();
                sends += usize::from(sent.runs);
            }
        }
        for ((from, number), got) in &mut disk.got {
            if !got.runs && got.is_accepted && got.end.is_none() && receives < SLOTS / 2 {
                let (stream, start) = ((got.size, got.root), got.sure());
                let round = rng.bits() as u32;
                if table.accept(from.clone(), *number, stream, round, start).is_ok() {
                    (got.runs, receives) = (true, receives + 1);
                    table.refill(from, *number, &got.bytes[start as usize..]);
                    if let Some(reason) = got.held {
                        table.hold(from, *number, reason);
                    }
                }
            }
        }
    }

    /// Takes in what came of a transfer.
    pub(super) fn on_file(&mut self, id: HostId, received: &ReceivedFile<'_>) {
        let now = self.clock(id);
        let user = received.from.clone();
        match self.hosts[id.0].files.table().received(now, received) {
            Arrived::Nothing => {}
            Arrived::Offered { number, offer } => {
                let accepts = self.hosts[id.0].member.as_ref().is_some_and(|m| m.accepts_files);
                let (size, root) = (offer.size, offer.root);
                let got = self.hosts[id.0].files.disk.got.entry((user.clone(), number));
                let got = got.or_insert_with(|| Got {
                    size,
                    root,
                    bytes: Vec::new(),
                    verified: 0,
                    is_accepted: accepts,
                    held: None,
                    runs: false,
                    end: None,
                    lost: 0,
                    room: u64::MAX,
                });
                if let Some(end) = got.end {
                    let _ = self.hosts[id.0].files.table().end(user, number, false, end);
                }
                self.note_file(id, number, FileNote::Offered);
                self.start_files(id);
            }
            Arrived::Wanted { number, from } => {
                let sent = self.sent_mut(id, &user, number);
                (sent.rounds, sent.last) = (sent.rounds + 1, None);
                self.note_file(id, number, FileNote::Wanted(from));
            }
            Arrived::Data { number, at, bytes } => self.on_data(id, user, number, at, bytes),
            Arrived::Verified { number, block, hash } => {
                assert_eq!(hash, self.sent(number).stream.block_hash(block), "not its block");
                let got = self.got(id, &user, number);
                assert_eq!(block, got.verified, "blocks come in order");
                got.verified = block + 1;
            }
            Arrived::WrongBlock { number, block, is_last } => {
                self.note_file(id, number, FileNote::Wrong(block, is_last));
                let got = self.got(id, &user, number);
                assert_eq!(block, got.verified, "what is verified stays");
                got.cut(got.sure());
                if is_last {
                    (got.end, got.runs) = (Some(FileEnd::Corrupt), false);
                    self.start_files(id);
                }
            }
            Arrived::Held { number, reason } => {
                self.note_file(id, number, FileNote::Held(reason));
            }
            Arrived::Ended { number, by_sender, end } => {
                self.on_file_ended(id, user, number, by_sender, end);
            }
            Arrived::Missed { number } => {
                self.note_file(id, number, FileNote::Missed);
                let sent = self.hosts[id.0].files.disk.sent.get(&(user.clone(), number));
                let end = sent.map_or(Some(FileEnd::Unknown), |sent| sent.end);
                if let Some(end) = end {
                    let _ = self.hosts[id.0].files.table().end(user, number, true, end);
                }
                self.start_files(id);
            }
            Arrived::Refused { number, reason } => {
                self.note_file(id, number, FileNote::Refused(reason));
            }
        }
    }

    fn on_data(&mut self, id: HostId, user: UserId, number: u64, at: u64, bytes: &[u8]) {
        let (now, life) = (self.now, self.hosts[id.0].life);
        let time = self.hosts[id.0].member.as_ref().map_or_else(Default::default, |m| m.file_time);
        let got = self.got(id, &user, number);
        assert_eq!(at, got.bytes.len() as u64, "bytes come in order");
        got.bytes.extend_from_slice(bytes);
        let upto = got.bytes.len() as u64;
        if upto >= got.room && got.held.is_none() {
            got.held = Some(HoldReason::DiskFull);
            self.hosts[id.0].files.table().hold(&user, number, HoldReason::DiskFull);
        }
        if time.is_zero() {
            self.hosts[id.0].files.table().written(&user, number, upto);
        } else {
            self.plan(now + time, Task::Written(id, life, user, number, upto));
        }
    }

    pub(super) fn written(&mut self, id: HostId, life: u32, from: &UserId, number: u64, upto: u64) {
        if self.hosts[id.0].life == life && !self.hosts[id.0].is_off() {
            self.hosts[id.0].files.table().written(from, number, upto);
            self.settle(id);
        }
    }

    fn on_file_ended(
        &mut self,
        id: HostId,
        user: UserId,
        number: u64,
        by_sender: bool,
        end: FileEnd,
    ) {
        self.note_file(id, number, FileNote::Ended(end));
        let key = (user, number);
        if by_sender {
            if let Some(got) = self.hosts[id.0].files.disk.got.get_mut(&key) {
                got.runs = false;
                got.end.get_or_insert(end);
            }
        } else {
            if end == FileEnd::Done {
                let file = self.files[&number];
                let from = UserId::new(self.user(file.from)).expect("a user id");
                let got = self.got(file.to, &from, number);
                assert_eq!(got.end, Some(FileEnd::Done), "{number:x} is called done and is not");
            }
            if let Some(sent) = self.hosts[id.0].files.disk.sent.get_mut(&key) {
                sent.runs = false;
                sent.end.get_or_insert(end);
            }
        }
        self.start_files(id);
    }

    pub(super) fn note_file(&mut self, id: HostId, number: u64, note: FileNote) {
        let now = self.now;
        self.trace.note(now, format_args!("{} {number:x} {note:?}", self.hosts[id.0].user()));
        self.file_log.push((now, id, number, note));
    }
}
