use core::ffi::{c_char, c_int};
use core::time::Duration;

use breeze_client::{NoEvent, NodeHandle, Refused};

use super::start::breeze_node;
use crate::BREEZE_NEVER;
use crate::arguments::{Place, c_text, check, slice_mut};
use crate::breeze_result;
use crate::guard::guard;

/// Sends a text to a user. Events about it carry `reference`, a text of up to 128 bytes; NULL for none.
///
/// # Safety
/// `node` leads to a node, `to` and `text` to texts that end with a NUL, and so does `reference` unless it
/// is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_node_send(
    node: *const breeze_node,
    to: *const c_char,
    text: *const c_char,
    reference: *const c_char,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        unsafe {
            let (handle, to, text) = (handle(node)?, c_text(to)?, c_text(text)?);
            let reference = match reference.is_null() {
                true => None,
                false => Some(c_text(reference)?),
            };
            handle.send(to, text, reference).map_err(refused)
        }
    })
}

/// Gives a command: a line of JSON, as `breeze up --json` reads it. What becomes of it, events tell.
///
/// # Safety
/// `node` leads to a node, `line` to a text that ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_node_command(
    node: *const breeze_node,
    line: *const c_char,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        unsafe { handle(node)?.command(c_text(line)?).map_err(refused) }
    })
}

/// Takes the next event: a line of JSON, as `breeze up --json` writes it, and a NUL in the place of its
/// end. Waits for it, up to `timeout_ms`, or without end if that is BREEZE_NEVER. `len` is the length of
/// the text.
///
/// BREEZE_RESULT_TIMED_OUT: none came. BREEZE_RESULT_ENDED: none will. BREEZE_RESULT_BUFFER_TOO_SMALL: it
/// takes `len` bytes and a NUL, and is still the next one; 4 MiB are always enough.
///
/// # Safety
/// `node` leads to a node, `buffer` to `size` bytes, `len` to a place for a size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_node_next_event(
    node: *const breeze_node,
    timeout_ms: u64,
    buffer: *mut c_char,
    size: usize,
    len: *mut usize,
) -> breeze_result {
    guard(|| {
        let place = Place::at(len)?;
        // SAFETY: as the caller says.
        let (handle, buffer) = unsafe { (handle(node)?, slice_mut(buffer.cast::<u8>(), size)?) };
        let limit = match timeout_ms {
            BREEZE_NEVER => None,
            millis => Some(Duration::from_millis(millis)),
        };
        let Some(room) = buffer.len().checked_sub(1) else {
            return Err(breeze_result::BadSize);
        };
        match handle.next_event(limit, room) {
            Ok(event) => {
                buffer[..event.len()].copy_from_slice(event.as_bytes());
                buffer[event.len()] = 0;
                // SAFETY: as the caller says.
                unsafe { place.write(event.len()) };
                Ok(())
            }
            Err(NoEvent::TooLong(needed)) => {
                // SAFETY: as the caller says.
                unsafe { place.write(needed) };
                Err(breeze_result::BufferTooSmall)
            }
            Err(NoEvent::TimedOut) => Err(breeze_result::TimedOut),
            Err(NoEvent::Ended) => Err(breeze_result::Ended),
        }
    })
}

/// Writes a file descriptor that is readable while an event waits, or is about to come, and once no more
/// will: to be polled, and not to be read or closed. It lives as long as the node.
///
/// # Safety
/// `node` leads to a node, `fd` to a place for a number.
#[cfg(unix)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_node_fd(node: *const breeze_node, fd: *mut c_int) -> breeze_result {
    guard(|| {
        let place = Place::at(fd)?;
        // SAFETY: as the caller says.
        unsafe { place.write(handle(node)?.fd()) };
        Ok(())
    })
}

/// Asks a node to end in good order: messages on their way have a little time to arrive, and others hear
/// of it. It takes no more commands; events come until it has ended. Doing it twice is harmless.
///
/// # Safety
/// `node` leads to a node.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_node_stop(node: *const breeze_node) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        unsafe { handle(node)?.stop() };
        Ok(())
    })
}

unsafe fn handle<'n>(node: *const breeze_node) -> Result<&'n NodeHandle, breeze_result> {
    check(node)?;
    // SAFETY: neither NULL nor misaligned; that a node is there is the caller's word. All threads share
    // it.
    Ok(unsafe { &(*node).handle })
}

fn refused(refused: Refused) -> breeze_result {
    match refused {
        Refused::BadCommand(_) => breeze_result::BadCommand,
        Refused::Full => breeze_result::Full,
        Refused::Ended => breeze_result::Ended,
    }
}
