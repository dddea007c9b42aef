use breeze_core::id::UserId;

/// Says which of the kept messages are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// A page of the conversation with somebody.
    History {
        /// With whom.
        with: UserId,
        /// How many messages, the latest ones.
        limit: usize,
        /// Only those before this one.
        before: Option<u64>,
    },
    /// Those of all conversations that contain a text.
    Search {
        /// The text, upper and lower case being the same.
        text: String,
        /// How many, the latest ones.
        limit: usize,
    },
    /// A page of those that are neither delivered nor failed, the latest ones.
    Outbox {
        /// Only those before this one.
        before: Option<u64>,
    },
}

/// Messages on a page of the history, unless another number is asked for.
pub(crate) const PAGE: usize = 50;
