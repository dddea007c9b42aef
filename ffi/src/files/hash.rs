use breeze_core::files::{BLOCK, BlockHasher, block_len, blocks};

use crate::arguments::{Place, bytes};
use crate::breeze_result;
use crate::guard::guard;

/// Bytes of a block of a stream: what is verified at once. The last one of a stream may be shorter.
pub const BREEZE_BLOCK: usize = 262_144;

const _: () = assert!(BREEZE_BLOCK as u64 == BLOCK);

/// Holds a BLAKE3 hash.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct breeze_hash {
    /// The 32 bytes of the hash.
    pub bytes: [u8; 32],
}

impl breeze_hash {
    pub(crate) const NONE: Self = Self { bytes: [0; 32] };
}

/// Hashes a block of a stream of `size` bytes, from 0: all of its `len` bytes, BREEZE_BLOCK but for the
/// last one.
///
/// The hash of the only block is that of the stream, which breeze_offer.root takes, as is that of the
/// block 0 of a stream of no bytes; else breeze_tree_join makes the stream's of all its blocks'. A host
/// without the memory for a block takes the BLAKE3 hash of the whole stream from elsewhere.
///
/// # Safety
/// `block_bytes` leads to `len` bytes, `hash` to a place for a hash.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_block_hash(
    size: u64,
    block: u64,
    block_bytes: *const u8,
    len: usize,
    hash: *mut breeze_hash,
) -> breeze_result {
    guard(|| {
        let place = Place::at(hash)?;
        if block >= blocks(size).max(1) {
            return Err(breeze_result::BadValue);
        }
        if len as u64 != block_len(size, block) {
            return Err(breeze_result::BadSize);
        }
        // SAFETY: as the caller says.
        unsafe {
            let mut hasher = BlockHasher::new(size, block);
            hasher.update(bytes(block_bytes, len)?);
            place.write(breeze_hash { bytes: hasher.finish() });
        }
        Ok(())
    })
}
