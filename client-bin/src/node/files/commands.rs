//! What those who have a seat ask of files.

use std::num::NonZeroU64;
use std::path::PathBuf;

use breeze_core::error::{FileEnd, TransferError};
use breeze_core::files::{FileDetails, FileKind};
use breeze_core::id::UserId;
use breeze_core::time::Instant;
use breeze_server::host::wall_clock::now_ms;

use super::key::Key;
use super::record::{NOT_HASHED, Record, RecordState, VERSION};
use super::state::{Job, Unfound};
use super::transfer::{Activity, Transfer, Work};
use crate::ndjson::Event;
use crate::node::asker::Asker;
use crate::node::client_machine::ClientMachine;

impl ClientMachine {
    /// Takes up what an earlier run has left.
    pub(in crate::node) fn take_up_files(&mut self, now: Instant, records: Vec<Record>) {
        for record in records {
            let key = record.key();
            let begins = match (record.is_outgoing, &record.state) {
                (true, RecordState::Offered) | (false, RecordState::Accepted) => true,
                (true, RecordState::Accepted)
                | (false, RecordState::Offered)
                | (_, RecordState::Done | RecordState::Failed(_)) => false,
            };
            self.files.all.insert(key.clone(), Transfer::new(record, None));
            if begins {
                self.begin_file(now, &key);
            }
        }
    }

    /// Has a file or a folder looked at, hashed and offered.
    pub(in crate::node) fn send_file(
        &mut self,
        now: Instant,
        to: UserId,
        path: PathBuf,
        limit: Option<NonZeroU64>,
        asker: Asker,
    ) {
        let refusal = if to == self.profile.user {
            Some(("to_self", "a file cannot be sent to oneself".to_owned()))
        } else if self.contacts.is_blocked(&to) {
            Some(("blocked", Self::blocked_text(&to)))
        } else if !path.is_absolute() {
            Some(("bad_path", format!("'{}' is no path from the root", path.display())))
        } else if !self.files.has_room() {
            Some(("too_many_transfers", "there are too many transfers already".to_owned()))
        } else {
            None
        };
        if let Some((code, message)) = refusal {
            return self.refuse_because(&asker, code, message);
        }
        let Ok(number) = getrandom::u64() else {
            let message = "the system gives no random numbers".to_owned();
            return self.refuse_because(&asker, "failed", message);
        };
        let key = Key::outgoing(&to, number);
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let work = Work::default();
        let record = Record {
            version: VERSION,
            peer: to,
            number,
            is_outgoing: true,
            name,
            // Until it was looked at.
            kind: FileKind::File(FileDetails { modified: 0, executable: false }),
            size: 0,
            root: NOT_HASHED,
            state: RecordState::Offered,
            path: Some(path.clone()),
            replace: false,
            limit,
            since_ms: now_ms(),
        };
        let mut transfer = Transfer::new(record, Some(asker));
        transfer.activity = Activity::Hashing(work.clone());
        self.files.all.insert(key.clone(), transfer);
        self.files.job(Job::Prepare { key, path, work });
        self.tick_soon(now);
    }

    /// Has a stream that was offered put into a folder.
    pub(in crate::node) fn accept_file(
        &mut self,
        now: Instant,
        id: &str,
        dir: Option<PathBuf>,
        replace: bool,
        asker: &Asker,
    ) {
        let Some(key) = self.find_file(id, asker) else { return };
        let dir = dir.unwrap_or_else(|| self.files.downloads());
        let is_offered = self.files.all.get(&key).is_some_and(|transfer| {
            !key.is_outgoing && transfer.record.state == RecordState::Offered
        });
        if !is_offered {
            let message = format!("transfer {key} does not wait to be accepted");
            return self.refuse_because(asker, "not_offered", message);
        }
        if !dir.is_absolute() {
            let message = format!("'{}' is no path from the root", dir.display());
            return self.refuse_because(asker, "bad_path", message);
        }
        self.note_asker(&key, asker);
        self.take_file(now, &key, dir, replace);
        self.desk.settle(asker.seat);
    }

    /// Notes who gave the last command about a transfer: events about it carry that one's reference.
    fn note_asker(&mut self, key: &Key, asker: &Asker) {
        if let Some(transfer) = self.files.all.get_mut(key) {
            transfer.asker = Some(asker.clone());
        }
    }

