use core::fmt;

/// Says why a user is not watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchError {
    /// The user is the client's own.
    OwnUser,
    /// The peer table is full of peers that are in use.
    TableFull,
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OwnUser => "the user is this client's own",
            Self::TableFull => "the table of peers is full of peers in use",
        })
    }
}

impl core::error::Error for WatchError {}
