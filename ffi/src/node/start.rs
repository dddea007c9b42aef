use core::ffi::c_char;

use breeze_client::NodeHandle;

use super::options::{breeze_node_options, read_options};
use crate::arguments::{Place, slice_mut};
use crate::breeze_result;
use crate::guard::guard;
use crate::values::write_text;

/// Is a running node. What is in it is the library's.
pub struct breeze_node {
    pub(super) handle: NodeHandle,
}

/// Starts a node, with a thread of its own; it logs in by itself, and events tell when it has. Other
/// programs on the same home directory, such as `breeze who`, can use it meanwhile. It is ended with
/// breeze_node_free.
///
/// If it cannot be started the result is BREEZE_RESULT_NOT_STARTED, and `error` has what is wrong and what
/// to do about it: a text that ends with a NUL, without what does not fit.
///
/// # Safety
/// `options` leads to options, `node` to a place for a pointer, and `error` to `error_size` bytes; it may be
/// NULL if that is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_node_start(
    options: *const breeze_node_options,
    node: *mut *mut breeze_node,
    error: *mut c_char,
    error_size: usize,
) -> breeze_result {
    guard(|| {
        let place = Place::at(node)?;
        // SAFETY: as the caller says.
        let (options, error) = unsafe { (read_options(options)?, slice_mut(error, error_size)?) };
        match NodeHandle::start(options) {
            Ok(handle) => {
                // SAFETY: as the caller says.
                unsafe { place.write(Box::into_raw(Box::new(breeze_node { handle }))) };
                Ok(())
            }
            Err(why) => {
                write_text(error, &why);
                Err(breeze_result::NotStarted)
            }
        }
    })
}

/// Ends a node in good order, as breeze_node_stop does, waits for that, some seconds at most, and gives
/// back what it took; NULL is fine. Events that were not taken are lost; no message is.
///
/// # Safety
/// `node` is NULL, or was made by breeze_node_start and not freed since; no other call with it is under
/// way.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_node_free(node: *mut breeze_node) -> breeze_result {
    if node.is_null() {
        return breeze_result::Ok;
    }
    guard(|| {
        if !node.is_aligned() {
            return Err(breeze_result::Misaligned);
        }
        // SAFETY: as the caller says.
        drop(unsafe { Box::from_raw(node) });
        Ok(())
    })
}
