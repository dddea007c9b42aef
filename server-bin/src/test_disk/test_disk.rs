use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use redb::{Database, StorageBackend};

use super::medium::{CACHE, Medium};
use crate::host::{DatabaseFault, database};

/// Bytes that a disk writes whole or not at all.
const SECTOR: usize = 512;

/// Is a disk in memory that remembers what was asked of it, and tells what a loss of power at any
/// moment could have left.
#[derive(Clone, Debug, Default)]
pub(crate) struct TestDisk(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    image: Vec<u8>,
    /// What was done since the disk was made.
    log: Vec<Op>,
    /// So many more writes succeed.
    room: Option<usize>,
    /// Nothing can be read.
    is_dead: bool,
    /// How often the database on it was opened.
    opened: usize,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Op {
    Write { offset: usize, data: Vec<u8> },
    SetLen(usize),
    Sync,
}

impl TestDisk {
    pub(crate) fn new(image: Vec<u8>) -> Self {
        let inner = Inner { image, ..Inner::default() };
        Self(Arc::new(Mutex::new(inner)))
    }

    pub(crate) fn image(&self) -> Vec<u8> {
        self.inner().image.clone()
    }

    pub(crate) fn log(&self) -> Vec<Op> {
        self.inner().log.clone()
    }

    /// Returns how many operations there were so far.
    pub(crate) fn position(&self) -> usize {
        self.inner().log.len()
    }

    /// Returns how often the disk was waited for so far.
    pub(crate) fn syncs(&self) -> usize {
        self.inner().log.iter().filter(|op| matches!(op, Op::Sync)).count()
    }

    /// Lets so many writes succeed, and every later one fail.
    pub(crate) fn fail_after(&self, writes: usize) {
        self.inner().room = Some(writes);
    }

    /// Lets all writes succeed again.
    pub(crate) fn recover(&self) {
        self.inner().room = None;
    }

    /// Makes the disk unreadable too, or readable again.
    pub(crate) fn set_dead(&self, is_dead: bool) {
        self.inner().is_dead = is_dead;
    }

    /// Returns how often the database on it was opened.
    pub(crate) fn opened(&self) -> usize {
        self.inner().opened
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("disk")
    }
}

impl Op {
    /// Returns what is left of the operation when power fails in its middle.
    pub(crate) fn torn(&self) -> Self {
        match self {
            Self::Write { offset, data } => {
                let kept = (data.len() / 2).next_multiple_of(SECTOR).min(data.len());
                Self::Write { offset: *offset, data: data[..kept].to_vec() }
            }
            Self::SetLen(_) | Self::Sync => self.clone(),
        }
    }

    /// Returns the sectors of the operation that `keep` chooses.
    pub(crate) fn sectors(&self, mut keep: impl FnMut() -> bool) -> Vec<Self> {
        match self {
            Self::Write { offset, data } => data
                .chunks(SECTOR)
                .zip((*offset..).step_by(SECTOR))
                .filter(|_| keep())
                .map(|(data, offset)| Self::Write { offset, data: data.to_vec() })
                .collect(),
            Self::SetLen(_) | Self::Sync => keep().then(|| self.clone()).into_iter().collect(),
        }
    }

    pub(crate) fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Self::Write { offset, data } => {
                let end = offset + data.len();
                if image.len() < end {
                    image.resize(end, 0);
                }
                image[*offset..end].copy_from_slice(data);
            }
            Self::SetLen(len) => image.resize(*len, 0),
            Self::Sync => {}
        }
    }
}

impl Inner {
    fn carry_out(&mut self, op: Op) -> io::Result<()> {
        if let Some(room) = &mut self.room {
            *room = room.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        }
        op.apply(&mut self.image);
        self.log.push(op);
        Ok(())
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("len", &self.image.len()).finish_non_exhaustive()
    }
}

impl StorageBackend for TestDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.inner().image.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let inner = self.inner();
        if inner.is_dead {
            return Err(io::Error::other("dead"));
        }
        let from = inner.image.get(offset as usize..).and_then(|rest| rest.get(..out.len()));
        out.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.inner().carry_out(Op::SetLen(len as usize))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.inner().carry_out(Op::Sync)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.inner().carry_out(Op::Write { offset: offset as usize, data: data.to_vec() })
    }
}

impl Medium for TestDisk {
    fn open(&self) -> Result<Database, DatabaseFault> {
        self.inner().opened += 1;
        database::on_backend(self.clone(), CACHE)
    }

    fn probe(&self) -> io::Result<()> {
        match self.inner().room {
            Some(0) => Err(io::ErrorKind::StorageFull.into()),
            Some(_) | None => Ok(()),
        }
    }
}
