use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use breeze_core::files::{Slot, Transfers};
use breeze_core::id::UserId;
use breeze_core::time::Instant;
use smol::channel::{Receiver, Sender};

use super::key::Key;
use super::receiving::{Progress, Step};
use super::record::Record;
use super::sending::{Block, Streams, Wish};
use super::transfer::{Transfer, Work};
use crate::files::{Survey, Tree};

/// Transfers that are under way at once; further ones wait for their turn.
pub(super) const AT_ONCE: usize = 64;
/// How many of those go each way: two that offer much to each other leave room to accept something.
pub(super) const EACH_WAY: usize = AT_ONCE / 2;
/// Transfers that are remembered: the one that has been over for longest makes room.
pub(super) const REMEMBERED: usize = 1024;
/// Offers of one user that may wait to be accepted; more are refused.
pub(super) const UNANSWERED: usize = 32;

/// Is what a node knows and does of files.
pub(in crate::node) struct Files {
    /// The protocol's side.
    pub(in crate::node) transfers: Box<Transfers<[Slot; AT_ONCE]>>,
    /// What is read ahead.
    pub(in crate::node) streams: Streams,
    pub(super) all: BTreeMap<Key, Transfer>,
    /// What blocks is asked for here.
    pub(super) jobs: Sender<Job>,
    /// When progress is told next.
    pub(super) tick: Instant,
    /// Whose offers are accepted unasked.
    pub(super) welcome: Vec<UserId>,
    /// Where files are put unless another folder is named.
    downloads: PathBuf,
}

/// Is something that takes time.
#[derive(Debug)]
pub(in crate::node) enum Job {
    /// Look at a file or a folder, and hash it.
    Prepare { key: Key, path: PathBuf, work: Work },
    /// Look at what was offered in an earlier run.
    Reopen { record: Box<Record>, work: Work },
    /// Read blocks, as they are wished for.
    Read { key: Key, survey: Arc<Survey>, tree: Box<Tree>, wishes: Receiver<Wish> },
    /// Look for what there is of a stream already, or begin a part file; then write what arrives.
    Open { record: Box<Record>, work: Work },
    /// Remove what there is of a stream that nobody wants.
    Discard { record: Box<Record> },
    /// Remember this.
    Save { record: Box<Record> },
    /// Forget this.
    Forget { key: Key },
}

/// Says what became of a job.
#[derive(Debug)]
pub(in crate::node) enum Done {
    /// A stream can be offered.
    Prepared { key: Key, survey: Arc<Survey>, tree: Box<Tree> },
    /// It cannot, or no longer.
    Unprepared { key: Key, code: &'static str, message: String },
    /// A block was read.
    Block { key: Key, block: Block },
    /// A stream can be taken, from this place on; these are the bytes of the block that comes next.
    Opened { key: Key, start: u64, held: Vec<u8>, steps: Sender<Step> },
    /// A stream is complete already.
    Found { key: Key, path: PathBuf },
    /// Something about what arrives.
    Progress { key: Key, progress: Progress },
}

impl Files {
    pub(in crate::node) fn new(
        jobs: Sender<Job>,
        welcome: Vec<UserId>,
        downloads: PathBuf,
    ) -> Self {
        Self {
            transfers: Box::new(Transfers::new()),
            streams: Streams::default(),
            all: BTreeMap::new(),
            jobs,
            tick: Instant::NEVER,
            welcome,
            downloads,
        }
    }

    /// Returns where files are put unless another folder is named; it is made if it is not there.
    pub(super) fn downloads(&self) -> PathBuf {
        if let Err(error) = std::fs::create_dir_all(&self.downloads) {
            log::warn!("there can be no folder {}: {error}", self.downloads.display());
        }
        self.downloads.clone()
    }

    pub(super) fn job(&self, job: Job) {
        // If the tasks have ended, so has the node.
        let _ = self.jobs.try_send(job);
    }

    /// Remembers how far a transfer has got.
    pub(super) fn save(&self, key: &Key) {
        if let Some(transfer) = self.all.get(key) {
            self.job(Job::Save { record: Box::new(transfer.record.clone()) });
        }
    }

    /// Makes room for one more transfer, at the cost of the one that has been over for longest.
    pub(super) fn has_room(&mut self) -> bool {
        if self.all.len() < REMEMBERED {
            return true;
        }
        let over = self.all.iter().filter(|(_, transfer)| transfer.record.is_over());
        let oldest = over.min_by_key(|(_, transfer)| transfer.record.since_ms);
        let Some(key) = oldest.map(|(key, _)| key.clone()) else { return false };
        self.all.remove(&key);
        self.job(Job::Forget { key });
        true
    }

    /// Finds the transfer whose number begins like this.
    pub(super) fn find(&self, prefix: &str) -> Result<Key, Unfound> {
        let prefix = prefix.to_ascii_lowercase();
        let mut found = self.all.keys().filter(|key| key.to_string().starts_with(&prefix));
        match (found.next(), found.next()) {
            (Some(key), None) if !prefix.is_empty() => Ok(key.clone()),
            (Some(_), _) => Err(Unfound::Several),
            (None, _) => Err(Unfound::None),
        }
    }
}

/// Says why no transfer was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfound {
    /// None has such a number.
    None,
    /// Several have.
    Several,
}
