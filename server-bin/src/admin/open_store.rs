use std::path::Path;
use std::time::Instant;

use async_io::Timer;

use super::NAME;
use super::ask::{PATIENCE, PAUSE};
use crate::error::Error;
use crate::host::local_socket;
use crate::store::{Limits, Store, StoreError};

/// Opens the store for a server. If a command has it, that is for a moment, and is waited for;
/// another server has it for longer.
pub(crate) async fn open_store(dir: &Path, limits: Limits) -> Result<Store, Error> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        match Store::open(dir, limits) {
            Err(StoreError::InUse { .. })
                if Instant::now() < give_up && !is_answered(dir).await =>
            {
                Timer::after(PAUSE).await;
            }
            outcome => return Ok(outcome?),
        }
    }
}

/// Tells whether a server takes requests, or may do so again.
async fn is_answered(dir: &Path) -> bool {
    !matches!(local_socket::connect(dir, NAME).await, Ok(None))
}
