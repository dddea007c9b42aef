use std::fs::File;
use std::io;

use breeze_core::files::{BlockHasher, merge};

use super::reader::read_full;

/// Hashes that are read at once.
const READ: u64 = 1024;

/// Returns the hash of a stream of `blocks` blocks whose hashes are one after another in a file;
/// nothing if the file has not so many.
pub(super) fn root_of(hashes: &File, blocks: u64) -> io::Result<Option<[u8; 32]>> {
    if blocks == 0 {
        return Ok(Some(BlockHasher::new(0, 0).finish()));
    }
    // The subtrees that wait for a right neighbour, the largest first.
    let mut waiting: Vec<[u8; 32]> = Vec::new();
    let mut buf = vec![0; (READ.min(blocks) * 32) as usize];
    let mut at = 0;
    while at < blocks {
        let part = &mut buf[..(READ.min(blocks - at) * 32) as usize];
        if read_full(hashes, part, at * 32)? < part.len() {
            return Ok(None);
        }
        for hash in part.as_chunks::<32>().0 {
            let mut hash = *hash;
            at += 1;
            let is_last = at == blocks;
            let mut joined = at.trailing_zeros();
            while joined > 0 || is_last {
                let Some(left) = waiting.pop() else { break };
                hash = merge(&left, &hash, is_last && waiting.is_empty());
                joined = joined.saturating_sub(1);
            }
            waiting.push(hash);
        }
    }
    Ok(waiting.pop())
}
