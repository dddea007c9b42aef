//! What comes of files: from the other side, and from the tasks that read and write.

use std::sync::Arc;

use breeze_core::error::{FileEnd, FileRefusal, TransferError};
use breeze_core::files::{Arrived, FileOutput, HoldReason, Offer};
use breeze_core::id::UserId;
use breeze_core::io::ReceivedFile;
use breeze_core::time::Instant;
use breeze_server::host::wall_clock::now_ms;
use smol::channel;

use super::key::Key;
use super::receiving::{Progress, Receiving, Step};
use super::record::{Record, RecordState, VERSION};
use super::sending::Sending;
use super::state::{Done, EACH_WAY, Job, UNANSWERED};
use super::transfer::{Activity, Obstacle, Transfer};
use crate::files::{Survey, Tree};
use crate::node::client_machine::ClientMachine;

/// From finding that a stream cannot be taken to the next try, at first and at last, in seconds.
const FULL_PAUSES: (u64, u64) = (5, 60);

impl ClientMachine {
    /// Takes in what the core received.
    pub(in crate::node) fn on_file(&mut self, now: Instant, received: &ReceivedFile<'_>) {
        let (user, path) = (&received.from, received.path);
        match self.files.transfers().received(now, received) {
            Arrived::Nothing => {}
            Arrived::Offered { number, offer } => self.on_file_offered(now, user, number, &offer),
            Arrived::Wanted { number, from } => {
                let key = Key::outgoing(user, number);
                if let Some(stream) = self.files.streams.0.get_mut(&key) {
                    stream.seek(from);
                }
                if let Some(transfer) = self.files.all.get_mut(&key) {
                    transfer.note_way(now, path);
                    transfer.bytes = from;
                    transfer.activity = Activity::Offered { wanted: true, obstacle: None };
                }
                self.tick_soon(now);
            }
            Arrived::Data { number, at, bytes } => {
                let window = self.files.transfers().window(user, number);
                if let Some(transfer) = self.files.all.get_mut(&Key::incoming(user, number)) {
                    transfer.note_way(now, path);
                    if let Activity::Receiving(receiving) = &mut transfer.activity {
                        receiving.take(at, bytes, window);
                    }
                }
                self.tick_soon(now);
            }
            Arrived::Verified { number, block, hash } => {
                if let Some(receiving) = self.receiving(user, number) {
                    receiving.on_verified(block, hash);
                }
            }
            Arrived::WrongBlock { number, block, is_last: false } => {
                log::warn!("block {block} of transfer {number:016x} from {user} came wrong");
                if let Some(receiving) = self.receiving(user, number) {
                    receiving.on_wrong(block);
                }
            }
            Arrived::WrongBlock { number, is_last: true, .. } => {
                let (key, end) = (Key::incoming(user, number), FileEnd::Corrupt);
                self.fail_file(&key, end.code(), end.to_string());
            }
            Arrived::Held { number, reason } => {
                let word = match reason {
                    HoldReason::DiskFull => "disk_full",
                    HoldReason::Paused => "paused",
                };
                self.note_obstacle(now, &Key::outgoing(user, number), word, None);
            }
            Arrived::Ended { number, by_sender, end } => {
                self.on_file_ended(
                    now,
                    Key { number, peer: user.clone(), is_outgoing: !by_sender },
                    end,
                );
            }
            Arrived::Missed { number } => {
                let key = Key::outgoing(user, number);
                let end = match self.files.all.get(&key).map(|transfer| &transfer.record.state) {
                    None => Some(FileEnd::Unknown),
                    Some(RecordState::Failed(code)) if code == FileEnd::Changed.code() => {
                        Some(FileEnd::Changed)
                    }
                    Some(RecordState::Failed(_) | RecordState::Done) => Some(FileEnd::Cancelled),
                    // It is about to be offered again.
                    Some(RecordState::Offered | RecordState::Accepted) => None,
                };
                if let Some(end) = end {
                    self.tell_end(&key, end);
                }
            }
            Arrived::Refused { number, reason } => {
                let (word, limit) = match reason {
                    FileRefusal::Off => ("no_relay", None),
                    FileRefusal::TooLarge { max } => ("too_large_for_relay", Some(max)),
                    FileRefusal::Offline => ("offline", None),
                    FileRefusal::NotTaken => ("not_taken", None),
                    FileRefusal::Busy => return,
                };
                self.note_obstacle(now, &Key::outgoing(user, number), word, limit);
            }
        }
    }

