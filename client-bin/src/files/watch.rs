use std::sync::atomic::{AtomicBool, Ordering};

/// Follows work that takes long, from another thread if need be.
#[derive(Clone, Copy)]
pub(crate) struct Watch<'a> {
    /// Is told, now and then and from any thread, how many bytes are done.
    pub(crate) progress: &'a (dyn Fn(u64) + Sync),
    /// Ends the work soon after it is set.
    pub(crate) cancelled: &'a AtomicBool,
}

impl Watch<'_> {
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}
