use super::{Event, MAX_LINE, Reference};

/// Bytes of what an error quotes of a line, and says about it: enough for a person to see which.
const MAX_MESSAGE: usize = 256;

/// Says why a line is no command; nothing was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadCommand {
    pub(super) message: String,
    pub(super) reference: Option<Reference>,
}

impl BadCommand {
    /// Makes the answer to a line longer than [`MAX_LINE`].
    pub(crate) fn too_long() -> Self {
        Self::new(format!("the line has more than {} KiB", MAX_LINE / 1024))
    }

    /// Returns what is wrong with it.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Makes the event that tells of it.
    pub(crate) fn into_event(self) -> Event<'static> {
        Event::Error {
            code: "bad_command".into(),
            message: self.message.into(),
            reference: self.reference,
        }
    }

    pub(super) fn new(message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.len() > MAX_MESSAGE {
            let is_boundary = |at: &usize| message.is_char_boundary(*at);
            message.truncate((0..=MAX_MESSAGE).rev().find(is_boundary).unwrap_or(0));
            message.push('…');
        }
        Self { message, reference: None }
    }
}
