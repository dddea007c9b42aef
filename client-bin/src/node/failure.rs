use std::fmt;

use breeze_core::error::LoginRefusal;
use breeze_core::id::UserId;

use crate::server_addr::ServerAddr;

/// Says why a node ended though nobody asked it to.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The server refused the login for good.
    Refused { refusal: LoginRefusal, user: UserId, server: ServerAddr },
    /// A newer session of the same user took over.
    Replaced { user: UserId },
    /// The server's key is not the pinned one; the text says all.
    ServerKeyChanged(String),
    /// No direct links can be accepted.
    Listen(String),
    /// Nothing can be kept any more; the text says why.
    Store(String),
}

impl Failure {
    /// Returns the name that scripts read.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Refused { refusal, .. } => refusal.code(),
            Self::Replaced { .. } => "replaced",
            Self::ServerKeyChanged(_) => "server_key_changed",
            Self::Listen(_) => "listen",
            Self::Store(_) => "store",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { refusal, user, server } => {
                write!(f, "server {server} refuses '{user}': {refusal}; ")?;
                f.write_str(match refusal {
                    LoginRefusal::NameTaken => {
                        "choose another name with --user NAME, or use the home directory \
                         (--home DIR) that holds this name's key"
                    }
                    LoginRefusal::KeyHasOtherName => {
                        "log in under that name, or use another home directory (--home DIR) \
                         for a second user"
                    }
                    LoginRefusal::InviteRequired | LoginRefusal::RegistrationClosed => {
                        "ask whoever runs the server to add this user"
                    }
                    LoginRefusal::CodeRequired => {
                        "run 'breeze login --code CODE' with the code that whoever runs the server \
                         gives you, or 'breeze login --password-stdin'"
                    }
                    LoginRefusal::WrongCode => {
                        "check it, or ask whoever runs the server for a new one"
                    }
                    LoginRefusal::ServerFull
                    | LoginRefusal::Unavailable
                    | LoginRefusal::TooManyTries => "try again later",
                })
            }
            Self::Replaced { user } => write!(
                f,
                "'{user}' has logged in elsewhere, and this session gave way; end the other one \
                 before starting this one again. If it was with a password in another home \
                 directory, the name belongs to that one's key now, until 'breeze login' shows the \
                 password here"
            ),
            Self::ServerKeyChanged(text) | Self::Listen(text) | Self::Store(text) => {
                f.write_str(text)
            }
        }
    }
}
