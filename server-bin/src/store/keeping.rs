use breeze_core::Answer;
use breeze_core::error::RelayRefusal;
use breeze_core::id::{Epoch, MessageId, UserId};
use breeze_core::io::Keep;

use super::batch::{Batch, Result};

/// Messages for users that are not there, and what their senders are told of them.
impl Batch<'_> {
    pub(super) fn keep(&mut self, _keep: &Keep) -> Result<Answer> {
        Ok(Answer::Refused(RelayRefusal::Offline))
    }

    pub(super) fn on_acked(&mut self, _: &UserId, _: &UserId, _: MessageId) -> Result<()> {
        Ok(())
    }

    pub(super) fn on_read(&mut self, _: &UserId, _: &UserId, _: MessageId) -> Result<()> {
        Ok(())
    }

    pub(super) fn on_read_told(&mut self, _: &UserId, _: &[(UserId, MessageId)]) -> Result<()> {
        Ok(())
    }

    pub(super) fn answers(&mut self, _: &UserId, _: &UserId, _: Epoch) -> Result<Vec<Answer>> {
        Ok(vec![Answer::Stored { upto: 0 }])
    }
}
