use clap::ValueEnum;

/// Says who may become a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Registration {
    /// Anybody: the first key that claims a name owns it
    Open,
    /// Those who are invited
    Invite,
    /// Nobody new
    Closed,
}
