use core::ffi::{c_char, c_void};

use breeze_core::files::{MAX_LEVELS, Source};
use breeze_core::id::UserId;

use super::breeze_hash;
use crate::arguments::read_if_any;
use crate::breeze_result;
use crate::values::breeze_user;

/// Returns how many bytes of a stream are at hand from `at` on, `len` at most; 0 for none.
pub type breeze_at_hand_function = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        to: *const c_char,
        number: u64,
        at: u64,
        len: usize,
    ) -> usize,
>;

/// Fills all of a buffer with the bytes of a stream from `at` on, which are at hand.
pub type breeze_read_function = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        to: *const c_char,
        number: u64,
        at: u64,
        buffer: *mut u8,
        len: usize,
    ),
>;

/// Writes the proof of a block to `hashes`, which has room for BREEZE_PROOF_SIZE, as breeze_tree_proof
/// gives it, and returns their number: 0 for a stream of one block; BREEZE_NOT_AT_HAND if it is not.
pub type breeze_proof_function = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        to: *const c_char,
        number: u64,
        block: u64,
        hashes: *mut breeze_hash,
    ) -> usize,
>;

/// What breeze_source.proof returns for a proof that is not at hand.
pub const BREEZE_NOT_AT_HAND: usize = 65_535;

const _: () = assert!(BREEZE_NOT_AT_HAND > MAX_LEVELS);

/// Gives the bytes of what a host sends, and their proofs, right as they go out. Its functions are called
/// within breeze_client_transmit_files only, by its thread; they return, do not wait, and call nothing with
/// this client or these transfers. What is not at hand the host reads meanwhile, and then says
/// breeze_transfers_ready.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct breeze_source {
    /// Given to each function.
    pub context: *mut c_void,
    /// NULL if everything always is at hand.
    pub at_hand: breeze_at_hand_function,
    /// Not NULL.
    pub read: breeze_read_function,
    /// NULL if no stream has more than one block.
    pub proof: breeze_proof_function,
}

/// Calls the functions of a host.
pub(crate) struct HostSource(Option<breeze_source>);

impl HostSource {
    /// Reads a source; NULL is one that has nothing at hand.
    ///
    /// # Safety
    /// `source` is NULL, or leads to a source whose functions may be called with its context until the
    /// call that this is part of returns.
    pub(crate) unsafe fn new(source: *const breeze_source) -> Result<Self, breeze_result> {
        // SAFETY: as the caller says.
        let source = unsafe { read_if_any(source) }?;
        match source {
            Some(breeze_source { read: None, .. }) => Err(breeze_result::NullPointer),
            source => Ok(Self(source)),
        }
    }
}

impl Source for HostSource {
    fn at_hand(&mut self, to: &UserId, number: u64, at: u64, len: usize) -> usize {
        let Some(source) = self.0 else { return 0 };
        let Some(at_hand) = source.at_hand else { return len };
        let to = breeze_user::from(to);
        // SAFETY: the host says that it may be called, and the name has its end.
        unsafe { at_hand(source.context, to.text.as_ptr(), number, at, len) }.min(len)
    }

    fn read(&mut self, to: &UserId, number: u64, at: u64, buf: &mut [u8]) {
        let Some(breeze_source { context, read: Some(read), .. }) = self.0 else { return };
        let to = breeze_user::from(to);
        // SAFETY: the host says that it may be called; the name has its end, and the buffer this length.
        unsafe { read(context, to.text.as_ptr(), number, at, buf.as_mut_ptr(), buf.len()) }
    }

    fn proof(
        &mut self,
        to: &UserId,
        number: u64,
        block: u64,
        hashes: &mut [[u8; 32]; MAX_LEVELS],
    ) -> Option<usize> {
        let source = self.0?;
        let Some(proof) = source.proof else { return Some(0) };
        let to = breeze_user::from(to);
        let at = hashes.as_mut_ptr().cast::<breeze_hash>();
        // SAFETY: the host says that it may be called; the name has its end, and the array is of as many
        // hashes as are promised, which are arrays of 32 bytes.
        let count = unsafe { proof(source.context, to.text.as_ptr(), number, block, at) };
        (count <= MAX_LEVELS).then_some(count)
    }
}
