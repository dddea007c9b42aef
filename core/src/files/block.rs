use blake3::Hasher;
use blake3::hazmat::HasherExt;

/// Bytes of a block: what is verified at once, and what is sent again at most when a link is cut.
pub const BLOCK: u64 = 256 * 1024;

/// Returns how many blocks a stream of `size` bytes has; none if it is empty.
pub const fn blocks(size: u64) -> u64 {
    size.div_ceil(BLOCK)
}

/// Returns how many bytes a block of a stream of `size` bytes has: [`BLOCK`] but for the last one.
pub const fn block_len(size: u64, block: u64) -> u64 {
    let left = size.saturating_sub(block.saturating_mul(BLOCK));
    if left < BLOCK { left } else { BLOCK }
}

/// Hashes one block of a stream, as it comes.
///
/// Source: BLAKE3, section 2.1: the hash is the chaining value of the block's subtree, or that of the
/// root if the stream has no other block.
#[derive(Clone, Debug)]
pub struct BlockHasher {
    hasher: Hasher,
    is_sole: bool,
    missing: u64,
}

impl BlockHasher {
    /// Begins the block of this number in a stream of `size` bytes.
    pub fn new(size: u64, block: u64) -> Self {
        let mut hasher = Hasher::new();
        hasher.set_input_offset(block.saturating_mul(BLOCK));
        Self { hasher, is_sole: blocks(size) <= 1, missing: block_len(size, block) }
    }

    /// Returns how many bytes the block still lacks.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Takes in the next bytes; what exceeds the block is left out.
    pub fn update(&mut self, bytes: &[u8]) {
        let taken = bytes.len().min(usize::try_from(self.missing).unwrap_or(usize::MAX));
        self.hasher.update(&bytes[..taken]);
        self.missing -= taken as u64;
    }

    /// Returns the block's hash, once it lacks nothing.
    pub fn finish(&self) -> [u8; 32] {
        match self.is_sole {
            true => *self.hasher.finalize().as_bytes(),
            false => self.hasher.finalize_non_root(),
        }
    }
}
