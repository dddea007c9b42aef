use std::process::ExitCode;

use breeze_core::id::UserId;
use smol::future;

use super::access::{Access, Found};
use super::output::Output;
use super::role::Role;
use crate::error::Error;
use crate::ndjson::{Command, Event, HistoryEntry, MessageState, PAGE, Question};
use crate::node::{Attached, Lock, answer, history_entry};
use crate::store::Store;
use crate::text::printable_text;

/// Messages, oldest first.
type Page = Vec<HistoryEntry<'static>>;

/// Where the history is read.
enum Source {
    /// The node that runs has it open.
    Node(Box<Attached>),
    /// Nobody has; the lock sees to it that this stays so.
    Disk { store: Store, own: UserId, _lock: Lock },
}

/// Prints kept messages, oldest first.
pub(crate) fn run(mut access: Access, question: Question, json: bool) -> Result<ExitCode, Error> {
    access.settings.remember(&access.global)?;
    future::block_on(async {
        let source = open(&access).await?;
        let pages = match question {
            Question::History { with, limit, before } => {
                let page = |limit, before| {
                    let (with, limit) = (with.clone(), PAGE.min(limit));
                    Question::History { with, limit, before }
                };
                source.pages(page, limit, before).await?
            }
            Question::Outbox { before } => {
                let page = |_, before| Question::Outbox { before };
                source.pages(page, usize::MAX, before).await?
            }
            Question::Search { .. } => vec![source.page(question).await?],
        };
        let output = Output::open();
        for message in pages.iter().rev().flatten() {
            output.write(&line(message, json)).await?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn open(access: &Access) -> Result<Source, Error> {
    Ok(match access.find(Role::Visitor).await? {
        Found::Node(attached) => Source::Node(attached),
        Found::Lock(lock) => {
            let own = access.settings.user.clone().ok_or(Error::NoUser)?;
            Source::Disk { store: Store::open(&access.home.store())?, own, _lock: lock }
        }
    })
}

impl Source {
    /// Reads messages page by page, the latest one first; `question` asks for so many before one.
    async fn pages(
        &self,
        question: impl Fn(usize, Option<u64>) -> Question,
        limit: usize,
        mut before: Option<u64>,
    ) -> Result<Vec<Page>, Error> {
        let mut pages = Vec::new();
        let mut left = limit;
        while left > 0 {
            let page = self.page(question(left, before)).await?;
            let Some(first) = page.first() else { break };
            before = Some(first.entry);
            left -= page.len().min(left);
            pages.push(page);
        }
        Ok(pages)
    }

    async fn page(&self, question: Question) -> Result<Page, Error> {
        match self {
            Self::Node(attached) => {
                attached.command(Command::Ask(question)).await;
                while let Some(event) = attached.next_event().await {
                    if let Event::History { messages } = &*event {
                        return Ok(messages.clone());
                    }
                }
                Err(attached.ended())
            }
            Self::Disk { store, own, .. } => {
                let entries = answer(store, &question)?;
                Ok(entries.into_iter().map(|entry| history_entry(own, entry)).collect())
            }
        }
    }
}

fn line(message: &HistoryEntry<'_>, json: bool) -> String {
    if json {
        // Nothing here can fail to become JSON: all keys are texts.
        return serde_json::to_string(message).unwrap_or_default() + "\n";
    }
    let HistoryEntry { entry, from, to, text, state, reason, .. } = message;
    let state = match (state, reason) {
        (Some(MessageState::Queued), _) => " (not delivered yet)".into(),
        (Some(MessageState::Stored), _) => " (at the server, not delivered yet)".into(),
        (Some(MessageState::Failed), Some(reason)) => format!(" (failed: {reason})"),
        (Some(MessageState::Failed), None) => " (failed)".into(),
        (Some(MessageState::Delivered | MessageState::Read) | None, _) => String::new(),
    };
    format!("{entry:>6}  {from} → {to}: {}{state}\n", printable_text(text, "        "))
}
