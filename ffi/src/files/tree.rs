use core::slice;

use breeze_core::files::{MAX_LEVELS, blocks, merge, proof};

use super::breeze_hash;
use crate::arguments::{Place, check};
use crate::breeze_result;
use crate::guard::guard;

/// Hashes of a proof at most.
pub const BREEZE_PROOF_SIZE: usize = 46;

const _: () = assert!(BREEZE_PROOF_SIZE == MAX_LEVELS);

/// Returns how many hashes the tree of a stream of `size` bytes has, 32 bytes for each; 0 if they are
/// more than this machine can hold.
#[unsafe(no_mangle)]
pub extern "C" fn breeze_tree_size(size: u64) -> usize {
    nodes(size).filter(|count| *count <= isize::MAX as usize / 32).unwrap_or(0)
}

/// Makes a tree of the hashes of a stream's blocks, which the host has put at the front of `tree`, as
/// breeze_block_hash gives them; `count` is breeze_tree_size. `root`, the hash of the stream, is the last
/// one.
///
/// # Safety
/// `tree` leads to `count` hashes, `root` to a place for a hash.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_tree_join(
    size: u64,
    tree: *mut breeze_hash,
    count: usize,
    root: *mut breeze_hash,
) -> breeze_result {
    guard(|| {
        let place = Place::at(root)?;
        check_tree(size, tree, count)?;
        // SAFETY: not NULL, and that so many hashes are there, nobody else's during the call, is the
        // caller's word; they are arrays of bytes.
        let tree = unsafe { slice::from_raw_parts_mut(tree, count) };
        let mut start = 0;
        let mut len = leaves(size);
        while len > 1 {
            let (below, above) = tree.split_at_mut(start + len);
            let pairs = below[start..].chunks(2);
            for (joined, pair) in above.iter_mut().zip(pairs) {
                *joined = match pair {
                    [left, right] => {
                        breeze_hash { bytes: merge(&left.bytes, &right.bytes, len == 2) }
                    }
                    // One without a neighbour moves up as it is.
                    alone => alone[0],
                };
            }
            start += len;
            len = len.div_ceil(2);
        }
        // SAFETY: as the caller says.
        unsafe { place.write(tree[start]) };
        Ok(())
    })
}

/// Gives what breeze_source.proof has to: the hashes at `proof`, which has room for BREEZE_PROOF_SIZE, and
/// their number. `tree` is what breeze_tree_join made for the stream.
///
/// # Safety
/// `tree` leads to `count` hashes, `proof` to BREEZE_PROOF_SIZE of them, `len` to a place for a size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_tree_proof(
    size: u64,
    tree: *const breeze_hash,
    count: usize,
    block: u64,
    proof: *mut breeze_hash,
    len: *mut usize,
) -> breeze_result {
    guard(|| {
        let len = Place::at(len)?;
        check(proof)?;
        check_tree(size, tree, count)?;
        if block >= blocks(size).max(1) {
            return Err(breeze_result::BadValue);
        }
        // SAFETY: as above; the two are apart, as the caller says.
        let (tree, out) = unsafe {
            (
                slice::from_raw_parts(tree, count),
                slice::from_raw_parts_mut(proof, BREEZE_PROOF_SIZE),
            )
        };
        let mut written = 0;
        for (node, place) in self::proof(blocks(size), block).zip(out) {
            let level = levels(size).nth(node.level.into());
            let at = level.map_or(0, |(start, _)| start) + node.index as usize;
            *place = *tree.get(at).ok_or(breeze_result::BadSize)?;
            written += 1;
        }
        // SAFETY: as the caller says.
        unsafe { len.write(written) };
        Ok(())
    })
}

/// Checks that there is a tree of a stream, as far as it can be.
fn check_tree(size: u64, tree: *const breeze_hash, count: usize) -> Result<(), breeze_result> {
    check(tree)?;
    match breeze_tree_size(size) {
        0 => Err(breeze_result::TooLarge),
        nodes if nodes == count => Ok(()),
        _ => Err(breeze_result::BadSize),
    }
}

/// Returns how many hashes the lowest level has; one for a stream of no bytes, too.
fn leaves(size: u64) -> usize {
    usize::try_from(blocks(size).max(1)).unwrap_or(usize::MAX)
}

/// Returns where each level begins, from the lowest, and how many hashes it has.
fn levels(size: u64) -> impl Iterator<Item = (usize, usize)> {
    let mut next = Some((0, leaves(size)));
    core::iter::from_fn(move || {
        let (start, len) = next?;
        next = (len > 1).then(|| (start + len, len.div_ceil(2)));
        Some((start, len))
    })
}

fn nodes(size: u64) -> Option<usize> {
    // Twice as many as blocks, and one for each level at most.
    usize::try_from(blocks(size)).ok()?.checked_mul(2)?.checked_add(MAX_LEVELS + 2)?;
    levels(size).last().map(|(start, len)| start + len)
}
