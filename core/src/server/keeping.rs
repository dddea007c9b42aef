use super::server::Server;
use crate::delivery::Answer;
use crate::id::{Epoch, LinkId, PublicKey, UserId};
use crate::io::{Keep, Kept};

/// Messages that are kept for users that are not there (PROTOCOL.md, "Store").
impl Server {
    pub(super) fn on_kept(&mut self, keep: Keep, answer: Answer) {
        self.on_answer(&keep.from, &keep.to, keep.id.epoch, answer);
    }

    pub(super) fn on_answer(&mut self, _: &UserId, _: &UserId, _: Epoch, _: Answer) {}

    pub(super) fn on_page(&mut self, _: LinkId, _: &[Kept], _: u64, _: bool) {}

    pub(super) fn on_introduced(&mut self, _: LinkId, _: UserId, _: Option<PublicKey>) {}
}
