use core::marker::PhantomData;
use core::sync::atomic::{AtomicU32, Ordering};

use crate::breeze_result;

/// Says what lies in a piece of storage.
pub(crate) trait Kind {
    /// A number that memory hardly holds by chance; its lowest byte is 0.
    const BASE: u32;
    /// There is none.
    const NONE: breeze_result;
}

/// Says whether there is something that can be called, and keeps calls apart. It stands first in each
/// piece of storage, which may hold anything before.
#[repr(transparent)]
pub(crate) struct Life<K> {
    state: AtomicU32,
    kind: PhantomData<K>,
}

impl<K: Kind> Life<K> {
    /// Nobody is in a call.
    const READY: u32 = K::BASE | 1;
    /// Somebody is.
    const BUSY: u32 = K::BASE | 2;
    /// A call ended with a panic.
    const BROKEN: u32 = K::BASE | 3;
    /// It was there.
    const ENDED: u32 = K::BASE | 4;

    pub(crate) fn new() -> Self {
        Self { state: AtomicU32::new(Self::READY), kind: PhantomData }
    }

    /// Begins a call.
    pub(crate) fn enter(&self) -> Result<(), breeze_result> {
        match self.exchange() {
            before if before == Self::READY => Ok(()),
            before if before == Self::BUSY => Err(breeze_result::InUse),
            before if before == Self::BROKEN => Err(breeze_result::Panicked),
            _ => Err(K::NONE),
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
        let (ready, busy) = (Self::READY, Self::BUSY);
        match self.state.compare_exchange(ready, busy, Ordering::Acquire, Ordering::Relaxed) {
            Ok(before) | Err(before) => before,
        }
    }

    /// A core without such an instruction is one that runs nothing at the same time.
    #[cfg(not(target_has_atomic = "32"))]
    fn exchange(&self) -> u32 {
        let before = self.state.load(Ordering::Relaxed);
        if before == Self::READY {
            self.state.store(Self::BUSY, Ordering::Relaxed);
        }
        before
    }

    /// Ends a call, also one that a panic ends.
    pub(crate) fn leave(&self) {
        #[cfg(any(feature = "std", test))]
        let is_broken = std::thread::panicking();
        #[cfg(not(any(feature = "std", test)))]
        let is_broken = false;
        self.state.store(if is_broken { Self::BROKEN } else { Self::READY }, Ordering::Release);
    }

    /// Ends the last call.
    pub(crate) fn end(&self) {
        self.state.store(Self::ENDED, Ordering::Release);
    }
}
