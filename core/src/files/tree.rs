use blake3::hazmat::{Mode, merge_subtrees_non_root, merge_subtrees_root};

/// Levels of the tree above the blocks, at most: a stream has fewer than 2^64 bytes, so 2^46 blocks.
pub const MAX_LEVELS: usize = 46;

/// Joins the hashes of two neighbours of one level; `is_root` if there are no others.
pub fn merge(left: &[u8; 32], right: &[u8; 32], is_root: bool) -> [u8; 32] {
    match is_root {
        true => *merge_subtrees_root(left, right, Mode::Hash).as_bytes(),
        false => merge_subtrees_non_root(left, right, Mode::Hash),
    }
}

/// Names one node of a tree: level 0 holds the hashes of blocks, and each level above one for each two
/// of the level below, from left to right. A last one without a neighbour moves up as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The level.
    pub level: u8,
    /// The place on its level.
    pub index: u64,
}

/// Walks from a block to the root of the tree of a stream of `blocks` blocks, and names the neighbours
/// that are met: the proof of the block is their hashes, in this order.
///
/// Source: BLAKE3, section 2.1; a left subtree is the largest power of two that leaves something to the
/// right of it, which is what joining neighbours level by level comes to.
pub fn proof(blocks: u64, block: u64) -> impl Iterator<Item = Node> {
    steps(blocks, block).map(|step| step.neighbour)
}

/// Tells whether a block's hash and its proof lead to `root`.
pub fn verify(
    root: &[u8; 32],
    blocks: u64,
    block: u64,
    hash: &[u8; 32],
    proof: impl ExactSizeIterator<Item = [u8; 32]>,
) -> bool {
    if block >= blocks || proof.len() != steps(blocks, block).count() {
        return false;
    }
    let mut hash = *hash;
    for (step, neighbour) in steps(blocks, block).zip(proof) {
        hash = match step.is_left {
            true => merge(&neighbour, &hash, step.is_root),
            false => merge(&hash, &neighbour, step.is_root),
        };
    }
    // Both are public.
    hash == *root
}

/// One neighbour on the way up.
struct Step {
    neighbour: Node,
    /// It is to the left.
    is_left: bool,
    /// The two are joined to the root.
    is_root: bool,
}

fn steps(blocks: u64, block: u64) -> impl Iterator<Item = Step> {
    let (mut count, mut index, mut level) = (blocks, block, 0);
    core::iter::from_fn(move || {
        while count > 1 {
            let (at, of, neighbour) = (level, count, index ^ 1);
            (count, index, level) = (count.div_ceil(2), index / 2, level + 1);
            if neighbour < of {
                let is_left = neighbour & 1 == 0;
                let neighbour = Node { level: at, index: neighbour };
                return Some(Step { neighbour, is_left, is_root: of == 2 });
            }
        }
        None
    })
}

// Hashing megabytes takes Miri minutes.
#[cfg(all(test, not(miri)))]
mod tests {
    use std::vec::Vec;

    use super::super::block::{BLOCK, blocks};
    use super::super::tests::levels;
    use super::*;

    #[test]
    fn each_block_leads_to_the_hash_of_the_whole_and_nothing_else_does() {
        for count in [1, 2, 3, 4, 5, 6, 7, 8, 11] {
            let stream: Vec<u8> =
                (0..BLOCK * count - 5).map(|at| (at ^ (at >> 11)) as u8).collect();
            let root = *blake3::hash(&stream).as_bytes();
            let levels = levels(&stream);
            let n = blocks(stream.len() as u64);
            assert_eq!(n, count);
            assert_eq!(levels.last(), Some(&Vec::from([root])));
            for block in 0..n {
                let hash = levels[0][block as usize];
                let proof: Vec<_> = proof(n, block)
                    .map(|node| levels[usize::from(node.level)][node.index as usize])
                    .collect();
                let leads = |block, hash: &[u8; 32], proof: &[[u8; 32]]| {
                    verify(&root, n, block, hash, proof.iter().copied())
                };
                assert!(leads(block, &hash, &proof), "{block} of {n}");
                assert!(!leads(n, &hash, &proof));
                assert!(n == 1 || !leads((block + 1) % n, &hash, &proof));
                let mut wrong = hash;
                wrong[31] ^= 1;
                assert!(!leads(block, &wrong, &proof));
                for at in 0..proof.len() {
                    let mut wrong = proof.clone();
                    wrong[at][0] ^= 0x80;
                    assert!(!leads(block, &hash, &wrong));
                    assert!(!leads(block, &hash, &proof[..at]));
                }
                assert!(!leads(block, &hash, &[&proof[..], &[[0; 32]]].concat()));
            }
        }
    }

    #[test]
    fn the_largest_stream_has_no_more_levels_than_there_is_room_for() {
        let n = blocks(u64::MAX);
        for block in [0, 1, n / 2, n - 2, n - 1] {
            assert!(proof(n, block).count() <= MAX_LEVELS);
        }
    }
}
