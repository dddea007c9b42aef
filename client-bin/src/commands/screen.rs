use std::cell::RefCell;
use std::collections::BTreeSet;

use breeze_core::id::UserId;

use super::output::Output;
use super::show;
use crate::error::Error;
use crate::ndjson::{Event, PathKind};

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
