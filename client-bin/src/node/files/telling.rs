//! What is told of transfers.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use breeze_core::files::FileKind as CoreKind;
use breeze_core::time::Instant;
use breeze_server::host::wall_clock::now_ms;

use super::key::Key;
use super::meter::TICK;
use super::record::RecordState;
use super::state::{Files, Job};
use super::transfer::{Activity, Transfer};
use crate::ndjson::{Event, FileEntry, FileKind, FileState, PathKind, Seconds};
use crate::node::client_machine::ClientMachine;

impl Transfer {
    fn state(&self) -> (FileState, Option<String>) {
        match (&self.activity, &self.record.state) {
            (_, RecordState::Done) => (FileState::Done, None),
            (_, RecordState::Failed(reason)) => (FileState::Failed, Some(reason.clone())),
            (Activity::Hashing(_), _) => (FileState::Hashing, None),
            (Activity::Checking(_), _) => (FileState::Checking, None),
            (Activity::Queued, _) => (FileState::Waiting, Some("queued".into())),
            (Activity::Offered { obstacle: Some(why), .. }, _) => match why.word {
                "disk_full" | "paused" => (FileState::Held, Some(why.word.into())),
                word => (FileState::Waiting, Some(word.into())),
            },
            (Activity::Offered { wanted: true, .. } | Activity::Receiving(_), _) => {
                (FileState::Moving, None)
            }
            (Activity::Offered { wanted: false, .. }, _) => (FileState::Waiting, None),
            (Activity::Held { why: "queued", .. }, _) => {
                (FileState::Waiting, Some("queued".into()))
            }
            (Activity::Held { why, .. }, _) => (FileState::Held, Some((*why).into())),
            (Activity::None, _) => (FileState::Offered, None),
        }
    }

    fn kind(&self) -> FileKind {
        match self.record.kind {
            CoreKind::File(_) => FileKind::File,
            CoreKind::Folder { .. } => FileKind::Folder,
        }
    }

    /// Describes it for a list.
    pub(super) fn entry(&self, key: &Key) -> FileEntry<'static> {
        let (state, reason) = self.state();
        let bytes = if state == FileState::Done { self.record.size } else { self.bytes };
        FileEntry {
            transfer: Cow::Owned(key.to_string()),
            from: key.from(),
            to: key.to(),
            name: Cow::Owned(self.record.name.clone()),
            kind: self.kind(),
            size: self.record.size,
            files: self.record.files(),
            state,
            bytes,
            path: self.record.path.as_ref().map(|path| Cow::Owned(path.display().to_string())),
            reason: reason.map(Cow::Owned),
            since_ms: self.record.since_ms,
        }
    }
}

impl Files {
    /// Returns the table, whatever its size.
    pub(in crate::node) fn transfers(&mut self) -> &mut breeze_core::files::Transfers {
        &mut *self.transfers
    }
}

impl ClientMachine {
    /// Tells of a transfer: with the reference of whoever asked for it, and to all others without.
    fn tell_of_file(&mut self, key: &Key, event: Event<'static>) {
        match self.files.all.get(key).and_then(|transfer| transfer.asker.clone()) {
            Some(asker) => self.desk.tell_of(&asker, event),
            None => self.desk.tell_all(event),
        }
    }

    /// Tells that a stream is offered.
    pub(super) fn tell_offer(&mut self, key: &Key) {
        let Some(transfer) = self.files.all.get(key) else { return };
        let record = &transfer.record;
        let event = Event::FileOffer {
            transfer: Cow::Owned(key.to_string()),
            reference: None,
            from: key.from(),
            to: key.to(),
            name: Cow::Owned(record.name.clone()),
            kind: transfer.kind(),
            size: record.size,
            files: record.files(),
            hash: Cow::Owned(record.hash()),
        };
        self.tell_of_file(key, event);
        // That is what the command to send it was about.
        let asker = self.files.all.get(key).and_then(|transfer| transfer.asker.clone());
        if let Some(asker) = asker.filter(|_| key.is_outgoing) {
            self.desk.settle(asker.seat);
        }
    }

    /// A stream is complete, and where it is to be.
    pub(super) fn complete_file(&mut self, now: Instant, key: &Key, path: Option<PathBuf>) {
        let Some(transfer) = self.files.all.get_mut(key) else { return };
        transfer.stop();
        let record = &mut transfer.record;
        record.state = RecordState::Done;
        record.since_ms = now_ms();
        if let Some(path) = path {
            record.path = Some(path);
        }
        let millis = transfer.began.map_or(0, |began| (now - began).as_millis() as u64);
        let shown = record.path.as_ref().map(|path| path.display().to_string());
        let event = Event::FileDone {
            transfer: Cow::Owned(key.to_string()),
            reference: None,
            from: key.from(),
            to: key.to(),
            name: Cow::Owned(record.name.clone()),
            path: Cow::Owned(shown.unwrap_or_default()),
            bytes: record.size,
            hash: Cow::Owned(record.hash()),
            seconds: Seconds { ms: millis },
            via: transfer.via(),
        };
        log::info!("transfer {key} of {:?} is complete", transfer.record.name);
        self.files.streams.0.remove(key);
        self.files.save(key);
        self.tell_of_file(key, event);
        self.begin_queued();
    }

