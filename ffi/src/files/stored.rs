use core::ptr;

use breeze_core::files::{Slot, Transfers};

use crate::breeze_result;
use crate::life::{Kind, Life};

/// Is a table of transfers. What is in it is the library's.
pub struct breeze_transfers {
    _private: [u8; 0],
}

impl Kind for breeze_transfers {
    const BASE: u32 = 0x4252_5b00;
    const NONE: breeze_result = breeze_result::NotTransfers;
}

/// Stands before each table in its storage.
#[repr(C)]
pub(super) struct Head {
    pub(super) life: Life<breeze_transfers>,
    pub(super) slots: u32,
    /// The library took the storage, and gives it back.
    pub(super) is_owned: bool,
}

/// A table in its storage.
#[repr(C)]
pub(super) struct Stored<T: ?Sized = Transfers> {
    pub(super) head: Head,
    pub(super) transfers: T,
}

/// A table of so many slots.
pub(super) type TableOf<const SLOTS: usize> = Stored<Transfers<[Slot; SLOTS]>>;

/// Returns the place of a table of so many slots.
pub(super) fn place(at: *mut breeze_transfers, slots: u32) -> *mut Stored {
    // It is as long as the slots at its end are many.
    ptr::slice_from_raw_parts_mut(at.cast::<()>(), slots as usize) as *mut Stored
}
