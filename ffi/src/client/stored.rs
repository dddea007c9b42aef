use core::sync::atomic::{AtomicU32, Ordering};

use super::breeze_capacity;
use crate::breeze_result;

/// Is a client. What is in it is the library's.
pub struct breeze_client {
    _private: [u8; 0],
}

/// Stands before each client in its storage.
#[repr(C)]
pub(crate) struct Head {
    /// Whether there is a client that can be called: see the constants.
    state: AtomicU32,
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

// Numbers that memory hardly holds by chance.
/// Nobody is in a call.
const READY: u32 = 0x4252_5a01;
/// Somebody is.
const BUSY: u32 = 0x4252_5a02;
/// A call ended with a panic.
const BROKEN: u32 = 0x4252_5a03;
/// There was a client.
const ENDED: u32 = 0x4252_5a04;

impl Head {
    pub(crate) fn new(capacity: breeze_capacity, is_owned: bool) -> Self {
        Self { state: AtomicU32::new(READY), capacity, is_owned }
    }

    /// Begins a call.
    pub(crate) fn enter(&self) -> Result<(), breeze_result> {
        match self.exchange() {
            READY => Ok(()),
            BUSY => Err(breeze_result::InUse),
            BROKEN => Err(breeze_result::Panicked),
            _ => Err(breeze_result::NotAClient),
        }
    }

    /// Begins the last call, whatever became of those before.
    pub(crate) fn enter_to_end(&self) -> Result<(), breeze_result> {
        match self.enter() {
            Err(breeze_result::Panicked) => Ok(()),
            result => result,
        }
    }

    #[cfg(target_has_atomic = "32")]
    fn exchange(&self) -> u32 {
        match self.state.compare_exchange(READY, BUSY, Ordering::Acquire, Ordering::Relaxed) {
            Ok(before) | Err(before) => before,
        }
    }

    /// A core without such an instruction is one that runs nothing at the same time.
    #[cfg(not(target_has_atomic = "32"))]
    fn exchange(&self) -> u32 {
        let before = self.state.load(Ordering::Relaxed);
        if before == READY {
            self.state.store(BUSY, Ordering::Relaxed);
        }
        before
    }

    /// Ends a call.
    pub(crate) fn leave(&self, is_broken: bool) {
        self.state.store(if is_broken { BROKEN } else { READY }, Ordering::Release);
    }

    /// Ends the last call.
    pub(crate) fn end(&self) {
        self.state.store(ENDED, Ordering::Release);
    }
}
