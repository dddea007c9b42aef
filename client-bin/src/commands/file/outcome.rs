use std::process::ExitCode;

use super::item::Item;
use super::standing::Standing;
use super::view::View;
use super::watch::Watch;

/// Says what else decides whether a command has succeeded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Another process runs the node, and goes on with it.
    pub(super) shared: bool,
    /// It is enough that a transfer is on disk at the node.
    pub(super) kept_is_enough: bool,
    /// Seconds that were waited, all that were to be.
    pub(super) late: Option<u64>,
}

impl Outcome {
    /// Tells whether no more of an item is waited for.
    pub(super) fn is_enough(self, item: &Item) -> bool {
        item.is_over() || (self.kept_is_enough && item.kept)
    }

    /// Says what has not got as far as it should have, what becomes of it and what to do, and
    /// returns the exit status.
    pub(super) fn conclude(self, watch: &Watch, view: &View) -> ExitCode {
        view.close();
        let (lines, code) = self.words(&watch.items, matches!(view, View::Json(_)));
        for line in lines {
            eprintln!("breeze: {line}");
        }
        code
    }

    /// Writes what to say; of what has failed `all`, since nobody was told of it yet.
    fn words(self, items: &[Item], all: bool) -> (Vec<String>, ExitCode) {
        let good =
            |item: &&Item| item.is_done() || (self.kept_is_enough && !item.is_over() && item.kept);
        let bad: Vec<&Item> = items.iter().filter(|item| !good(item)).collect();
        let mut lines = Vec::new();
        if let (Some(seconds), true) = (self.late, bad.iter().any(|item| !item.is_over())) {
            lines.push(format!("not done within {seconds} s"));
        }
        for item in &bad {
            let name = item.title();
            match (&item.standing, item.id()) {
                (Standing::Failed { .. } | Standing::Refused(_), _) if !all => {}
                (Standing::Failed { .. } | Standing::Refused(_), _) => {
                    lines.push(format!("{name}: {}", item.text(true)));
                }
                (_, Some(id)) if item.kept && self.shared => lines.push(format!(
                    "{name} goes on in the node that runs; 'breeze file list' shows how far it is, \
                     'breeze file cancel {id}' ends it"
                )),
                (_, Some(id)) if item.kept => lines.push(format!(
                    "{name} stays, and goes on when a node runs, such as 'breeze up'; 'breeze file \
                     cancel {id}' ends it"
                )),
                (_, Some(id)) if self.shared => lines.push(format!(
                    "{name} is not offered yet; the node that runs goes on with it, 'breeze file \
                     cancel {id}' ends that"
                )),
                _ if item.sends => lines.push(format!("{name} was not offered; send it again")),
                _ => lines.push(format!("{name} was not accepted; try again")),
            }
        }
        if bad.is_empty() {
            return (lines, ExitCode::SUCCESS);
        }
        if items.len() > 1 {
            lines.push(format!("{} of {} are not done", bad.len(), items.len()));
        }
        (lines, ExitCode::FAILURE)
    }
}

#[cfg(test)]
mod tests {
    use super::super::watch::tests::{ONE, TWO, done, failed, offer, progress, refused, two};
    use super::*;
    use crate::ndjson::{Event, FileState};

    fn words(outcome: Outcome, events: &[Event<'_>], all: bool) -> (String, bool) {
        let mut watch = two();
        for event in events {
            watch.note(event);
        }
        let (lines, code) = outcome.words(&watch.items, all);
        (lines.join("\n"), code == ExitCode::SUCCESS)
    }

    #[test]
    fn all_has_to_be_done() {
        let alone = Outcome::default();
        let events = [offer(ONE, Some(1)), offer(TWO, Some(2)), done(TWO), done(ONE)];
        assert_eq!(words(alone, &events, true), (String::new(), true));
        let (text, good) = words(alone, &events[..3], true);
        assert!(
            !good && text.contains("a.txt stays") && text.contains("cancel 3f9a0011"),
            "{text}"
        );
        assert!(text.ends_with("1 of 2 are not done"), "{text}");
    }

    #[test]
    fn says_where_a_transfer_goes_on() {
        let shared = Outcome { shared: true, ..Outcome::default() };
        let hashing = progress(TWO, Some(2), FileState::Hashing, None);
        let events = [offer(ONE, Some(1)), hashing];
        let (text, good) = words(shared, &events, true);
        assert!(!good && text.contains("a.txt goes on in the node"), "{text}");
        assert!(text.contains("b.txt is not offered yet; the node"), "{text}");
        let (text, _) = words(Outcome::default(), &events, true);
        assert!(text.contains("b.txt was not offered; send it again"), "{text}");
        let late = Outcome { late: Some(7), ..shared };
        assert!(words(late, &events, true).0.starts_with("not done within 7 s\n"));
    }

    #[test]
    fn an_offer_may_be_enough() {
        let enough = Outcome { shared: true, kept_is_enough: true, late: None };
        let events = [offer(ONE, Some(1)), offer(TWO, Some(2))];
        assert!(words(enough, &events, true).1);
        assert!(!words(enough, &events[..1], true).1);
        let events = [offer(ONE, Some(1)), refused(2)];
        assert!(!words(enough, &events, true).1);
        let events = [offer(ONE, Some(1)), offer(TWO, Some(2)), failed(ONE, "rejected")];
        assert!(!words(enough, &events, true).1);
    }

    #[test]
    fn failures_are_told_once() {
        let events = [offer(ONE, Some(1)), failed(ONE, "rejected"), refused(2)];
        let (text, _) = words(Outcome::default(), &events, true);
        assert!(
            text.contains("a.txt: failed: bob does not want it\nb.txt: failed: 'x:y' cannot"),
            "{text}"
        );
        let (text, _) = words(Outcome::default(), &events, false);
        assert_eq!(text, "2 of 2 are not done");
    }
}
