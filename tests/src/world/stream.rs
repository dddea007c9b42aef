use breeze_core::files::{BLOCK, BlockHasher, MAX_LEVELS, Node, blocks, merge, proof};

/// Is a stream that somebody sends, and the tree of its blocks.
#[derive(Debug)]
pub(super) struct Stream {
    pub bytes: Vec<u8>,
    levels: Vec<Vec<[u8; 32]>>,
    pub root: [u8; 32],
}

impl Stream {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        let size = bytes.len() as u64;
        let leaves = bytes.chunks(BLOCK as usize).enumerate().map(|(block, piece)| {
            let mut hasher = BlockHasher::new(size, block as u64);
            hasher.update(piece);
            hasher.finish()
        });
        let mut levels = vec![leaves.collect::<Vec<_>>()];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let join = |pair: &[[u8; 32]]| match pair {
                [left, right] => merge(left, right, below.len() == 2),
                alone => alone[0],
            };
            let above = below.chunks(2).map(join).collect();
            levels.push(above);
        }
        let top = levels.last().and_then(|level| level.first()).copied();
        let root = top.unwrap_or_else(|| BlockHasher::new(0, 0).finish());
        Self { bytes, levels, root }
    }

    pub(super) fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(super) fn block_hash(&self, block: u64) -> [u8; 32] {
        self.levels[0][block as usize]
    }

    pub(super) fn proof(&self, block: u64, hashes: &mut [[u8; 32]; MAX_LEVELS]) -> usize {
        let hash = |node: Node| self.levels[usize::from(node.level)][node.index as usize];
        let nodes = proof(blocks(self.size()), block).zip(hashes);
        nodes.map(|(node, place)| *place = hash(node)).count()
    }
}
