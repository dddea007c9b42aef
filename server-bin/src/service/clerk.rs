use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use breeze_core::Answer;
use breeze_core::error::{LoginRefusal, RelayRefusal};
use breeze_core::id::{LinkId, UserId};

use super::administration::Administration;
use super::reply::Reply;
use super::request::{PageRequest, Request};
use super::verifier::TicketLogin;
use crate::store::{Change, GivenUp, Outcome, Store, StoreError};

/// Does in the store what is requested, on threads that may wait for the disk.
#[derive(Debug)]
pub(super) struct Clerk {
    store: Arc<Store>,
    /// The store failed when it was last used.
    is_failing: AtomicBool,
}

/// Is a request without its change, if it has one: those are on a list of their own.
enum Task {
    Login { link: LinkId, user: UserId, ticket: Option<Box<TicketLogin>> },
    Change,
    Page(PageRequest),
    Key { link: LinkId, user: UserId },
    Administer(Box<Administration>),
}

impl Clerk {
    pub(super) fn new(store: Arc<Store>) -> Self {
        Self { store, is_failing: AtomicBool::new(false) }
    }

    #[cfg(test)]
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Answers requests, each with one reply, in order: all changes first, in one transaction, then
    /// what is read.
    pub(super) fn answer(&self, batch: Vec<Request>, now_ms: u64) -> Vec<Reply> {
        let mut changes = Vec::with_capacity(batch.len());
        let mut task = |request| match request {
            Request::Login { link, user, change, ticket } => {
                changes.push(change);
                Task::Login { link, user, ticket }
            }
            Request::Change(change) => {
                changes.push(change);
                Task::Change
            }
            Request::Page(request) => Task::Page(request),
            Request::Key { link, user } => Task::Key { link, user },
            Request::Administer(administration) => Task::Administer(administration),
        };
        let tasks: Vec<_> = batch.into_iter().map(&mut task).collect();
        let outcomes = self.carry_out(&changes, now_ms);
        let mut done = changes.into_iter().zip(outcomes);
        let reply = |task| match task {
            Task::Login { link, user, ticket } => {
                self.login(link, user, ticket, done.next().and_then(|(_, outcome)| outcome))
            }
            Task::Change => {
                done.next().map_or(Reply::Nothing, |(change, outcome)| changed(change, outcome))
            }
            Task::Page(request) => self.page(request),
            Task::Key { link, user } => self.key(link, user),
            Task::Administer(administration) => {
                Reply::Administered(Box::new(administration.execute(&self.store, now_ms)))
            }
        };
        tasks.into_iter().map(reply).collect()
    }

    /// Makes changes durable, and returns what came of each; none for those that failed.
    fn carry_out(&self, changes: &[Change], now_ms: u64) -> Vec<Option<Outcome>> {
        if changes.is_empty() {
            return Vec::new();
        }
        match self.store.apply(changes, now_ms) {
            Ok(outcomes) => {
                // What changed nothing says nothing of the disk.
                if !self.store.is_ailing() && self.is_failing.swap(false, Ordering::Relaxed) {
                    log::warn!("the store works again");
                }
                outcomes.into_iter().map(Some).collect()
            }
            Err(error) => {
                self.note_failure(&format!("{} changes are lost", changes.len()), &error);
                changes.iter().map(|change| self.salvage(change, now_ms)).collect()
            }
        }
    }

    /// Makes a change for itself, after it failed with others, if it may well need no room on the
    /// disk: log-ins of those who are registered, and questions.
    fn salvage(&self, change: &Change, now_ms: u64) -> Option<Outcome> {
        let change = match change {
            Change::Claim { user, key, max_frame: _, registration } => {
                // What the client takes now cannot be noted, and is noted the next time.
                let (user, max_frame) = (user.clone(), 0);
                Change::Claim { user, key: *key, max_frame, registration: *registration }
            }
            Change::Ask { .. } => change.clone(),
            Change::Enrol { .. }
            | Change::Keep { .. }
            | Change::Acked { .. }
            | Change::Read { .. }
            | Change::ReadTold { .. }
            | Change::Purge => return None,
        };
        self.store.apply(slice::from_ref(&change), now_ms).ok()?.pop()
    }

    fn login(
        &self,
        link: LinkId,
        user: UserId,
        ticket: Option<Box<TicketLogin>>,
        outcome: Option<Outcome>,
    ) -> Reply {
        let refused = |user, refusal| Reply::Refused { link, user, refusal };
        let Some(Outcome::Claimed(claimed)) = outcome else {
            return refused(user, LoginRefusal::Unavailable);
        };
        let given_up: Vec<GivenUp> = match (claimed, ticket) {
            (Ok(given_up), _) => given_up,
            (Err(_), Some(ticket)) => return Reply::Verify(ticket),
            (Err(refusal), None) => return refused(user, refusal),
        };
        match self.store.backlog(&user) {
            Ok(backlog) => Reply::Admitted { link, user, backlog, given_up },
            Err(error) => {
                self.note_failure("a log-in is refused", &error);
                refused(user, LoginRefusal::Unavailable)
            }
        }
    }

    fn page(&self, request: PageRequest) -> Reply {
        let PageRequest { link, user, after } = &request;
        match self.store.page(user, *after) {
            Ok(page) => Reply::Page { link: *link, page },
            Err(error) => {
                self.note_failure("messages wait", &error);
                Reply::PageLater(request)
            }
        }
    }

    fn key(&self, link: LinkId, user: UserId) -> Reply {
        match self.store.key(&user) {
            Ok(key) => Reply::Key { link, user, key },
            Err(error) => {
                self.note_failure("a question for a key stays unanswered", &error);
                Reply::Nothing
            }
        }
    }

    /// Logs that the store failed: loudly the first time, since the others have the same cause.
    fn note_failure(&self, consequence: &str, error: &StoreError) {
        let level = match self.is_failing.swap(true, Ordering::Relaxed) {
            false => log::Level::Error,
            true => log::Level::Debug,
        };
        log::log!(level, "{consequence}: {error}");
    }
}

fn changed(change: Change, outcome: Option<Outcome>) -> Reply {
    match change {
        Change::Keep { keep } => {
            let answer = match outcome {
                Some(Outcome::Kept(answer)) => answer,
                Some(
                    Outcome::Claimed(_) | Outcome::Answers(_) | Outcome::GivenUp(_) | Outcome::Done,
                )
                | None => Answer::Refused(RelayRefusal::Unavailable),
            };
            Reply::Kept { keep, answer }
        }
        Change::Ask { from, to, epoch } => match outcome {
            Some(Outcome::Answers(answers)) => Reply::Answers { from, to, epoch, answers },
            Some(Outcome::Claimed(_) | Outcome::Kept(_) | Outcome::GivenUp(_) | Outcome::Done)
            | None => Reply::Nothing,
        },
        Change::Purge => match outcome {
            Some(Outcome::GivenUp(given_up)) => Reply::Purged(given_up),
            Some(Outcome::Claimed(_) | Outcome::Kept(_) | Outcome::Answers(_) | Outcome::Done)
            | None => Reply::Nothing,
        },
        Change::Claim { .. }
        | Change::Enrol { .. }
        | Change::Acked { .. }
        | Change::Read { .. }
        | Change::ReadTold { .. } => Reply::Nothing,
    }
}
