use std::io::{self, Read};

use breeze_core::limits::MAX_TICKET;
use zeroize::Zeroizing;

/// Bytes of a password at least: shorter ones are guessed, whatever they hold.
const MIN: usize = 8;
/// Bytes of a password at most: what a login carries.
const MAX: usize = MAX_TICKET;
/// More than a password with its line end has, so that a longer one is noticed without reading on.
const MOST_READ: usize = MAX + 3;

/// Is a password that may enrol a user's key; wiped when dropped.
pub(crate) struct Password(Zeroizing<Vec<u8>>);

/// Says why a text is no password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    /// It has too few bytes.
    #[error("the password on standard input is too short: it has {found} bytes and needs {MIN}")]
    TooShort {
        /// How many it has.
        found: usize,
    },
    /// It has too many bytes.
    #[error("the password on standard input is too long: it may have {MAX} bytes")]
    TooLong,
    /// It is more than a line.
    #[error("standard input has more than one line; give the password on a line of its own")]
    ManyLines,
    /// It is not text.
    #[error("the password on standard input is no text: it must be UTF-8")]
    NotText,
    /// Reading failed.
    #[error("the password cannot be read from standard input: {0}")]
    Unreadable(#[from] io::Error),
}

impl Password {
    /// Reads one, of 8 to 128 bytes, with or without a line end after it.
    pub(crate) fn read(input: impl Read) -> Result<Self, PasswordError> {
        // Sized before reading: growth would leave copies behind.
        let mut text = Zeroizing::new(Vec::with_capacity(MOST_READ));
        input.take(MOST_READ as u64).read_to_end(&mut text)?;
        if text.last() == Some(&b'\n') {
            text.pop();
            if text.last() == Some(&b'\r') {
                text.pop();
            }
        }
        if text.len() > MAX {
            return Err(PasswordError::TooLong);
        }
        if text.contains(&b'\n') {
            return Err(PasswordError::ManyLines);
        }
        if text.len() < MIN {
            return Err(PasswordError::TooShort { found: text.len() });
        }
        if std::str::from_utf8(&text).is_err() {
            return Err(PasswordError::NotText);
        }
        Ok(Self(text))
    }

    /// Returns what is hashed.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &[u8]) -> Result<Vec<u8>, String> {
        match Password::read(input) {
            Ok(password) => Ok(password.as_bytes().to_vec()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_line_is_taken_without_its_end() {
        for input in [&b"tr0ub4dor"[..], b"tr0ub4dor\n", b"tr0ub4dor\r\n"] {
            assert_eq!(read(input), Ok(b"tr0ub4dor".to_vec()));
        }
        assert_eq!(read(" 密码 ".as_bytes()), Ok(" 密码 ".as_bytes().to_vec()), "8 bytes");
        assert_eq!(read(&[b'x'; MAX]), Ok(vec![b'x'; MAX]));
        let longest = [&[b'x'; MAX][..], b"\r\n"].concat();
        assert_eq!(read(&longest), Ok(vec![b'x'; MAX]));
    }

    #[test]
    fn what_is_no_password_is_refused_in_words() {
        for (input, words) in [
            (&b""[..], "has 0 bytes and needs 8"),
            (b"\n", "has 0 bytes"),
            (b"1234567\n", "has 7 bytes"),
            (&[b'x'; MAX + 1], "may have 128 bytes"),
            (&[b'x'; 100_000], "may have 128 bytes"),
            (b"password\nanother\n", "more than one line"),
            (b"password\n\n", "more than one line"),
            (b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", "UTF-8"),
        ] {
            let error = read(input).expect_err(words);
            assert!(error.contains(words), "{error}");
        }
    }
}
