use std::time::Duration;

/// Says what a session does once it is logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    /// Nothing, but for taking in what comes.
    Rest,
    /// Sends each message that comes back to its sender.
    Echo,
    /// Sends messages to its partner.
    Send(Sending),
}

/// Says how a session sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sending {
    /// Bytes of a text.
    pub(super) size: usize,
    /// How many messages may be under way.
    pub(super) window: u64,
    /// A message is under way until the partner has sent it back, not only acknowledged it.
    pub(super) until_answered: bool,
    /// Between two messages; as many as the window allows, if none.
    pub(super) period: Option<Duration>,
}

impl Sending {
    /// Tells whether it is time to fill the window: not for each single message that has got
    /// through, so that several share a record, as they do with whoever sends much.
    pub(super) fn refills_at(&self, under_way: u64) -> bool {
        self.period.is_some() || under_way <= self.window / 2
    }
}
