use breeze_core::id::{LinkId, UserId};

use super::administration::Administration;
use super::verifier::TicketLogin;
use crate::store::Change;

/// Is something to be done in the store, or read from it, in order of arrival.
#[derive(Debug)]
pub(super) enum Request {
    /// A client asks for a session.
    Login {
        /// Its link.
        link: LinkId,
        /// The user name that it claims.
        user: UserId,
        /// What becomes of the account: a claim, or an enrolment.
        change: Change,
        /// The same login, if a ticket was shown: to be verified unless the key is enrolled.
        ticket: Option<Box<TicketLogin>>,
    },
    /// Anything else that is to be made durable.
    Change(Change),
    /// A session has room for messages.
    Page(PageRequest),
    /// A client wants to know a user's key.
    Key {
        /// Its link.
        link: LinkId,
        /// The user.
        user: UserId,
    },
    /// A command changes accounts: the last request of its batch.
    Administer(Box<Administration>),
}

/// Asks for messages that are kept for a session's user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PageRequest {
    pub(super) link: LinkId,
    pub(super) user: UserId,
    /// The place of the last message that the session has.
    pub(super) after: u64,
}

impl Request {
    /// Tells whether no request may be answered in one go with this one that comes after it: in one
    /// go, a log-in would be before what it has to follow.
    pub(super) fn ends_batch(&self) -> bool {
        match self {
            Self::Administer(_) => true,
            Self::Login { .. } | Self::Change(_) | Self::Page(_) | Self::Key { .. } => false,
        }
    }
}
