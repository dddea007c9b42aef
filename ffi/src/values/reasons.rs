use breeze_core::error::{CloseReason, DeliveryFailure, LoginRefusal};

/// Says why a link ended.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_close_reason {
    /// The other side, or this one, is done.
    Goodbye = 0,
    /// The server is stopping.
    ServerStopping = 1,
    /// A newer session of the same user took this one's place.
    Replaced = 2,
    /// Another link to the same peer took this one's place.
    Duplicate = 3,
    /// Nothing arrived for longer than the idle limit.
    Idle = 4,
    /// Messages stayed unanswered and so did a probe.
    Silent = 5,
    /// Dialling, the handshake, the login or the set-up took too long.
    TimedOut = 6,
    /// The pipe broke, was closed without a word, or never opened.
    Disconnected = 7,
    /// The other side does not speak this version of the protocol.
    Version = 8,
    /// The handshake failed: not Breeze, damaged, or tampered with.
    BadHandshake = 9,
    /// A record did not pass authentication.
    BadRecord = 10,
    /// A message was malformed.
    Malformed = 11,
    /// A frame or record was larger than announced.
    TooLarge = 12,
    /// A well-formed message came in a state that does not allow it.
    Unexpected = 13,
    /// The other side's key is not the one that belongs there.
    WrongKey = 14,
    /// The peer was not introduced by the server in time.
    NotIntroduced = 15,
    /// The set-up was meant for somebody else.
    Misrouted = 16,
    /// A table has no room for this link or its peer.
    TableFull = 17,
    /// The login was refused.
    Refused = 18,
    /// The peer went offline.
    PeerOffline = 19,
    /// The link has sealed as many records as one key may.
    Exhausted = 20,
}

impl From<CloseReason> for breeze_close_reason {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::Goodbye => Self::Goodbye,
            CloseReason::ServerStopping => Self::ServerStopping,
            CloseReason::Replaced => Self::Replaced,
            CloseReason::Duplicate => Self::Duplicate,
            CloseReason::Idle => Self::Idle,
            CloseReason::Silent => Self::Silent,
            CloseReason::TimedOut => Self::TimedOut,
            CloseReason::Disconnected => Self::Disconnected,
            CloseReason::Version => Self::Version,
            CloseReason::BadHandshake => Self::BadHandshake,
            CloseReason::BadRecord => Self::BadRecord,
            CloseReason::Malformed => Self::Malformed,
            CloseReason::TooLarge => Self::TooLarge,
            CloseReason::Unexpected => Self::Unexpected,
            CloseReason::WrongKey => Self::WrongKey,
            CloseReason::NotIntroduced => Self::NotIntroduced,
            CloseReason::Misrouted => Self::Misrouted,
            CloseReason::TableFull => Self::TableFull,
            CloseReason::Refused => Self::Refused,
            CloseReason::PeerOffline => Self::PeerOffline,
            CloseReason::Exhausted => Self::Exhausted,
        }
    }
}

/// Says why the server refused a login.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_login_refusal {
    /// The user name belongs to another key.
    NameTaken = 0,
    /// The key belongs to another user name.
    KeyHasOtherName = 1,
    /// The server registers new users by invitation only.
    InviteRequired = 2,
    /// The server registers no new users.
    RegistrationClosed = 3,
    /// The server has as many sessions as it may: try again later.
    ServerFull = 4,
    /// The server cannot check the login now: try again later.
    Unavailable = 5,
    /// The user name is reserved: its enrolment code or password is needed, once.
    CodeRequired = 6,
    /// The enrolment code or password is wrong, or was used already.
    WrongCode = 7,
    /// Too many log-ins failed, for this name or from this address: try again later.
    TooManyTries = 8,
}

impl From<LoginRefusal> for breeze_login_refusal {
    fn from(reason: LoginRefusal) -> Self {
        match reason {
            LoginRefusal::NameTaken => Self::NameTaken,
            LoginRefusal::KeyHasOtherName => Self::KeyHasOtherName,
            LoginRefusal::InviteRequired => Self::InviteRequired,
            LoginRefusal::RegistrationClosed => Self::RegistrationClosed,
            LoginRefusal::ServerFull => Self::ServerFull,
            LoginRefusal::Unavailable => Self::Unavailable,
            LoginRefusal::CodeRequired => Self::CodeRequired,
            LoginRefusal::WrongCode => Self::WrongCode,
            LoginRefusal::TooManyTries => Self::TooManyTries,
        }
    }
}

/// Says why a message will not be delivered.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_delivery_failure {
    /// The recipient is registered and not online.
    Offline = 0,
    /// No user of this name is registered.
    UnknownUser = 1,
    /// The recipient's device cannot hold a message of this size.
    TooLarge = 2,
    /// The server keeps as much for the recipient as it may.
    Quota = 3,
    /// The recipient has another key than the one for which the message was meant.
    KeyChanged = 4,
    /// The recipient did not come for as long as the server keeps messages.
    Expired = 5,
    /// The server said that it has the message, and has lost it.
    Lost = 6,
}

impl From<DeliveryFailure> for breeze_delivery_failure {
    fn from(reason: DeliveryFailure) -> Self {
        match reason {
            DeliveryFailure::Offline => Self::Offline,
            DeliveryFailure::UnknownUser => Self::UnknownUser,
            DeliveryFailure::TooLarge => Self::TooLarge,
            DeliveryFailure::Quota => Self::Quota,
            DeliveryFailure::KeyChanged => Self::KeyChanged,
            DeliveryFailure::Expired => Self::Expired,
            DeliveryFailure::Lost => Self::Lost,
        }
    }
}
