use core::fmt;

use serde::{Deserialize, Serialize};

/// Says why a link ended (PROTOCOL.md, "Close"). The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CloseReason {
    /// The other side, or this one, is done.
    Goodbye,
    /// The server is stopping.
    ServerStopping,
    /// A newer session of the same user took this one's place.
    Replaced,
    /// Another link to the same peer took this one's place.
    Duplicate,
    /// Nothing arrived for longer than the idle limit.
    Idle,
    /// Messages stayed unanswered and so did a probe.
    Silent,
    /// Dialling, the handshake, the login or the set-up took too long.
    TimedOut,
    /// The pipe broke, was closed without a word, or never opened.
    Disconnected,
    /// The other side does not speak this version of the protocol.
    Version,
    /// The handshake failed: not Breeze, damaged, or tampered with.
    BadHandshake,
    /// A record did not pass authentication.
    BadRecord,
    /// A message was malformed.
    Malformed,
    /// A frame or record was larger than announced.
    TooLarge,
    /// A well-formed message came in a state that does not allow it.
    Unexpected,
    /// The other side's key is not the one that belongs there.
    WrongKey,
    /// The peer was not introduced by the server in time.
    NotIntroduced,
    /// The set-up was meant for somebody else.
    Misrouted,
    /// A table has no room for this link or its peer.
    TableFull,
    /// The login was refused.
    Refused,
    /// The peer went offline.
    PeerOffline,
    /// The link has sealed as many records as one key may.
    Exhausted,
}

impl CloseReason {
    /// Returns the name that scripts read.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Goodbye => "goodbye",
            Self::ServerStopping => "server_stopping",
            Self::Replaced => "replaced",
            Self::Duplicate => "duplicate",
            Self::Idle => "idle",
            Self::Silent => "silent",
            Self::TimedOut => "timed_out",
            Self::Disconnected => "disconnected",
            Self::Version => "version",
            Self::BadHandshake => "bad_handshake",
            Self::BadRecord => "bad_record",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::Unexpected => "unexpected",
            Self::WrongKey => "wrong_key",
            Self::NotIntroduced => "not_introduced",
            Self::Misrouted => "misrouted",
            Self::TableFull => "table_full",
            Self::Refused => "refused",
            Self::PeerOffline => "peer_offline",
            Self::Exhausted => "exhausted",
        }
    }
}

impl From<super::DecodeError> for CloseReason {
    fn from(error: super::DecodeError) -> Self {
        match error {
            super::DecodeError::TooLarge => Self::TooLarge,
            super::DecodeError::Malformed
            | super::DecodeError::TrailingBytes
            | super::DecodeError::TooShort => Self::Malformed,
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Goodbye => "closed in good order",
            Self::ServerStopping => "the server is stopping",
            Self::Replaced => "a newer session of the same user took over",
            Self::Duplicate => "another link to the same peer took over",
            Self::Idle => "nothing was heard for too long",
            Self::Silent => "messages and a probe stayed unanswered",
            Self::TimedOut => "no answer in time",
            Self::Disconnected => "disconnected",
            Self::Version => "the other side speaks another version of the protocol",
            Self::BadHandshake => "the handshake failed",
            Self::BadRecord => "a record was damaged or forged",
            Self::Malformed => "a message was malformed",
            Self::TooLarge => "a message was too large",
            Self::Unexpected => "a message came out of turn",
            Self::WrongKey => "the other side's key is not the expected one",
            Self::NotIntroduced => "the server did not introduce the peer",
            Self::Misrouted => "the link was meant for somebody else",
            Self::TableFull => "a table is full",
            Self::Refused => "the login was refused",
            Self::PeerOffline => "the peer went offline",
            Self::Exhausted => "the link's key has been used long enough",
        })
    }
}
