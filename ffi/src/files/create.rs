use core::ptr;

use breeze_core::files::Transfers;

use super::stored::{Head, TableOf, breeze_transfers, place};
use crate::arguments::{Place, check};
use crate::breeze_result;
use crate::guard::guard;
use crate::life::Life;

/// Bytes to which the storage of a table of transfers is aligned.
pub const BREEZE_TRANSFERS_ALIGN: usize = 16;

const _: () = assert!(BREEZE_TRANSFERS_ALIGN.is_multiple_of(align_of::<TableOf<1>>()));

/// Does something with a number of slots, if tables of so many can be made.
macro_rules! with_slots {
    ($slots:expr, $count:ident => $body:expr) => {
        with_slots!($slots, $count => $body, 1 2 4 16 64)
    };
    ($slots:expr, $count:ident => $body:expr, $($possible:literal)*) => {
        match $slots {
            $($possible => {
                const $count: usize = $possible;
                Ok($body)
            })*
            _ => Err(breeze_result::BadValue),
        }
    };
}

/// Returns the bytes of storage that a table of so many transfers takes: 1, 2, 4, 16 or 64; 0 if there
/// is no such table. Each takes some 2 KiB. It changes with the version of the library.
#[unsafe(no_mangle)]
pub extern "C" fn breeze_transfers_size(slots: u32) -> usize {
    size(slots).unwrap_or(0)
}

fn size(slots: u32) -> Result<usize, breeze_result> {
    with_slots!(slots, COUNT => size_of::<TableOf<COUNT>>())
}

/// Makes a table of 1, 2, 4, 16 or 64 transfers in storage of the host's, at least breeze_transfers_size
/// bytes that are aligned to BREEZE_TRANSFERS_ALIGN. Nothing is ever allocated for it, and no bytes of
/// files are in it.
///
/// A transfer is one from its offer, or its acceptance, until it was ended, and that told to the other
/// side. While the table is made, the stack may hold as much again for a moment. It is ended with
/// breeze_transfers_deinit, and must not be moved.
///
/// # Safety
/// `storage` leads to `storage_size` bytes that are nobody else's until the table was ended; `transfers`
/// leads to a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_init(
    storage: *mut u8,
    storage_size: usize,
    slots: u32,
    transfers: *mut *mut breeze_transfers,
) -> breeze_result {
    guard(|| {
        let place = Place::at(transfers)?;
        let size = size(slots)?;
        if storage.is_null() {
            return Err(breeze_result::NullPointer);
        }
        if !storage.addr().is_multiple_of(BREEZE_TRANSFERS_ALIGN) {
            return Err(breeze_result::Misaligned);
        }
        if storage_size < size {
            return Err(breeze_result::BadSize);
        }
        // SAFETY: as the caller says; there is room for it.
        unsafe {
            put(storage.cast(), slots, false)?;
            place.write(storage.cast());
        }
        Ok(())
    })
}

/// Ends a table that breeze_transfers_init made, and wipes it. The storage is the host's again. Nothing
/// is said to anybody.
///
/// # Safety
/// `transfers` leads to the storage of a table, or of one that was ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_deinit(
    transfers: *mut breeze_transfers,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        unsafe { end(transfers, false) }.map(|_| ())
    })
}

/// Makes a table in memory that the library takes, as breeze_transfers_init does. It is ended with
/// breeze_transfers_free.
///
/// # Safety
/// `transfers` leads to a place for a pointer.
#[cfg(feature = "std")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_new(
    slots: u32,
    transfers: *mut *mut breeze_transfers,
) -> breeze_result {
    guard(|| {
        let place = Place::at(transfers)?;
        // SAFETY: as the caller says; the memory has room for the table.
        unsafe {
            let memory = std::alloc::alloc(layout(slots)?);
            if memory.is_null() {
                return Err(breeze_result::System);
            }
            put(memory.cast(), slots, true)?;
            place.write(memory.cast());
        }
        Ok(())
    })
}

/// Ends a table that breeze_transfers_new made, and gives its memory back; NULL is fine. Nothing is said
/// to anybody.
///
/// # Safety
/// `transfers` is NULL, or was made by breeze_transfers_new and not freed since.
#[cfg(feature = "std")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_free(transfers: *mut breeze_transfers) -> breeze_result {
    if transfers.is_null() {
        return breeze_result::Ok;
    }
    guard(|| {
        // SAFETY: as the caller says; the memory was taken with the same layout.
        unsafe {
            let slots = end(transfers, true)?;
            std::alloc::dealloc(transfers.cast(), layout(slots)?);
        }
        Ok(())
    })
}

#[cfg(feature = "std")]
fn layout(slots: u32) -> Result<std::alloc::Layout, breeze_result> {
    let layout = std::alloc::Layout::from_size_align(size(slots)?, BREEZE_TRANSFERS_ALIGN);
    layout.map_err(|_| breeze_result::BadSize)
}

/// Puts a table where there is room for it.
unsafe fn put(at: *mut breeze_transfers, slots: u32, is_owned: bool) -> Result<(), breeze_result> {
    // SAFETY: there is room for it, as the caller says. The head comes last: until then there is no table
    // to call.
    unsafe {
        with_slots!(slots, COUNT => {
            let at = at.cast::<TableOf<COUNT>>();
            (&raw mut (*at).transfers).write(Transfers::new());
            (&raw mut (*at).head).write(Head { life: Life::new(), slots, is_owned });
        })
    }
}

/// Ends a table, whose storage the library has taken or not, and returns its number of slots.
unsafe fn end(at: *mut breeze_transfers, is_owned: bool) -> Result<u32, breeze_result> {
    let head = at.cast::<Head>();
    check(head)?;
    // SAFETY: not NULL and aligned, and the caller says that it leads to the storage of a table, or of
    // one that was: any bytes are a number.
    let head = unsafe { &*head };
    head.life.enter_to_end()?;
    if head.is_owned != is_owned {
        head.life.leave();
        return Err(breeze_result::NotTransfers);
    }
    let slots = head.slots;
    // SAFETY: nobody else gets at the table any more. Names of files are nobody's business either.
    unsafe {
        let transfers = &raw mut (*place(at, slots)).transfers;
        let len = size_of_val(&*transfers);
        ptr::drop_in_place(transfers);
        ptr::write_bytes(transfers.cast::<u8>(), 0, len);
    }
    head.life.end();
    Ok(slots)
}
