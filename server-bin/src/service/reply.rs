use breeze_core::Answer;
use breeze_core::error::LoginRefusal;
use breeze_core::id::{Epoch, LinkId, PublicKey, UserId};
use breeze_core::io::{Backlog, Keep};
use breeze_core::time::Instant;

use super::administration::Administered;
use super::request::PageRequest;
use super::server_machine::ServerMachine;
use super::verifier::TicketLogin;
use crate::store::{GivenUp, Page};

/// Is what came of a [`Request`](super::request::Request).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// A client gets its session.
    Admitted {
        /// Its link.
        link: LinkId,
        /// Its user.
        user: UserId,
        /// What there is for the user.
        backlog: Backlog,
        /// What was kept for an earlier key of the user.
        given_up: Vec<GivenUp>,
    },
    /// A client gets no session.
    Refused {
        /// Its link.
        link: LinkId,
        /// The user name that it claims.
        user: UserId,
        /// Why.
        refusal: LoginRefusal,
    },
    /// A client's key is not enrolled, and its ticket may enrol it.
    Verify(Box<TicketLogin>),
    /// What became of a message that was to be kept.
    Kept {
        /// The message.
        keep: Keep,
        /// What its sender is told.
        answer: Answer,
    },
    /// What became of a sender's messages.
    Answers {
        /// The sender.
        from: UserId,
        /// The recipient.
        to: UserId,
        /// The numbering.
        epoch: Epoch,
        /// What the sender is told, in this order.
        answers: Vec<Answer>,
    },
    /// What a purge gave up.
    Purged(Vec<GivenUp>),
    /// Messages for a session.
    Page {
        /// Its link.
        link: LinkId,
        /// The messages.
        page: Page,
    },
    /// A user's key.
    Key {
        /// The link of who wants to know.
        link: LinkId,
        /// The user.
        user: UserId,
        /// The key, if there is one.
        key: Option<PublicKey>,
    },
    /// Messages for a session cannot be read now.
    PageLater(PageRequest),
    /// What came of a command.
    Administered(Box<Administered>),
    /// Nobody waits for an answer, or none can be given.
    Nothing,
}

impl Reply {
    /// Tells the state machine.
    pub(super) fn give(self, machine: &mut ServerMachine, now: Instant) {
        match self {
            Self::Admitted { link, user, backlog, given_up } => {
                tell(machine, &given_up);
                machine.admit(now, link, user, backlog);
            }
            Self::Refused { link, user, refusal } => machine.refuse(now, link, &user, refusal),
            Self::Verify(login) => machine.verify(now, login),
            Self::Kept { keep, answer } => machine.server.kept(keep, answer),
            Self::Answers { from, to, epoch, answers } => {
                for answer in answers {
                    machine.server.answer(&from, &to, epoch, answer);
                }
            }
            Self::Purged(given_up) => {
                tell(machine, &given_up);
                // There may be more: it takes some at a time.
                if !given_up.is_empty() {
                    machine.purge();
                }
            }
            Self::Page { link, page } => {
                machine.server.deliver(link, &page.kept, page.last, page.more);
            }
            Self::Key { link, user, key } => machine.server.introduce(link, user, key),
            Self::PageLater(request) => machine.ask_later(request),
            Self::Administered(administered) => administered.give(machine, now),
            Self::Nothing => {}
        }
    }
}

/// Tells senders, those that are online, that their messages were given up.
pub(super) fn tell(machine: &mut ServerMachine, given_up: &[GivenUp]) {
    for GivenUp { from, to, epoch, upto, reason } in given_up {
        log::info!("messages of {from} to {to} up to {upto} are given up: {reason:?}");
        let answer = Answer::Lost { upto: *upto, reason: *reason };
        machine.server.answer(from, to, *epoch, answer);
    }
}
