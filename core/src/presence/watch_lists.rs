use alloc::collections::{BTreeMap, BTreeSet};

use crate::id::{LinkId, UserId};

/// Remembers whom sessions want to hear of that have named some users, and of whom each has yet to
/// be told.
///
/// A list has [`MAX_WATCHED`](crate::limits::MAX_WATCHED) places at most, which its caller sees to.
/// A change of a user costs what its watchers do; however often a user changes, a session owes its
/// client one entry for it, so that nothing is ever forgotten.
#[derive(Debug, Default)]
pub(crate) struct WatchLists {
    lists: BTreeMap<LinkId, List>,
    /// On which lists a user is, and where.
    watchers: BTreeSet<(UserId, LinkId, u16)>,
    /// Sessions of whose users some changed since the last time that anybody asked.
    changed: BTreeSet<LinkId>,
}

#[derive(Debug, Default)]
struct List {
    users: BTreeMap<u16, UserId>,
    /// The places of those that the client has yet to be told of.
    news: BTreeSet<u16>,
}

impl WatchLists {
    /// Puts a user on a session's list, in the place of whoever was there. The session has to be told
    /// of the user.
    pub(crate) fn put(&mut self, link: LinkId, place: u16, user: UserId) {
        let list = self.lists.entry(link).or_default();
        list.news.insert(place);
        if let Some(before) = list.users.insert(place, user.clone()) {
            self.watchers.remove(&(before, link, place));
        }
        self.watchers.insert((user, link, place));
    }

    /// Removes a session's list.
    pub(crate) fn remove(&mut self, link: LinkId) {
        self.changed.remove(&link);
        let users = self.lists.remove(&link).unwrap_or_default().users;
        for (place, user) in users {
            self.watchers.remove(&(user, link, place));
        }
    }

    /// Takes in that a user came, changed or left.
    pub(crate) fn on_change(&mut self, user: &UserId) {
        let start = (user.clone(), LinkId::from_bits(0), 0);
        let watchers = self.watchers.range(start..).take_while(|(watched, ..)| watched == user);
        for (_, link, place) in watchers {
            if let Some(list) = self.lists.get_mut(link) {
                list.news.insert(*place);
                self.changed.insert(*link);
            }
        }
    }

    /// Takes out the sessions of whose users some changed since the last time.
    pub(crate) fn take_changed(&mut self) -> BTreeSet<LinkId> {
        core::mem::take(&mut self.changed)
    }

    /// Tells whether nobody is on any list.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.watchers.is_empty() && self.changed.is_empty()
    }

    /// Tells whether a session has yet to be told of somebody.
    pub(crate) fn has_news(&self, link: LinkId) -> bool {
        self.lists.get(&link).is_some_and(|list| !list.news.is_empty())
    }

    /// Tells a session of users until `tell` says that there is no more room.
    pub(crate) fn tell(&mut self, link: LinkId, mut tell: impl FnMut(&UserId) -> bool) {
        let Some(list) = self.lists.get_mut(&link) else { return };
        while let Some(place) = list.news.first() {
            if !list.users.get(place).is_none_or(&mut tell) {
                break;
            }
            list.news.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::*;

    const LINK: LinkId = LinkId::new(0, 1);
    const OTHER: LinkId = LinkId::new(1, 2);

    fn user(name: &str) -> UserId {
        UserId::new(name).expect("valid")
    }

    /// Takes out the names that a session is told, up to so many.
    fn told(lists: &mut WatchLists, link: LinkId, most: usize) -> Vec<String> {
        let mut names = Vec::new();
        lists.tell(link, |user| {
            let fits = names.len() < most;
            if fits {
                names.push(user.as_str().into());
            }
            fits
        });
        names
    }

    #[test]
    fn sessions_hear_of_those_on_their_list_once_each() {
        let mut lists = WatchLists::default();
        for (place, name) in [(0, "a"), (1, "b"), (7, "c")] {
            lists.put(LINK, place, user(name));
        }
        lists.put(OTHER, 0, user("b"));
        assert_eq!(told(&mut lists, LINK, 2), ["a", "b"]);
        assert_eq!(told(&mut lists, LINK, 2), ["c"]);
        assert!(!lists.has_news(LINK) && lists.has_news(OTHER));
        assert_eq!(told(&mut lists, OTHER, 9), ["b"]);

        for name in ["b", "x", "b", "a"] {
            lists.on_change(&user(name));
        }
        assert_eq!(lists.take_changed().into_iter().collect::<Vec<_>>(), [LINK, OTHER]);
        assert!(lists.take_changed().is_empty());
        assert_eq!(told(&mut lists, LINK, 9), ["a", "b"]);
        assert_eq!(told(&mut lists, OTHER, 9), ["b"]);
    }

    #[test]
    fn a_place_is_one_users_and_nothing_is_left_of_a_list() {
        let mut lists = WatchLists::default();
        lists.put(LINK, 3, user("a"));
        lists.put(LINK, 3, user("b"));
        lists.put(LINK, 4, user("b"));
        lists.on_change(&user("a"));
        assert!(lists.take_changed().is_empty(), "nobody watches it any more");
        assert_eq!(told(&mut lists, LINK, 9), ["b", "b"]);
        lists.on_change(&user("b"));
        lists.remove(LINK);
        assert!(lists.is_empty());
        assert_eq!(told(&mut lists, LINK, 9), [""; 0]);
    }
}