    /// Accepts a stream.
    pub(super) fn take_file(&mut self, now: Instant, key: &Key, dir: PathBuf, replace: bool) {
        if let Some(transfer) = self.files.all.get_mut(key) {
            transfer.record.state = RecordState::Accepted;
            transfer.record.path = Some(dir);
            transfer.record.replace = replace;
            transfer.record.since_ms = now_ms();
        }
        self.files.save(key);
        self.begin_file(now, key);
    }

    /// Refuses a stream that was offered.
    pub(in crate::node) fn reject_file(&mut self, id: &str, asker: &Asker) {
        let Some(key) = self.find_file(id, asker) else { return };
        let is_offered = self.files.all.get(&key).is_some_and(|transfer| {
            !key.is_outgoing && transfer.record.state == RecordState::Offered
        });
        if is_offered {
            self.note_asker(&key, asker);
            self.end_file(&key, FileEnd::Rejected, None);
            self.desk.settle(asker.seat);
        } else {
            let message = format!("transfer {key} does not wait to be accepted; cancel it");
            self.refuse_because(asker, "not_offered", message);
        }
    }

    /// Ends a transfer of either direction.
    pub(in crate::node) fn cancel_file(&mut self, id: &str, asker: &Asker) {
        let Some(key) = self.find_file(id, asker) else { return };
        let is_over = self.files.all.get(&key).is_none_or(|it| it.record.is_over());
        if is_over {
            let message = format!("transfer {key} is over already");
            return self.refuse_because(asker, "not_offered", message);
        }
        self.note_asker(&key, asker);
        self.end_file(&key, FileEnd::Cancelled, None);
        self.desk.settle(asker.seat);
    }

    /// Answers which transfers there are.
    pub(in crate::node) fn list_files(&mut self, asker: &Asker) {
        let mut transfers: Vec<_> = self.files.all.iter().collect();
        transfers.sort_by_key(|(key, transfer)| (transfer.record.since_ms, *key));
        let transfers = transfers.into_iter().map(|(key, transfer)| transfer.entry(key)).collect();
        let reference = asker.reference.clone();
        self.desk.answer(asker.seat, Event::Files { reference, transfers });
    }

    fn find_file(&mut self, id: &str, asker: &Asker) -> Option<Key> {
        let (code, message) = match self.files.find(id) {
            Ok(key) => return Some(key),
            Err(Unfound::None) => ("unknown_transfer", format!("there is no transfer '{id}'")),
            Err(Unfound::Several) => (
                "ambiguous_transfer",
                format!("several transfers begin with '{id}': give more of the number"),
            ),
        };
        self.refuse_because(asker, code, message);
        None
    }

    /// Has a transfer go on from where it is: it is looked at first.
    pub(super) fn begin_file(&mut self, now: Instant, key: &Key) {
        let Some(transfer) = self.files.all.get_mut(key) else { return };
        let (work, record) = (Work::default(), Box::new(transfer.record.clone()));
        let job = if key.is_outgoing {
            transfer.activity = Activity::Hashing(work.clone());
            Job::Reopen { record, work }
        } else {
            transfer.activity = Activity::Checking(work.clone());
            Job::Open { record, work }
        };
        self.files.job(job);
        self.tick_soon(now);
    }

    /// Ends all transfers with a user that has another key: they were meant for whoever had the one before.
    pub(in crate::node) fn fail_files_of(&mut self, user: &UserId) {
        let live = self
            .files
            .all
            .iter()
            .filter(|(key, transfer)| key.peer == *user && !transfer.record.is_over());
        let live: Vec<Key> = live.map(|(key, _)| key.clone()).collect();
        for key in live {
            self.fail_file(&key, "key_changed", format!("the key of {user} has changed"));
        }
    }

    /// Ends a transfer that this side gives up, and says so to the other.
    pub(super) fn end_file(&mut self, key: &Key, end: FileEnd, message: Option<String>) {
        // Whoever was never told of it need not hear of its end.
        let was_offered = self.files.all.get(key).is_none_or(|transfer| {
            !(key.is_outgoing && matches!(transfer.activity, Activity::Hashing(_)))
        });
        self.fail_file(key, end.code(), message.unwrap_or_else(|| end.to_string()));
        if was_offered {
            self.tell_end(key, end);
        }
    }

    /// Says to the other side that a transfer has ended. If there is no room for that it asks again.
    pub(super) fn tell_end(&mut self, key: &Key, end: FileEnd) {
        let told = self.files.transfers().end(key.peer.clone(), key.number, key.is_outgoing, end);
        if let Err(TransferError::Full | TransferError::Known | TransferError::Malformed) = told {
            log::debug!("{} is not told now how transfer {key} ended", key.peer);
        }
    }
}