    fn receiving(&mut self, from: &UserId, number: u64) -> Option<&mut Receiving> {
        match &mut self.files.all.get_mut(&Key::incoming(from, number))?.activity {
            Activity::Receiving(receiving) => Some(receiving),
            _ => None,
        }
    }

    fn note_obstacle(&mut self, now: Instant, key: &Key, word: &'static str, limit: Option<u64>) {
        if let Some(transfer) = self.files.all.get_mut(key)
            && let Activity::Offered { obstacle, .. } = &mut transfer.activity
        {
            *obstacle = Some(Obstacle { word, limit });
            self.tick_soon(now);
        }
    }

    fn on_file_offered(&mut self, now: Instant, from: &UserId, number: u64, offer: &Offer<'_>) {
        let key = Key::incoming(from, number);
        let end = match self.files.all.get(&key).map(|transfer| &transfer.record.state) {
            None => None,
            Some(RecordState::Done) => Some(FileEnd::Done),
            Some(RecordState::Failed(code)) if code == FileEnd::Rejected.code() => {
                Some(FileEnd::Rejected)
            }
            Some(RecordState::Failed(_)) => Some(FileEnd::Cancelled),
            // Everybody knows, or it is about to be accepted.
            Some(RecordState::Offered | RecordState::Accepted) => return,
        };
        if let Some(end) = end {
            return self.tell_end(&key, end);
        }
        let waits = |transfer: &&Transfer| {
            transfer.record.peer == *from
                && !transfer.record.is_outgoing
                && transfer.record.state == RecordState::Offered
        };
        if self.files.all.values().filter(waits).count() >= UNANSWERED || !self.files.has_room() {
            return self.tell_end(&key, FileEnd::TooMany);
        }
        let record = Record {
            version: VERSION,
            peer: from.clone(),
            number,
            is_outgoing: false,
            name: offer.name.to_owned(),
            kind: offer.kind,
            size: offer.size,
            root: offer.root,
            state: RecordState::Offered,
            path: None,
            replace: false,
            limit: None,
            since_ms: now_ms(),
        };
        log::info!("{from} offers {:?}, {} bytes", offer.name, offer.size);
        self.files.all.insert(key.clone(), Transfer::new(record, None));
        self.files.save(&key);
        self.tell_offer(&key);
        if self.files.welcome.contains(from) {
            let dir = self.files.downloads();
            self.take_file(now, &key, dir, false);
        }
    }

    fn on_file_ended(&mut self, now: Instant, key: Key, end: FileEnd) {
        if self.files.all.get(&key).is_none_or(|transfer| transfer.record.is_over()) {
            return;
        }
        match end {
            FileEnd::Done if key.is_outgoing => self.complete_file(now, &key, None),
            FileEnd::Done
            | FileEnd::Rejected
            | FileEnd::Cancelled
            | FileEnd::Unknown
            | FileEnd::Changed
            | FileEnd::Corrupt
            | FileEnd::Malformed
            | FileEnd::Disk
            | FileEnd::TooMany => self.fail_file(&key, end.code(), end.to_string()),
        }
    }

    /// Takes in what became of something that takes time.
    pub(in crate::node) fn on_file_job(&mut self, now: Instant, done: Done) {
        match done {
            Done::Prepared { key, survey, tree } => self.on_prepared(now, &key, survey, tree),
            Done::Unprepared { key, code, message } => {
                let end = match code {
                    "cancelled" => return,
                    "disk" => FileEnd::Disk,
                    _ => FileEnd::Changed,
                };
                let was_offered = self.files.all.get(&key).is_some_and(|transfer| {
                    transfer.record.was_offered() && !transfer.record.is_over()
                });
                self.fail_file(&key, code, message);
                if was_offered {
                    self.tell_end(&key, end);
                }
            }
            Done::Block { key, block } => {
                if let Some(stream) = self.files.streams.0.get_mut(&key) {
                    stream.on_block(block);
                    self.files.transfers().ready(&key.peer, key.number);
                }
            }
            Done::Opened { key, start, held, steps } => {
                self.on_opened(now, &key, start, &held, steps);
            }
            Done::Found { key, path } => {
                if self.files.all.get(&key).is_some_and(|transfer| !transfer.record.is_over()) {
                    self.complete_file(now, &key, Some(path));
                    self.tell_end(&key, FileEnd::Done);
                }
            }
            Done::Progress { key, progress } => self.on_file_progress(now, &key, progress),
        }
    }

