use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use breeze_core::Path;
use breeze_core::time::Instant;

use super::meter::Meter;
use super::receiving::Receiving;
use super::record::Record;
use crate::ndjson::{FileState, Via};
use crate::node::asker::Asker;

/// Is all that the node knows of one transfer.
#[derive(Debug)]
pub(super) struct Transfer {
    pub(super) record: Record,
    /// Who gave the command for it in this run.
    pub(super) asker: Option<Asker>,
    pub(super) activity: Activity,
    /// Bytes that are where they are to be: at the recipient's disk, or on the way to it.
    pub(super) bytes: u64,
    pub(super) meter: Meter,
    /// How often it was tried in vain to go on, since something was written.
    pub(super) tries: u32,
    /// When the first bytes moved in this run.
    pub(super) began: Option<Instant>,
    /// Whether bytes went direct, and whether they went by relay.
    pub(super) ways: (bool, bool),
    /// What was told of it last.
    pub(super) told: Option<(FileState, u64, Option<String>)>,
}

/// Says what is going on with a transfer.
#[derive(Debug)]
pub(super) enum Activity {
    /// Nothing: it was not accepted, or is over.
    None,
    /// It is read, before it is offered; or looked at anew.
    Hashing(Work),
    /// There are as many transfers under way as there may be.
    Queued,
    /// It is offered, and sent as the recipient wants it.
    Offered {
        /// The recipient wants it.
        wanted: bool,
        /// Why it does not get on, if that is known.
        obstacle: Option<Obstacle>,
    },
    /// What is on the disk of it is looked at.
    Checking(Work),
    /// It arrives.
    Receiving(Receiving),
    /// It cannot be taken for now, and why; when to try again.
    Held { again: Instant, why: &'static str },
}

/// Says why a stream does not get on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Obstacle {
    /// What scripts read.
    pub(super) word: &'static str,
    /// Bytes of the longest one that the server relays, if that is why.
    pub(super) limit: Option<u64>,
}

/// Follows work of another thread.
#[derive(Clone, Debug, Default)]
pub(in crate::node) struct Work {
    /// Bytes that are done.
    pub(super) done: Arc<AtomicU64>,
    /// Nobody wants it any more.
    pub(super) cancelled: Arc<AtomicBool>,
}

impl Transfer {
    pub(super) fn new(record: Record, asker: Option<Asker>) -> Self {
        Self {
            record,
            asker,
            activity: Activity::None,
            bytes: 0,
            meter: Meter::default(),
            tries: 0,
            began: None,
            ways: (false, false),
            told: None,
        }
    }

    /// Notes which way bytes went.
    pub(super) fn note_way(&mut self, now: Instant, path: Path) {
        self.began.get_or_insert(now);
        match path {
            Path::Direct => self.ways.0 = true,
            Path::Relay => self.ways.1 = true,
            Path::None => {}
        }
    }

    /// Returns which ways its bytes went in this run.
    pub(super) fn via(&self) -> Via {
        match self.ways {
            (true, true) => Via::Mixed,
            (false, true) => Via::Relay,
            (true, false) | (false, false) => Via::Direct,
        }
    }

    /// Has no work of other threads go on.
    pub(super) fn stop(&mut self) {
        if let Activity::Hashing(work) | Activity::Checking(work) = &self.activity {
            work.cancelled.store(true, Ordering::Relaxed);
        }
        self.activity = Activity::None;
    }
}
