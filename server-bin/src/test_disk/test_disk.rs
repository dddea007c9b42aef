use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use redb::{Database, StorageBackend};

use super::Op;
use crate::host::{DatabaseFault, database};

/// Is a disk in memory that remembers what was asked of it, and tells what a loss of power at any
/// moment could have left.
#[derive(Clone, Debug, Default)]
pub struct TestDisk(Arc<Mutex<Inner>>);

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

impl TestDisk {
    /// Makes a disk that holds what another one did.
    pub fn new(image: Vec<u8>) -> Self {
        let inner = Inner { image, ..Inner::default() };
        Self(Arc::new(Mutex::new(inner)))
    }

    /// Returns all that is on the disk.
    pub fn image(&self) -> Vec<u8> {
        self.inner().image.clone()
    }

    /// Returns what was done since the disk was made.
    pub fn log(&self) -> Vec<Op> {
        self.inner().log.clone()
    }

    /// Returns how many operations there were so far.
    pub fn position(&self) -> usize {
        self.inner().log.len()
    }

    /// Returns how often the disk was waited for so far.
    pub fn syncs(&self) -> usize {
        self.inner().log.iter().filter(|op| matches!(op, Op::Sync)).count()
    }

    /// Lets so many writes succeed, and every later one fail.
    pub fn fail_after(&self, writes: usize) {
        self.inner().room = Some(writes);
    }

    /// Lets all writes succeed again.
    pub fn recover(&self) {
        self.inner().room = None;
    }

    /// Makes the disk unreadable too, or readable again.
    pub fn set_dead(&self, is_dead: bool) {
        self.inner().is_dead = is_dead;
    }

    /// Tells whether the next write succeeds.
    pub fn has_room(&self) -> bool {
        self.inner().room != Some(0)
    }

    /// Opens the database on it, with a cache of so many bytes; an empty disk gets one.
    pub fn open(&self, cache: usize) -> Result<Database, DatabaseFault> {
        self.inner().opened += 1;
        database::on_backend(self.clone(), cache)
    }

    /// Returns how often the database on it was [opened](Self::open).
    pub fn opened(&self) -> usize {
        self.inner().opened
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("disk")
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
