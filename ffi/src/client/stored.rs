use super::breeze_capacity;
use crate::breeze_result;
use crate::life::{Kind, Life};

/// Is a client. What is in it is the library's.
pub struct breeze_client {
    _private: [u8; 0],
}

impl Kind for breeze_client {
    const BASE: u32 = 0x4252_5a00;
    const NONE: breeze_result = breeze_result::NotAClient;
}

/// Stands before each client in its storage.
#[repr(C)]
pub(crate) struct Head {
    pub(crate) life: Life<breeze_client>,
    pub(crate) capacity: breeze_capacity,
    /// The library took the storage, and gives it back.
    pub(crate) is_owned: bool,
}

/// A client in its storage.
#[repr(C)]
pub(crate) struct Stored<C> {
    pub(crate) head: Head,
    pub(crate) client: C,
}

impl Head {
    pub(crate) fn new(capacity: breeze_capacity, is_owned: bool) -> Self {
        Self { life: Life::new(), capacity, is_owned }
    }
}
