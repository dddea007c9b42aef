use breeze_core::files::Transfers;

use super::stored::{Head, breeze_transfers, place};
use crate::arguments::check;
use crate::breeze_result;

/// Is a call that a table of transfers is in: nobody else gets at it meanwhile.
pub(crate) struct EnteredTransfers {
    at: *mut breeze_transfers,
}

impl EnteredTransfers {
    /// Begins a call with a table.
    ///
    /// # Safety
    /// If `at` is neither NULL nor misaligned, it leads to storage that may be read.
    pub(crate) unsafe fn new(at: *mut breeze_transfers) -> Result<Self, breeze_result> {
        let head = at.cast::<Head>();
        check(head)?;
        // SAFETY: it is not NULL and aligned, and may be read; any bytes are a number.
        unsafe { (*head).life.enter() }?;
        Ok(Self { at })
    }

    /// Returns the table.
    pub(crate) fn table(&mut self) -> &mut Transfers {
        // SAFETY: whoever has entered has seen that a table was made there, of as many slots as its head
        // says, and nobody else gets at it until the call is over.
        unsafe {
            let slots = (*self.at.cast::<Head>()).slots;
            &mut (*place(self.at, slots)).transfers
        }
    }
}

impl Drop for EnteredTransfers {
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { (*self.at.cast::<Head>()).life.leave() }
    }
}

#[cfg(test)]
mod tests {
    use core::ptr;

    use super::*;
    use crate::guard::guard;
    use crate::{breeze_transfers_deinit, breeze_transfers_init, breeze_transfers_size};
    use crate::{breeze_transfers_free, breeze_transfers_new, breeze_transfers_timeout};

    #[test]
    fn a_table_is_in_one_call_at_a_time_and_a_panic_ends_it() {
        let size = breeze_transfers_size(2);
        let mut storage = vec![0_u128; size.div_ceil(16)];
        let mut table = ptr::null_mut();
        // SAFETY: the storage is as large as was said.
        unsafe {
            let at = storage.as_mut_ptr().cast();
            assert_eq!(breeze_transfers_init(at, size, 2, &mut table), breeze_result::Ok);
            let entered = EnteredTransfers::new(table).expect("nobody is in a call");
            assert_eq!(breeze_transfers_timeout(table, 0), breeze_result::InUse);
            assert_eq!(breeze_transfers_deinit(table), breeze_result::InUse);
            drop(entered);
            assert_eq!(breeze_transfers_timeout(table, 0), breeze_result::Ok);
            let result = guard(|| {
                let _entered = EnteredTransfers::new(table)?;
                panic!("as a mistake would")
            });
            assert_eq!(result, breeze_result::Panicked);
            assert_eq!(breeze_transfers_timeout(table, 0), breeze_result::Panicked);
            assert_eq!(breeze_transfers_deinit(table), breeze_result::Ok);
            assert_eq!(breeze_transfers_timeout(table, 0), breeze_result::NotTransfers);
        }
    }

    #[test]
    fn a_table_of_the_librarys_is_freed_even_after_a_panic() {
        let mut table = ptr::null_mut();
        // SAFETY: there is a place for the pointer.
        unsafe {
            assert_eq!(breeze_transfers_new(1, &mut table), breeze_result::Ok);
            let result = guard(|| {
                let _entered = EnteredTransfers::new(table)?;
                panic!("as a mistake would")
            });
            assert_eq!(result, breeze_result::Panicked);
            assert_eq!(breeze_transfers_free(table), breeze_result::Ok);
        }
    }
}
