use std::time::Duration;

use super::crew::Crew;
use super::order::Order;
use super::progress::Progress;
use super::report::Report;
use super::squad::Squad;
use super::tally::Tally;
use super::venue::{Choice, Venue};
use crate::error::Error;

/// What is not measured, at the start of each measurement: the system and the load get going.
pub(super) const WARM_UP: Duration = Duration::from_secs(1);
/// Log-ins under way at a time where they are not what is measured.
pub(super) const AT_ONCE: usize = 128;

/// Holds what all benchmarks are told.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) choice: Choice,
    pub(super) threads: usize,
    pub(super) progress: Progress,
}

impl Setting {
    /// Begins a report.
    pub(super) fn report(&self, bench: &'static str, venue: &Venue) -> Report {
        let mut report = Report::of(bench);
        report.add("server", venue.name.clone());
        report.add("threads", self.threads as u64);
        report
    }

    /// Logs a squad of so many in, `at_once` of them at a time.
    pub(super) async fn log_in(
        &self,
        crew: &Crew,
        squad: Squad,
        count: usize,
        at_once: usize,
    ) -> Result<Tally, Error> {
        let at_once = (at_once / self.threads).max(1);
        let order = crew.order(Order::LogIn { squad, at_once });
        self.progress.during("logging in:", &crew.progress, count, order).await
    }

    /// Ends all conversations, and returns what came of them.
    pub(super) async fn settle(&self, crew: &Crew) -> Result<Tally, Error> {
        crew.order(Order::Settle).await?;
        // Recipients may be done before their senders are, in other threads.
        crew.order(Order::Report).await
    }

    /// Waits until all of so many members have so many direct links.
    pub(super) async fn meet(
        &self,
        crew: &Crew,
        members: usize,
        links: usize,
    ) -> Result<Tally, Error> {
        let order = crew.order(Order::Meet { links });
        let goal = members * links;
        self.progress.during("ends of direct links:", &crew.progress, goal, order).await
    }
}
