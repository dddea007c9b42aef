use async_io::Timer;

use super::LOOK_EVERY;

/// Says now and then that interfaces or their addresses may have changed.
pub(crate) struct Changes;

impl Changes {
    /// Begins.
    pub(crate) fn new() -> Self {
        Self
    }

    /// Waits until there may have been a change.
    pub(crate) async fn next(&mut self) {
        Timer::after(LOOK_EVERY).await;
    }
}
