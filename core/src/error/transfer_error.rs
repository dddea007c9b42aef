use core::fmt;

/// Says why a transfer cannot begin. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferError {
    /// There are as many transfers as there may be: later.
    Full,
    /// There is one of this number already.
    Known,
    /// The offer is not well-formed, or the place to go on is not the beginning of a block.
    Malformed,
}

impl fmt::Display for TransferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "there are too many transfers at once",
            Self::Known => "there is a transfer of this number already",
            Self::Malformed => "the offer is not well-formed",
        })
    }
}

impl core::error::Error for TransferError {}
