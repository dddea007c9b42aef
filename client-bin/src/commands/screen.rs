use std::cell::RefCell;
use std::collections::BTreeSet;

use breeze_core::id::UserId;

use super::output::Output;
use super::show;
use crate::error::Error;
use crate::ndjson::{Command, Event, PathKind};

/// Shows a conversation to a person, and knows with whom it is.
pub(super) struct Screen {
    output: Output,
    partner: RefCell<Option<UserId>>,
    /// Who was shown to be there.
    there: RefCell<BTreeSet<UserId>>,
}

impl Screen {
    pub(super) fn new(partner: Option<UserId>) -> Self {
        Self { output: Output::open(), partner: RefCell::new(partner), there: RefCell::default() }
    }

    /// Returns whom the next line goes to.
    pub(super) fn partner(&self) -> Option<UserId> {
        self.partner.borrow().clone()
    }

    /// Takes another user as the one to talk with.
    pub(super) fn talk_with(&self, user: UserId) {
        *self.partner.borrow_mut() = Some(user);
    }

    /// Shows an event, if it matters to a person.
    pub(super) async fn show(&self, event: &Event<'static>) -> Result<(), Error> {
        if let Event::Message { from, .. } = event {
            // An answer goes to whoever wrote first.
            self.partner.borrow_mut().get_or_insert_with(|| from.clone());
        }
        match show::line(event) {
            Some(line) if self.is_news(event) => self.output.write(&line).await,
            Some(_) | None => Ok(()),
        }
    }

    /// Returns what tells the partner that its message, which was just shown, has been seen.
    pub(super) fn receipt(&self, event: &Event<'_>) -> Option<Command> {
        let Event::Message { from, id, .. } = event else { return None };
        let is_partner = self.partner.borrow().as_ref() == Some(from);
        if is_partner { Command::read(from, id) } else { None }
    }

    /// Tells whether an event is more than the absence of somebody who was not there anyway: a node
    /// that has run for long knows many of them.
    fn is_news(&self, event: &Event<'_>) -> bool {
        let mut there = self.there.borrow_mut();
        match event {
            Event::Presence { user, online: true, .. } => {
                there.insert(user.clone());
                true
            }
            Event::Presence { user, online: false, .. } => there.remove(user),
            Event::Path { user, path: PathKind::None, .. } => there.contains(user),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_partner_says_counts_as_seen() {
        let user = |name: &str| UserId::new(name).expect("user");
        let message = |from: &str, id: &'static str| Event::Message {
            id: id.into(),
            from: user(from),
            name: "".into(),
            text: "hi".into(),
            sent_ms: 0,
            path: PathKind::Relay,
        };
        const ID: &str = "00000000000000ab-7";
        let screen = Screen::new(None);
        assert_eq!(screen.receipt(&message("bob", ID)), None);
        screen.talk_with(user("bob"));
        let Some(Command::Read { from, id, reference: None }) = screen.receipt(&message("bob", ID))
        else {
            panic!("no receipt");
        };
        assert_eq!((from, id.to_string().as_str()), (user("bob"), ID));
        assert_eq!(screen.receipt(&message("eve", ID)), None);
        assert_eq!(screen.receipt(&message("bob", "x")), None);
        assert_eq!(screen.receipt(&Event::Who { users: Vec::new() }), None);
    }
}
