use std::fmt;

use serde::{Deserialize, Serialize};

/// Says why a request was not done: to programs by its code, to people by its message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) code: RefusalCode,
    pub(crate) message: String,
}

/// Names the reason of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefusalCode {
    /// The line is no request.
    BadRequest,
    /// The line has too many bytes.
    TooLong,
    /// Too many commands are connected, or too much waits: later it may be done.
    Busy,
    /// There is no such user.
    UnknownUser,
    /// There is such a user already.
    UserExists,
    /// The store cannot be used.
    Store,
    /// A reason that this version does not know.
    #[serde(other)]
    Other,
}

impl Refusal {
    pub(crate) fn new(code: RefusalCode, message: impl fmt::Display) -> Self {
        Self { code, message: message.to_string() }
    }

    /// Tells whether the same request may be done a moment later.
    pub(crate) fn is_temporary(&self) -> bool {
        match self.code {
            RefusalCode::Busy => true,
            RefusalCode::BadRequest
            | RefusalCode::TooLong
            | RefusalCode::UnknownUser
            | RefusalCode::UserExists
            | RefusalCode::Store
            | RefusalCode::Other => false,
        }
    }
}
