use core::ffi::c_char;
use core::num::NonZeroU64;

use breeze_core::time::Instant;

use super::entered::EnteredTransfers;
use super::offer::{breeze_offer, read_offer};
use super::reasons::{file_end, hold_reason};
use super::stored::breeze_transfers;
use crate::arguments::{bytes, key_bytes, user};
use crate::breeze_result;
use crate::guard::guard;

/// Offers a stream to a user under a number that the host draws at random, and keeps: another one for
/// each stream, the same whenever it offers that one again, after a restart for instance.
///
/// `limit` is how many bytes of it go out a second at most, 0 for no limit. The user's answer is
/// BREEZE_ARRIVED_KIND_WANTED, after which breeze_client_transmit_files asks for the bytes, or
/// BREEZE_ARRIVED_KIND_ENDED. BREEZE_RESULT_TRANSFERS_FULL: there is no slot, later.
///
/// # Safety
/// `transfers` leads to a table, `to` to a text that ends with a NUL, `offer` to an offer and its name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_offer(
    transfers: *mut breeze_transfers,
    to: *const c_char,
    number: u64,
    offer: *const breeze_offer,
    limit: u64,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (mut entered, to, offer) =
            unsafe { (EnteredTransfers::new(transfers)?, user(to)?, read_offer(offer)?) };
        entered.table().offer(to, number, &offer, NonZeroU64::new(limit))?;
        Ok(())
    })
}

/// Accepts a stream that was offered, with the `size` and `root` (32 bytes) of the offer, of which the
/// host has all up to `start`: 0, or the beginning of a block that it kept, or the end.
///
/// `round` is a random number, another one at each start. A host that has a part of the next block gives
/// that to breeze_transfers_refill before it calls breeze_transfers_poll. BREEZE_RESULT_TRANSFERS_FULL: there
/// is no slot, later. BREEZE_RESULT_BAD_VALUE: there is no such start, or the hash is not that of a stream of
/// no bytes.
///
/// # Safety
/// `transfers` leads to a table, `from` to a text that ends with a NUL, `root` to 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_accept(
    transfers: *mut breeze_transfers,
    from: *const c_char,
    number: u64,
    size: u64,
    root: *const u8,
    round: u32,
    start: u64,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (mut entered, from, root) =
            unsafe { (EnteredTransfers::new(transfers)?, user(from)?, key_bytes(root)?) };
        entered.table().accept(from, number, (size, root), round, start)?;
        Ok(())
    })
}

/// Takes in `len` bytes of the next block of a stream that the host has from before, in order.
///
/// # Safety
/// `transfers` leads to a table, `from` to a text that ends with a NUL, `old` to `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_refill(
    transfers: *mut breeze_transfers,
    from: *const c_char,
    number: u64,
    old: *const u8,
    len: usize,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (mut entered, from, old) =
            unsafe { (EnteredTransfers::new(transfers)?, user(from)?, bytes(old, len)?) };
        entered.table().refill(&from, number, old);
        Ok(())
    })
}

/// Notes that the host has written all of a stream up to the place `upto`: more may come.
///
/// # Safety
/// `transfers` leads to a table, `from` to a text that ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_written(
    transfers: *mut breeze_transfers,
    from: *const c_char,
    number: u64,
    upto: u64,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (mut entered, from) = unsafe { (EnteredTransfers::new(transfers)?, user(from)?) };
        entered.table().written(&from, number, upto);
        Ok(())
    })
}

/// Notes that a stream's bytes, or its proofs, are at hand again.
///
/// # Safety
/// `transfers` leads to a table, `to` to a text that ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_ready(
    transfers: *mut breeze_transfers,
    to: *const c_char,
    number: u64,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (mut entered, to) = unsafe { (EnteredTransfers::new(transfers)?, user(to)?) };
        entered.table().ready(&to, number);
        Ok(())
    })
}

/// Has the sender of a stream stop for now; `reason` is a breeze_hold_reason. What is under way is
/// dropped, and comes again.
///
/// # Safety
/// `transfers` leads to a table, `from` to a text that ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_hold(
    transfers: *mut breeze_transfers,
    from: *const c_char,
    number: u64,
    reason: u32,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (mut entered, from) = unsafe { (EnteredTransfers::new(transfers)?, user(from)?) };
        entered.table().hold(&from, number, hold_reason(reason)?);
        Ok(())
    })
}

/// Has the sender of a stream that was held go on.
///
/// # Safety
/// `transfers` leads to a table, `from` to a text that ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_release(
    transfers: *mut breeze_transfers,
    from: *const c_char,
    number: u64,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (mut entered, from) = unsafe { (EnteredTransfers::new(transfers)?, user(from)?) };
        entered.table().release(&from, number);
        Ok(())
    })
}

/// Ends a transfer, known or not, and has the other side told so: `by_sender` if it goes from here to
/// `other`. `end` is a breeze_file_end.
///
/// It is told once. Whoever does not hear of it offers or wants the stream again, which the host answers
/// in the same way. BREEZE_RESULT_TRANSFERS_FULL: it is not known, and there is no slot to tell it; the other
/// side asks again.
///
/// # Safety
/// `transfers` leads to a table, `other` to a text that ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_end(
    transfers: *mut breeze_transfers,
    other: *const c_char,
    number: u64,
    by_sender: bool,
    end: u32,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (mut entered, other) = unsafe { (EnteredTransfers::new(transfers)?, user(other)?) };
        entered.table().end(other, number, by_sender, file_end(end)?)?;
        Ok(())
    })
}

/// Forgets a transfer without a word to the other side: `by_sender` if it goes from here to `other`.
///
/// # Safety
/// `transfers` leads to a table, `other` to a text that ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_forget(
    transfers: *mut breeze_transfers,
    other: *const c_char,
    number: u64,
    by_sender: bool,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (mut entered, other) = unsafe { (EnteredTransfers::new(transfers)?, user(other)?) };
        entered.table().forget(&other, number, by_sender);
        Ok(())
    })
}

/// Takes in that the way to a user has changed, as BREEZE_EVENT_KIND_PATH tells: what was under way may be
/// lost, and both sides say where they stand.
///
/// # Safety
/// `transfers` leads to a table, `other` to a text that ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_on_path(
    transfers: *mut breeze_transfers,
    now_ms: u64,
    other: *const c_char,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (mut entered, other) = unsafe { (EnteredTransfers::new(transfers)?, user(other)?) };
        entered.table().on_path(Instant::from_millis(now_ms), &other);
        Ok(())
    })
}