    fn on_prepared(&mut self, now: Instant, key: &Key, survey: Arc<Survey>, tree: Box<Tree>) {
        let Some(transfer) = self.files.all.get_mut(key) else { return };
        if !matches!(transfer.activity, Activity::Hashing(_)) {
            return;
        }
        let offer = survey.offer(tree.root());
        let is_new = transfer.record.root != offer.root || transfer.record.size != offer.size;
        let record = &mut transfer.record;
        record.name = offer.name.to_owned();
        (record.kind, record.size, record.root) = (offer.kind, offer.size, offer.root);
        let skipped = survey.skipped();
        if skipped.links + skipped.others > 0 {
            log::warn!(
                "of {}, {} links and {} other things that are no files are not sent",
                survey.path().display(),
                skipped.links,
                skipped.others
            );
        }
        transfer.activity = Activity::Queued;
        let (sender, wishes) = channel::unbounded();
        self.files.streams.0.insert(key.clone(), Sending::new(offer.size, sender));
        self.files.save(key);
        self.files.job(Job::Read { key: key.clone(), survey, tree, wishes });
        if is_new {
            self.tell_offer(key);
        }
        self.begin_queued();
        self.tick_soon(now);
    }

    /// Has transfers begin that wait for their turn, in the order of their numbers.
    pub(super) fn begin_queued(&mut self) {
        let files = &mut self.files;
        let offered = |transfer: &&Transfer| matches!(transfer.activity, Activity::Offered { .. });
        let mut room = EACH_WAY.saturating_sub(files.all.values().filter(offered).count());
        for (key, transfer) in &mut files.all {
            if room == 0 {
                return;
            }
            if !key.is_outgoing || !matches!(transfer.activity, Activity::Queued) {
                continue;
            }
            let (to, offer) = (key.peer.clone(), transfer.record.offer());
            let table: &mut breeze_core::files::Transfers = &mut *files.transfers;
            match table.offer(to, key.number, &offer, transfer.record.limit) {
                Ok(()) | Err(TransferError::Known) => {
                    transfer.activity = Activity::Offered { wanted: false, obstacle: None };
                    room -= 1;
                }
                Err(TransferError::Full) => return,
                Err(TransferError::Malformed) => {
                    log::warn!("transfer {key} cannot be offered");
                    transfer.activity = Activity::None;
                }
            }
        }
    }

    fn on_opened(
        &mut self,
        now: Instant,
        key: &Key,
        start: u64,
        held: &[u8],
        steps: channel::Sender<Step>,
    ) {
        let arrives = |transfer: &&Transfer| matches!(transfer.activity, Activity::Receiving(_));
        let arriving = self.files.all.values().filter(arrives).count();
        let Some(transfer) = self.files.all.get_mut(key) else { return };
        if transfer.record.is_over() {
            return;
        }
        let (from, number, record) = (&key.peer, key.number, &transfer.record);
        let table: &mut breeze_core::files::Transfers = &mut *self.files.transfers;
        // What was received and not written before the disk was full comes again.
        table.forget(from, number, false);
        if arriving >= EACH_WAY {
            return self.try_again(now, key, "queued");
        }
        let round = getrandom::u32().unwrap_or(now.as_millis() as u32);
        let (size, root) = (record.size, record.root);
        match table.accept(from.clone(), number, (size, root), round, start) {
            Ok(()) => {
                table.refill(from, number, held);
                transfer.bytes = start + held.len() as u64;
                transfer.activity = Activity::Receiving(Receiving::new(steps));
                transfer.meter.pause();
            }
            Err(TransferError::Malformed) => {
                let end = FileEnd::Malformed;
                self.fail_file(key, end.code(), end.to_string());
                self.tell_end(key, end);
            }
            Err(TransferError::Full | TransferError::Known) => self.try_again(now, key, "queued"),
        }
        self.tick_soon(now);
    }

