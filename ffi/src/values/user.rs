use core::ffi::c_char;

use breeze_core::id::UserId;
use breeze_core::limits::MAX_USER_ID;

use super::put_text;

/// Bytes of a user's name with its NUL.
pub const BREEZE_USER_SIZE: usize = 33;

const _: () = assert!(BREEZE_USER_SIZE == MAX_USER_ID + 1);

/// Names a user: a text that ends with a NUL, empty where there is none.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct breeze_user {
    /// The text.
    pub text: [c_char; BREEZE_USER_SIZE],
}

impl breeze_user {
    pub(crate) const NONE: Self = Self { text: [0; BREEZE_USER_SIZE] };
}

impl From<&UserId> for breeze_user {
    fn from(user: &UserId) -> Self {
        Self { text: put_text(user.as_str()) }
    }
}
