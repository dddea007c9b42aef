use std::collections::BTreeSet;

use breeze_core::id::UserId;
use breeze_core::time::Instant;

use super::any_client::AnyClient;
use super::recruit::Recruit;

/// Holds one session of a fleet.
pub(super) struct Member {
    pub(super) recruit: Recruit,
    /// None until it is to log in.
    pub(super) client: Option<Box<dyn AnyClient>>,
    /// There may be something to poll.
    pub(super) touched: bool,
    /// When it has to hear of time, as the fleet's table of deadlines has it.
    pub(super) deadline: Instant,
    pub(super) connected: bool,
    pub(super) partner_online: bool,
    /// Counted among those that have a session.
    pub(super) counted_connected: bool,
    /// Counted among those that are ready.
    pub(super) counted_ready: bool,
    /// Nothing that happens to it is trouble any more.
    pub(super) closing: bool,
    /// The users with whom messages go direct.
    pub(super) direct: BTreeSet<UserId>,
    /// Messages that were sent and have not got through.
    pub(super) under_way: u64,
    /// When the next message is to be sent, if its duty has a period.
    pub(super) next_due: u64,
}

impl Member {
    pub(super) fn new(recruit: Recruit) -> Self {
        Self {
            recruit,
            client: None,
            touched: false,
            deadline: Instant::NEVER,
            connected: false,
            partner_online: false,
            counted_connected: false,
            counted_ready: false,
            closing: false,
            direct: BTreeSet::new(),
            under_way: 0,
            next_due: 0,
        }
    }

    /// Tells whether it can begin with its duty.
    pub(super) fn is_ready(&self) -> bool {
        self.connected && (self.partner_online || self.recruit.partner.is_none())
    }
}
