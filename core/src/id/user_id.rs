use core::fmt;

use heapless::String;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::limits::MAX_USER_ID;

/// Names a user: 1 to 32 bytes of lower-case letters, digits, `.`, `_` and `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct UserId(String<MAX_USER_ID, u8>);

/// Says why a text is no user id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserIdError {
    /// The text is empty.
    Empty,
    /// The text has more than 32 bytes.
    TooLong,
    /// The text holds something else than `a`-`z`, `0`-`9`, `.`, `_` and `-`.
    BadCharacter,
}

impl UserId {
    /// Checks `text` and makes a user id of it.
    ///
    /// # Errors
    /// A [`UserIdError`] if the text is empty, too long or holds a forbidden character.
    pub fn new(text: &str) -> Result<Self, UserIdError> {
        if text.is_empty() {
            return Err(UserIdError::Empty);
        }
        let allowed =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
        let name = String::try_from(text).map_err(|_| UserIdError::TooLong)?;
        if text.bytes().all(allowed) { Ok(Self(name)) } else { Err(UserIdError::BadCharacter) }
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for UserId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        Self::new(text).map_err(|_| de::Error::custom("user id"))
    }
}

impl core::str::FromStr for UserId {
    type Err = UserIdError;

    fn from_str(text: &str) -> Result<Self, UserIdError> {
        Self::new(text)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for UserIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a user name cannot be empty",
            Self::TooLong => "a user name has at most 32 bytes",
            Self::BadCharacter => {
                "a user name holds only lower-case letters, digits, '.', '_' and '-'"
            }
        })
    }
}

impl core::error::Error for UserIdError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_alphabet_and_no_more() {
        assert_eq!(UserId::new("a.b_c-9").map(|u| u.as_str().len()), Ok(7));
        assert_eq!(UserId::new(""), Err(UserIdError::Empty));
        assert_eq!(UserId::new("Alice"), Err(UserIdError::BadCharacter));
        assert_eq!(UserId::new("微风"), Err(UserIdError::BadCharacter));
        assert_eq!(UserId::new("a b"), Err(UserIdError::BadCharacter));
        assert!(UserId::new("abcdefghijklmnopqrstuvwxyz012345").is_ok());
        assert_eq!(UserId::new("abcdefghijklmnopqrstuvwxyz0123456"), Err(UserIdError::TooLong));
    }
}
