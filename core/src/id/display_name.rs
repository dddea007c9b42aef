use core::fmt;

use heapless::String;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::limits::MAX_DISPLAY_NAME;

/// Holds the name a user shows to people: any UTF-8 of up to 64 bytes, possibly empty.
///
/// It is a peer's text: whoever prints it on a terminal removes control characters first.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct DisplayName(String<MAX_DISPLAY_NAME, u8>);

/// Says that a text has more than 64 bytes and is no display name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisplayNameError;

impl DisplayName {
    /// Checks the length of `text` and makes a display name of it.
    ///
    /// # Errors
    /// [`DisplayNameError`] if the text has more than 64 bytes.
    pub fn new(text: &str) -> Result<Self, DisplayNameError> {
        String::try_from(text).map(Self).map_err(|_| DisplayNameError)
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for DisplayName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        Self::new(text).map_err(|_| de::Error::custom("display name"))
    }
}

impl core::str::FromStr for DisplayName {
    type Err = DisplayNameError;

    fn from_str(text: &str) -> Result<Self, DisplayNameError> {
        Self::new(text)
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0.as_str(), f)
    }
}

impl fmt::Display for DisplayNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a display name has at most 64 bytes")
    }
}

impl core::error::Error for DisplayNameError {}
