//! Who came and went, for those who asked to hear of it.

mod presence_log;

pub(crate) use presence_log::PresenceLog;