    /// A transfer has ended without success.
    pub(super) fn fail_file(&mut self, key: &Key, code: &'static str, message: String) {
        let Some(transfer) = self.files.all.get_mut(key) else { return };
        if transfer.record.is_over() {
            return;
        }
        let was_told = transfer.record.was_offered();
        let was_accepted = transfer.record.state == RecordState::Accepted;
        transfer.stop();
        let record = &mut transfer.record;
        record.state = RecordState::Failed(code.to_owned());
        record.since_ms = now_ms();
        log::info!("transfer {key} of {:?} has ended: {message}", record.name);
        let event = Event::FileFailed {
            transfer: Cow::Owned(key.to_string()),
            reference: None,
            from: key.from(),
            to: key.to(),
            name: Cow::Owned(record.name.clone()),
            reason: Cow::Owned(code.to_owned()),
            message: Cow::Owned(message.clone()),
        };
        if was_accepted {
            let record = Box::new(record.clone());
            self.files.job(Job::Discard { record });
        }
        self.files.transfers().forget(&key.peer, key.number, key.is_outgoing);
        self.files.streams.0.remove(key);
        self.begin_queued();
        if was_told {
            self.files.save(key);
            return self.tell_of_file(key, event);
        }
        // Nobody but whoever asked for it has heard of it.
        let asker = self.files.all.remove(key).and_then(|transfer| transfer.asker);
        self.files.job(Job::Forget { key: key.clone() });
        if let Some(asker) = asker {
            match code {
                "cancelled" => {
                    self.desk.tell_of(&asker, event);
                    self.desk.settle(asker.seat);
                }
                _ => self.refuse_because(&asker, code, message),
            }
        }
    }

    /// Has progress told before long.
    pub(super) fn tick_soon(&mut self, now: Instant) {
        self.files.tick = self.files.tick.min(now + TICK);
    }

    /// Tells how far transfers are, of which that has changed.
    pub(super) fn tell_progress_of_files(&mut self, now: Instant) {
        self.files.tick = Instant::NEVER;
        let mut goes_on = false;
        let mut news = Vec::new();
        let ClientMachine { files, roster, .. } = self;
        for (key, transfer) in &mut files.all {
            if transfer.record.is_over() {
                continue;
            }
            if let Activity::Receiving(receiving) = &mut transfer.activity {
                // What comes slowly is written all the same.
                receiving.flush();
            }
            match &transfer.activity {
                Activity::Hashing(work) | Activity::Checking(work) => {
                    transfer.bytes = work.done.load(Ordering::Relaxed);
                }
                Activity::Offered { wanted: true, .. } => {
                    if let Some(stream) = files.streams.0.get(key) {
                        transfer.bytes = stream.position;
                    }
                }
                Activity::Offered { .. }
                | Activity::Receiving(_)
                | Activity::None
                | Activity::Queued
                | Activity::Held { .. } => {}
            }
            let (mut state, mut reason) = transfer.state();
            let way = roster.path(&key.peer);
            let needs_way = match state {
                FileState::Moving => true,
                FileState::Waiting => reason.is_none(),
                _ => false,
            };
            if needs_way && way == PathKind::None {
                (state, reason) = (FileState::Waiting, Some("offline".into()));
            }
            let via = if state == FileState::Moving { way } else { PathKind::None };
            let limit = match &transfer.activity {
                Activity::Offered { obstacle: Some(why), .. } => why.limit,
                _ => None,
            };
            let now_told = Some((state, transfer.bytes, reason.clone()));
            if transfer.told == now_told || matches!(transfer.activity, Activity::None) {
                continue;
            }
            let rate = match state {
                FileState::Moving | FileState::Hashing | FileState::Checking => {
                    goes_on = true;
                    transfer.meter.read(now, transfer.bytes)
                }
                FileState::Offered
                | FileState::Waiting
                | FileState::Held
                | FileState::Done
                | FileState::Failed => 0,
            };
            transfer.told = now_told;
            match via {
                PathKind::Direct => transfer.ways.0 = true,
                PathKind::Relay => transfer.ways.1 = true,
                PathKind::None => {}
            }
            news.push((
                key.clone(),
                Event::FileProgress {
                    transfer: Cow::Owned(key.to_string()),
                    reference: None,
                    from: key.from(),
                    to: key.to(),
                    state,
                    bytes: transfer.bytes,
                    size: transfer.record.size,
                    rate,
                    via: (via != PathKind::None).then_some(via),
                    reason: reason.map(Cow::Owned),
                    limit,
                },
            ));
        }
        for (key, event) in news {
            self.tell_of_file(&key, event);
        }
        let held = self.files.all.values().filter_map(|transfer| match transfer.activity {
            Activity::Held { again, .. } => Some(again),
            _ => None,
        });
        let held = held.min().unwrap_or(Instant::NEVER);
        self.files.tick = if goes_on { now + TICK } else { held };
    }
}
