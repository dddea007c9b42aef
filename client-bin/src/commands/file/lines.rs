use std::collections::BTreeMap;

use super::item::Item;
use super::standing::Standing;
use crate::ndjson::{FileState, PathKind};

/// Tells how transfers go in plain lines: when something changes, and at each tenth of the bytes.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// What was said last of each item.
    said: BTreeMap<usize, Stage>,
}

/// What is worth a line of its own when it changes.
#[derive(Debug, PartialEq, Eq)]
struct Stage {
    state: Option<FileState>,
    via: Option<PathKind>,
    /// Why it waits, or how it has ended.
    text: String,
    tenth: u64,
}

impl Lines {
    /// Returns the line about an item, unless nothing has changed that is worth one.
    pub(super) fn line(&mut self, index: usize, item: &Item, connected: bool) -> Option<String> {
        let text = item.text(connected);
        let stage = match &item.standing {
            Standing::Asked => return None,
            Standing::Going { state, via, .. } => {
                let counts =
                    matches!(state, FileState::Moving | FileState::Hashing | FileState::Checking);
                Stage {
                    state: Some(*state),
                    via: *via,
                    text: if counts { String::new() } else { text.clone() },
                    tenth: if *state == FileState::Moving { item.per_cent() / 10 } else { 0 },
                }
            }
            Standing::Done { .. } | Standing::Failed { .. } | Standing::Refused(_) => {
                Stage { state: None, via: None, text: text.clone(), tenth: 10 }
            }
        };
        if self.said.get(&index) == Some(&stage) {
            return None;
        }
        self.said.insert(index, stage);
        Some(format!("{}: {text}", item.title()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::watch::tests::{ONE, done, offer, progress, two};
    use super::*;
    use crate::ndjson::Event;

    #[test]
    fn only_changes_are_told() {
        let (mut watch, mut lines) = (two(), Lines::default());
        let mut say = |event: &Event<'_>| {
            watch.note(event);
            lines.line(0, &watch.items[0], watch.connected)
        };
        let moving = progress(ONE, None, FileState::Moving, None);
        let waiting = |reason| progress(ONE, None, FileState::Waiting, Some(reason));
        assert!(say(&offer(ONE, Some(1))).is_some_and(|line| line.starts_with("a.txt: offered")));
        assert!(say(&offer(ONE, None)).is_none());
        assert!(say(&waiting("offline")).is_some());
        assert!(say(&waiting("queued")).is_some());
        assert!(say(&moving).is_some() && say(&moving).is_none());
        assert!(say(&waiting("queued")).is_some() && say(&moving).is_some());
        assert!(say(&done(ONE)).is_some_and(|line| line.starts_with("a.txt: bob has it")));
    }
}
