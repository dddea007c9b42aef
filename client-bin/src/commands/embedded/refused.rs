use std::fmt;

/// Says why a node does not take a command; nothing was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is no command, for this reason.
    BadCommand(String),
    /// The node is held up, most likely by events that its host does not take: take some, try again.
    Full,
    /// The node has ended, or is about to.
    Ended,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadCommand(why) => f.write_str(why),
            Self::Full => f.write_str("too many commands are waiting"),
            Self::Ended => f.write_str("the node has ended"),
        }
    }
}

impl std::error::Error for Refused {}
