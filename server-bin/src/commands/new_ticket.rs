use std::fmt::Write as _;
use std::io;

use breeze_core::id::UserId;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::secret::{EnrolmentCode, Password, hash_code, hash_password};
use crate::store::Secret;

/// Is what a user is to log in with, once.
pub(super) enum NewTicket {
    /// A code that was drawn here.
    Code(EnrolmentCode),
    /// A password that the administrator has chosen.
    Password(Password),
}

impl NewTicket {
    /// Draws a code, or reads a password from standard input.
    pub(super) fn make(reads_password: bool) -> Result<Self, Error> {
        Ok(if reads_password {
            Self::Password(Password::read(io::stdin().lock())?)
        } else {
            Self::Code(EnrolmentCode::draw()?)
        })
    }

    /// Hashes it, which takes a moment.
    pub(super) fn secret(&self) -> Result<Secret, Error> {
        Ok(match self {
            Self::Code(code) => hash_code(code)?,
            Self::Password(password) => hash_password(password)?,
        })
    }

    /// Says what was done, and what the user does next.
    pub(super) fn instructions(&self, news: &str, user: &UserId) -> Zeroizing<String> {
        // Sized before: growth would leave copies of the code behind.
        let mut text = Zeroizing::new(String::with_capacity(1024));
        let how = format!(
            "On {user}'s machine, with this server's name or address for HOST (HOST:PORT unless \
             the port is 7733), run"
        );
        // Writing to a string does not fail.
        let _ = match self {
            Self::Code(code) => write!(
                text,
                "{news}; its code, good for one login, is\n\n    {code}\n\n{how}\n\n    \
                 breeze --server HOST --user {user} login --code {code}\n"
            ),
            Self::Password(_) => write!(
                text,
                "{news}; it logs in with the password\n\n{how}\n\n    \
                 breeze --server HOST --user {user} login --password-stdin\n"
            ),
        };
        text
    }
}
