use core::ffi::c_char;

use breeze_core::id::DisplayName;
use breeze_core::limits::MAX_DISPLAY_NAME;

use super::put_text;

/// Bytes of a display name with its NUL.
pub const BREEZE_NAME_SIZE: usize = 65;

const _: () = assert!(BREEZE_NAME_SIZE == MAX_DISPLAY_NAME + 1);

/// Holds the name that a user shows to people: a text in UTF-8 that ends with a NUL. It is a peer's
/// text: whoever prints it on a terminal removes control characters first. What stands behind a NUL in
/// it is not shown.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct breeze_name {
    /// The text.
    pub text: [c_char; BREEZE_NAME_SIZE],
}

impl breeze_name {
    pub(crate) const NONE: Self = Self { text: [0; BREEZE_NAME_SIZE] };
}

impl From<&DisplayName> for breeze_name {
    fn from(name: &DisplayName) -> Self {
        Self { text: put_text(name.as_str()) }
    }
}
