use std::path::PathBuf;

use breeze_core::files::BLOCK;
use smol::channel::Sender;

/// The part of what may be under way of a stream that is written at once, so that the rest keeps coming
/// meanwhile.
const BATCH: u64 = 4;

/// Asks for something to be done with a part file, in order.
#[derive(Debug)]
pub(in crate::node) enum Step {
    /// Write bytes, the next ones.
    Write { at: u64, bytes: Vec<u8> },
    /// A block is right.
    Verified { block: u64, hash: [u8; 32] },
    /// What is behind this place was wrong.
    Rewind { to: u64 },
    /// All is there.
    Finish { replace: bool },
}

/// Says how a part file fares.
#[derive(Debug)]
pub(in crate::node) enum Progress {
    /// It is written up to here. The memory of what was written comes back.
    Written { upto: u64, spare: Vec<u8> },
    /// It is complete, and here.
    Finished { path: PathBuf },
    /// The disk is full.
    Full(String),
    /// It cannot go on.
    Broken { is_malformed: bool, message: String },
}

/// Gathers what arrives of a stream until it is written.
#[derive(Debug)]
pub(super) struct Receiving {
    steps: Sender<Step>,
    /// Bytes that are not on their way to the disk, and their place.
    pending: (u64, Vec<u8>),
    spare: Vec<Vec<u8>>,
}

impl Receiving {
    pub(super) fn new(steps: Sender<Step>) -> Self {
        Self { steps, pending: (0, Vec::new()), spare: Vec::new() }
    }

    /// Takes in bytes that arrived of a stream of which so many may be under way.
    pub(super) fn take(&mut self, at: u64, bytes: &[u8], window: u64) {
        if self.pending.1.is_empty() {
            self.pending.0 = at;
        }
        self.pending.1.extend_from_slice(bytes);
        if self.pending.1.len() as u64 >= window / BATCH {
            self.flush();
        }
    }

    pub(super) fn on_verified(&mut self, block: u64, hash: [u8; 32]) {
        self.flush();
        self.step(Step::Verified { block, hash });
    }

    pub(super) fn on_wrong(&mut self, block: u64) {
        self.flush();
        self.step(Step::Rewind { to: block * BLOCK });
    }

    pub(super) fn on_complete(&mut self, replace: bool) {
        self.step(Step::Finish { replace });
    }

    /// Notes that bytes are written.
    pub(super) fn on_written(&mut self, mut spare: Vec<u8>) {
        spare.clear();
        self.spare.push(spare);
    }

    /// Has all be written that is here.
    pub(super) fn flush(&mut self) {
        let (at, pending) = &mut self.pending;
        if !pending.is_empty() {
            let (at, bytes) =
                (*at, std::mem::replace(pending, self.spare.pop().unwrap_or_default()));
            self.step(Step::Write { at, bytes });
        }
    }

    fn step(&mut self, step: Step) {
        // If the task has ended, it has said why.
        let _ = self.steps.try_send(step);
    }
}
