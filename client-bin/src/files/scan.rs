use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use breeze_core::files::{BLOCK, BlockHasher, block_len, blocks};

use super::watch::Watch;

/// Threads that hash, at most: disks give no more.
const THREADS: usize = 4;
/// Blocks that a thread takes at a time.
const CLAIM: u64 = 8;

/// Hashes the first `count` blocks of a stream of `size` bytes on several threads.
///
/// Each thread reads by a function of its own, which may find less than it looks for. Hashes go to
/// `take`, with the number of the first, in any order; it says how many of them are good. Returns how
/// many blocks are good before the first one that is not, or is not there.
///
/// # Errors
/// What reading or taking fails with; nothing if it was cancelled.
pub(super) fn scan<E: Send, R>(
    size: u64,
    count: u64,
    watch: Watch<'_>,
    open: impl Fn() -> R + Sync,
    take: impl Fn(u64, &[[u8; 32]]) -> Result<usize, E> + Sync,
) -> Result<u64, Option<E>>
where
    R: FnMut(u64, &mut [u8]) -> Result<usize, E>,
{
    let count = count.min(blocks(size));
    let (next, end, done) = (AtomicU64::new(0), AtomicU64::new(count), AtomicU64::new(0));
    let failed = Mutex::new(None);
    let work = || -> Result<(), Option<E>> {
        let mut read = open();
        let mut buf = vec![0; BLOCK.min(size) as usize];
        loop {
            let first = next.fetch_add(CLAIM, Ordering::Relaxed);
            let mut hashes = [[0; 32]; CLAIM as usize];
            let mut taken = 0;
            let mut bytes = 0;
            let claimed = end.load(Ordering::Relaxed).saturating_sub(first).min(CLAIM);
            if claimed == 0 {
                return Ok(());
            }
            for (block, hash) in (first..first + claimed).zip(&mut hashes) {
                if watch.is_cancelled() {
                    return Err(None);
                }
                let buf = &mut buf[..block_len(size, block) as usize];
                if read(block * BLOCK, buf).map_err(Some)? < buf.len() {
                    break;
                }
                let mut hasher = BlockHasher::new(size, block);
                hasher.update(buf);
                *hash = hasher.finish();
                taken += 1;
                bytes += buf.len() as u64;
            }
            let good = take(first, &hashes[..taken]).map_err(Some)? as u64;
            if good < claimed {
                end.fetch_min(first + good, Ordering::Relaxed);
            }
            (watch.progress)(done.fetch_add(bytes, Ordering::Relaxed) + bytes);
        }
    };
    let run = || {
        if let Err(error) = work() {
            // The others need not go on.
            end.store(0, Ordering::Relaxed);
            let mut failed = failed.lock().expect("nobody panics with it");
            failed.get_or_insert(error);
        }
    };
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = (cores.min(THREADS) as u64).min(count.div_ceil(CLAIM));
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(run);
        }
        run();
    });
    match failed.into_inner().expect("nobody panics with it") {
        Some(error) => Err(error),
        None => Ok(end.into_inner()),
    }
}
