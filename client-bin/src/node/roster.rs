use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;

use breeze_core::Path;
use breeze_core::id::UserId;

use super::contacts::Contacts;
use crate::ndjson::{Event, PathKind, WhoEntry};

/// Users that are remembered beyond those that are online.
const MAX_OFFLINE: usize = 1024;

/// Knows what was last heard of every user.
#[derive(Debug, Default)]
pub(super) struct Roster {
    users: BTreeMap<UserId, Seen>,
}

#[derive(Debug)]
struct Seen {
    name: String,
    online: bool,
    path: Path,
    /// The other end of a direct link.
    addr: Option<SocketAddr>,
}

impl Roster {
    pub(super) fn on_presence(&mut self, user: &UserId, name: &str, online: bool) {
        let seen = self.entry(user);
        seen.online = online;
        if !name.is_empty() {
            name.clone_into(&mut seen.name);
        }
        if !online {
            self.forget_some();
        }
    }

    pub(super) fn on_path(&mut self, user: &UserId, path: Path, addr: Option<SocketAddr>) {
        let seen = self.entry(user);
        (seen.path, seen.addr) = (path, addr);
    }

    /// Returns on which path a user is reached.
    pub(super) fn path(&self, user: &UserId) -> PathKind {
        self.users.get(user).map_or(PathKind::None, |seen| path_kind(seen.path))
    }

    /// Returns the events that tell all this to somebody who has heard nothing yet.
    pub(super) fn events(&self) -> impl Iterator<Item = Event<'static>> {
        self.users.iter().flat_map(|(user, seen)| {
            let name = Cow::Owned(seen.name.clone());
            let presence = Event::Presence { user: user.clone(), name, online: seen.online };
            let path = path_kind(seen.path);
            [presence, Event::Path { user: user.clone(), path, addr: seen.addr }]
        })
    }

    /// Returns everybody in the order of their ids.
    pub(super) fn list(&self, contacts: &Contacts) -> Vec<WhoEntry<'static>> {
        self.users
            .iter()
            .map(|(user, seen)| WhoEntry {
                user: user.clone(),
                name: Cow::Owned(seen.name.clone()),
                online: seen.online,
                path: path_kind(seen.path),
                verified: contacts.is_verified(user),
            })
            .collect()
    }

    /// Returns the display name of a user, as last seen; empty if there was none.
    pub(super) fn name(&self, user: &UserId) -> &str {
        self.users.get(user).map_or("", |seen| &seen.name)
    }

    fn entry(&mut self, user: &UserId) -> &mut Seen {
        self.users.entry(user.clone()).or_insert_with(|| Seen {
            name: user.to_string(),
            online: false,
            path: Path::None,
            addr: None,
        })
    }

    fn forget_some(&mut self) {
        let gone = |seen: &Seen| !seen.online && seen.path == Path::None;
        if self.users.values().filter(|seen| gone(seen)).count() > MAX_OFFLINE {
            self.users.retain(|_, seen| !gone(seen));
        }
    }
}

/// Translates the core's word for a path into the contract's.
pub(super) fn path_kind(path: Path) -> PathKind {
    match path {
        Path::Direct => PathKind::Direct,
        Path::Relay => PathKind::Relay,
        Path::None => PathKind::None,
    }
}
