use core::fmt;

use serde::{Deserialize, Serialize};

/// Says why the server refused a login (PROTOCOL.md, "Login"). The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoginRefusal {
    /// The user name belongs to another key.
    NameTaken,
    /// The key belongs to another user name.
    KeyHasOtherName,
    /// The server registers new users by invitation only.
    InviteRequired,
    /// The server registers no new users.
    RegistrationClosed,
    /// The server has as many sessions as it may: try again later.
    ServerFull,
    /// The server cannot check the login now: try again later.
    Unavailable,
    /// The user name is reserved: its enrolment code or password is needed, once.
    CodeRequired,
    /// The enrolment code or password is wrong, or was used already.
    WrongCode,
    /// Too many log-ins failed, for this name or from this address: try again later.
    TooManyTries,
}

impl LoginRefusal {
    /// Tells whether the same login may succeed later.
    pub const fn is_temporary(self) -> bool {
        match self {
            Self::ServerFull | Self::Unavailable | Self::TooManyTries => true,
            Self::NameTaken
            | Self::KeyHasOtherName
            | Self::InviteRequired
            | Self::RegistrationClosed
            | Self::CodeRequired
            | Self::WrongCode => false,
        }
    }

    /// Returns the name that scripts read.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NameTaken => "name_taken",
            Self::KeyHasOtherName => "key_has_other_name",
            Self::InviteRequired => "invite_required",
            Self::RegistrationClosed => "registration_closed",
            Self::ServerFull => "server_full",
            Self::Unavailable => "unavailable",
            Self::CodeRequired => "code_required",
            Self::WrongCode => "wrong_code",
            Self::TooManyTries => "too_many_tries",
        }
    }
}

impl fmt::Display for LoginRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NameTaken => "this user name belongs to another key",
            Self::KeyHasOtherName => "this key is registered under another user name",
            Self::InviteRequired => "the server registers new users by invitation only",
            Self::RegistrationClosed => "the server registers no new users",
            Self::ServerFull => "the server has no room for another session",
            Self::Unavailable => "the server cannot check the login now",
            Self::CodeRequired => "this user name takes an enrolment code or a password",
            Self::WrongCode => "the enrolment code or password is wrong, or was used already",
            Self::TooManyTries => "too many log-ins have failed; wait a little",
        })
    }
}
