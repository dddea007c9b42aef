use std::fmt;
use std::num::{NonZeroU64, ParseIntError};
use std::str::FromStr;

/// Numbers the messages of all conversations in the order in which they got here, from 1.
///
/// A number stays with its message, and is never given to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct HistoryId(u64);

impl HistoryId {
    pub(crate) const fn new(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for HistoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for HistoryId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse::<NonZeroU64>().map(|number| Self(number.get()))
    }
}
