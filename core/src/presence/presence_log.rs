use alloc::collections::VecDeque;

use crate::id::UserId;
use crate::limits::PRESENCE_LOG;

/// Remembers which users changed, in order and numbered, so that a session needs to hold one number
/// only: how far it has read.
///
/// Changes are read once they are published, so that those of a short while share a message. The
/// log keeps the latest 4,096; whoever is further behind asks for the whole list again.
pub(crate) struct PresenceLog {
    changes: VecDeque<UserId>,
    /// The number of the first change that is kept.
    start: u64,
    /// The number after the last change that may be read.
    published: u64,
}

impl PresenceLog {
    pub(crate) const fn new() -> Self {
        Self { changes: VecDeque::new(), start: 0, published: 0 }
    }

    /// Appends a change and returns its number.
    pub(crate) fn append(&mut self, user: UserId) -> u64 {
        if self.changes.len() == PRESENCE_LOG {
            self.changes.pop_front();
            self.start += 1;
        }
        self.changes.push_back(user);
        self.end() - 1
    }

    /// The number of the next change.
    pub(crate) fn end(&self) -> u64 {
        self.start + self.changes.len() as u64
    }

    /// Lets every change be read.
    pub(crate) fn publish(&mut self) {
        self.published = self.end();
    }

    /// Tells whether a reader that stands at `position` has something to read.
    pub(crate) fn has_news(&self, position: u64) -> bool {
        position < self.published
    }

    /// Goes through the published changes from `position` on, or returns `None` if some of them
    /// are forgotten.
    pub(crate) fn read(&self, position: u64) -> Option<impl Iterator<Item = (u64, &UserId)>> {
        let skip = usize::try_from(position.checked_sub(self.start)?).ok()?;
        let published = usize::try_from(self.published.checked_sub(position)?).ok()?;
        Some((position..).zip(self.changes.iter().skip(skip).take(published)))
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use super::*;

    fn read(log: &PresenceLog, position: u64) -> Option<Vec<u64>> {
        Some(log.read(position)?.map(|(number, _)| number).collect())
    }

    #[test]
    fn readers_see_published_changes_until_they_are_forgotten() {
        let mut log = PresenceLog::new();
        let user = |n: usize| UserId::new(&format!("u{n}")).expect("valid");
        assert_eq!(log.append(user(0)), 0);
        assert!(!log.has_news(0));
        log.publish();
        assert_eq!(log.append(user(1)), 1);
        assert_eq!(read(&log, 0), Some(alloc::vec![0]));
        assert_eq!(read(&log, 1), Some(alloc::vec![]));
        for n in 2..=PRESENCE_LOG {
            log.append(user(n));
        }
        log.publish();
        assert_eq!(read(&log, 0), None, "forgotten");
        assert_eq!(read(&log, 1).map(|all| all.len()), Some(PRESENCE_LOG));
    }
}
