use breeze_core::Answer;
use breeze_core::error::LoginRefusal;

use super::GivenUp;

/// Tells what a [`Change`](super::Change) came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Of a claim, or an enrolment: with what was kept for an earlier key and is given up.
    Claimed(Result<Vec<GivenUp>, LoginRefusal>),
    /// What the sender of a message that was to be kept is told.
    Kept(Answer),
    /// What a sender that asked is told, in this order.
    Answers(Vec<Answer>),
    /// What a purge gave up; nothing if nothing is too old any more.
    GivenUp(Vec<GivenUp>),
    /// There is nothing to say.
    Done,
}
