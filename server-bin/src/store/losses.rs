use breeze_core::error::RelayRefusal;
use breeze_core::id::UserId;

use super::GivenUp;
use super::batch::{Batch, Result};

/// Kept messages that are given up.
impl Batch<'_> {
    pub(super) fn give_up_all_for(
        &mut self,
        _user: &UserId,
        _reason: RelayRefusal,
    ) -> Result<Vec<GivenUp>> {
        Ok(Vec::new())
    }

    pub(super) fn forget_sender(&mut self, _user: &UserId) -> Result<()> {
        Ok(())
    }

    pub(super) fn purge(&mut self) -> Result<Vec<GivenUp>> {
        Ok(Vec::new())
    }
}
