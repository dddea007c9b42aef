//! Who came and went, for those who asked to hear of it: of everybody, or of some.

mod presence_log;
mod watch_lists;

pub(crate) use presence_log::PresenceLog;
pub(crate) use watch_lists::WatchLists;