    fn on_file_progress(&mut self, now: Instant, key: &Key, progress: Progress) {
        let Some(transfer) = self.files.all.get_mut(key) else { return };
        if transfer.record.is_over() {
            return;
        }
        match progress {
            Progress::Written { upto, spare } => {
                if let Activity::Receiving(receiving) = &mut transfer.activity {
                    transfer.bytes = upto;
                    transfer.tries = 0;
                    receiving.on_written(spare);
                    self.files.transfers().written(&key.peer, key.number, upto);
                }
            }
            Progress::Finished { path } => {
                self.complete_file(now, key, Some(path));
                self.tell_end(key, FileEnd::Done);
            }
            Progress::Full(message) => {
                log::warn!("transfer {key} pauses: {message}");
                self.files.transfers().hold(&key.peer, key.number, HoldReason::DiskFull);
                self.try_again(now, key, "disk_full");
                self.tick_soon(now);
            }
            Progress::Broken { is_malformed, message } => {
                let end = if is_malformed { FileEnd::Malformed } else { FileEnd::Disk };
                self.end_file(key, end, Some(message));
            }
        }
    }

    /// Has a stream wait until it can be taken.
    fn try_again(&mut self, now: Instant, key: &Key, why: &'static str) {
        if let Some(transfer) = self.files.all.get_mut(key) {
            let (first, last) = FULL_PAUSES;
            let pause = first.saturating_mul(1 << transfer.tries.min(8)).min(last);
            let again = now + std::time::Duration::from_secs(pause);
            transfer.tries += 1;
            transfer.activity = Activity::Held { again, why };
            transfer.meter.pause();
        }
    }

    /// Does what the transfers ask for; returns when they want to hear of time, or `None` if the client
    /// may have something to say first.
    pub(in crate::node) fn pump_files(&mut self, now: Instant) -> Option<Instant> {
        match self.files.transfers().poll() {
            FileOutput::Kick(user) => {
                self.client.kick_files(now, &user);
                None
            }
            FileOutput::Complete { from, number } => {
                let key = Key::incoming(&from, number);
                if let Some(transfer) = self.files.all.get_mut(&key)
                    && let Activity::Receiving(receiving) = &mut transfer.activity
                {
                    receiving.on_complete(transfer.record.replace);
                }
                None
            }
            FileOutput::TooLargeForRelay { to, number, max } => {
                let key = Key::outgoing(&to, number);
                log::info!(
                    "transfer {key} to {to} waits for a direct link: the server's limit is {max}"
                );
                match max {
                    0 => self.note_obstacle(now, &key, "no_relay", None),
                    _ => self.note_obstacle(now, &key, "too_large_for_relay", Some(max)),
                }
                None
            }
            FileOutput::Unsendable { to, number } => {
                self.note_obstacle(now, &Key::outgoing(&to, number), "not_taken", None);
                None
            }
            FileOutput::Wait(at) => Some(at.min(self.files.tick)),
        }
    }

    /// Takes in that time has passed.
    pub(in crate::node) fn on_file_time(&mut self, now: Instant) {
        self.files.transfers().timeout(now);
        let due = self.files.all.iter().filter(|(_, transfer)| {
            matches!(transfer.activity, Activity::Held { again, .. } if again <= now)
        });
        let due: Vec<Key> = due.map(|(key, _)| key.clone()).collect();
        for key in due {
            self.begin_file(now, &key);
        }
        if self.files.tick <= now {
            self.tell_progress_of_files(now);
        }
    }

    /// The way to a user has changed.
    pub(in crate::node) fn on_file_path(&mut self, now: Instant, user: &UserId) {
        self.files.transfers().on_path(now, user);
        for (key, transfer) in &mut self.files.all {
            if key.peer == *user
                && let Activity::Offered { obstacle, .. } = &mut transfer.activity
            {
                *obstacle = None;
            }
        }
    }
}
