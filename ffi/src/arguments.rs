//! What comes from C, checked.
//!
//! Whether a pointer that is not NULL leads where it should is what no function can see: that is the
//! host's part of the contract, which each `SAFETY` note here leans on.

use core::ffi::{CStr, c_char};
use core::{ptr, slice};

use breeze_core::id::UserId;

use crate::breeze_result;

/// Checks that a pointer leads somewhere, and to something aligned.
pub(crate) fn check<T>(pointer: *const T) -> Result<(), breeze_result> {
    match pointer {
        pointer if pointer.is_null() => Err(breeze_result::NullPointer),
        pointer if !pointer.is_aligned() => Err(breeze_result::Misaligned),
        _ => Ok(()),
    }
}

/// Reads a value.
pub(crate) unsafe fn read<T: Copy>(pointer: *const T) -> Result<T, breeze_result> {
    check(pointer)?;
    // SAFETY: it is not NULL and aligned; that a `T` is there is the caller's word.
    Ok(unsafe { ptr::read(pointer) })
}

/// Reads a value where there may be none.
pub(crate) unsafe fn read_if_any<T: Copy>(pointer: *const T) -> Result<Option<T>, breeze_result> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's word is the same.
    unsafe { read(pointer) }.map(Some)
}

/// Is a place for an output: checked before the work, written once that is done.
pub(crate) struct Place<T>(*mut T);

impl<T> Place<T> {
    /// Checks the place.
    pub(crate) fn at(pointer: *mut T) -> Result<Self, breeze_result> {
        check(pointer).map(|()| Self(pointer))
    }

    /// Checks the place of a structure that the caller takes to have this size.
    pub(crate) fn sized(pointer: *mut T, size: usize) -> Result<Self, breeze_result> {
        let place = Self::at(pointer)?;
        if size == size_of::<T>() { Ok(place) } else { Err(breeze_result::BadSize) }
    }

    /// Writes the output.
    pub(crate) unsafe fn write(self, value: T) {
        // SAFETY: it is not NULL and aligned; that it may be written is the caller's word.
        unsafe { ptr::write(self.0, value) }
    }
}

/// Reads bytes; a NULL pointer is fine where there are none.
pub(crate) unsafe fn bytes<'a>(pointer: *const u8, len: usize) -> Result<&'a [u8], breeze_result> {
    match (pointer.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(breeze_result::NullPointer),
        (false, len) if len > isize::MAX as usize => Err(breeze_result::BadSize),
        // SAFETY: not NULL, and that so many bytes are there, unchanged during the call, is the
        // caller's word.
        (false, _) => Ok(unsafe { slice::from_raw_parts(pointer, len) }),
    }
}

/// Takes bytes or characters that are written to; a NULL pointer is fine where there are none.
pub(crate) unsafe fn slice_mut<'a, T>(
    pointer: *mut T,
    len: usize,
) -> Result<&'a mut [T], breeze_result> {
    const { assert!(size_of::<T>() == 1, "anything else has to be aligned") };
    match (pointer.is_null(), len) {
        (_, 0) => Ok(&mut []),
        (true, _) => Err(breeze_result::NullPointer),
        (false, len) if len > isize::MAX as usize => Err(breeze_result::BadSize),
        // SAFETY: not NULL, and that so many bytes are there, nobody else's during the call, is the
        // caller's word.
        (false, _) => Ok(unsafe { slice::from_raw_parts_mut(pointer, len) }),
    }
}

/// Reads an array of 32 bytes.
pub(crate) unsafe fn key_bytes(pointer: *const u8) -> Result<[u8; 32], breeze_result> {
    // SAFETY: the caller's word is the same, and bytes are always aligned.
    unsafe { read(pointer.cast::<[u8; 32]>()) }
}

/// Reads a text of that many bytes.
pub(crate) unsafe fn text<'a>(
    pointer: *const c_char,
    len: usize,
) -> Result<&'a str, breeze_result> {
    // SAFETY: the caller's word is the same.
    let bytes = unsafe { bytes(pointer.cast(), len) }?;
    str::from_utf8(bytes).map_err(|_| breeze_result::BadText)
}

/// Reads a text that ends with a NUL.
pub(crate) unsafe fn c_text<'a>(pointer: *const c_char) -> Result<&'a str, breeze_result> {
    check(pointer)?;
    // SAFETY: not NULL, and that the text has its end and is not changed during the call is the
    // caller's word.
    unsafe { CStr::from_ptr(pointer) }.to_str().map_err(|_| breeze_result::BadText)
}

/// Reads the name of a user.
pub(crate) unsafe fn user(pointer: *const c_char) -> Result<UserId, breeze_result> {
    // SAFETY: the caller's word is the same.
    let text = unsafe { c_text(pointer) }?;
    UserId::new(text).map_err(|_| breeze_result::BadUser)
}
