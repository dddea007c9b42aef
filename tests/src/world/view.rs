use std::collections::BTreeMap;
use std::net::SocketAddr;

use breeze_core::Path;
use breeze_core::id::{MessageId, UserId};
use breeze_core::io::{Event, ServerEvent};
use breeze_core::time::Instant;

/// What a host's core has told it.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Everything, with the time.
    pub log: Vec<(Instant, Note)>,
    /// What a client was told last of each user.
    pub peers: BTreeMap<String, PeerView>,
    /// Whether a client was told that its session is up.
    pub is_connected: bool,
}

/// One thing that a core told its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// An event of a client.
    Event(Event),
    /// A message to a client.
    Message {
        /// Its sender.
        from: UserId,
        /// Its id.
        id: MessageId,
        /// Its text.
        text: String,
        /// How it came.
        path: Path,
    },
    /// An event of the server.
    Server(ServerEvent),
}

/// What a client was told last of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerView {
    /// Whether the user is online.
    pub online: bool,
    /// The user's display name.
    pub name: String,
    /// The path to the user.
    pub path: Path,
    /// The other end of the direct link.
    pub addr: Option<SocketAddr>,
}

impl Default for PeerView {
    fn default() -> Self {
        Self { online: false, name: String::new(), path: Path::None, addr: None }
    }
}

impl View {
    /// Takes an event of a client in.
    pub(super) fn note(&mut self, now: Instant, event: &Event) {
        match event {
            Event::Connected { .. } => self.is_connected = true,
            Event::Disconnected { .. } => self.is_connected = false,
            Event::Presence { user, name, online } => {
                let peer = self.peer_mut(user);
                peer.online = *online;
                peer.name = name.as_str().into();
            }
            Event::Path { user, path, addr } => {
                let peer = self.peer_mut(user);
                peer.path = *path;
                peer.addr = *addr;
            }
            Event::Forgotten { user } => {
                self.peers.remove(user.as_str());
            }
            Event::LoginRefused { .. }
            | Event::ServerKeyChanged { .. }
            | Event::LinkLost { .. }
            | Event::Impostor { .. }
            | Event::Sent { .. }
            | Event::Delivered { .. }
            | Event::Failed { .. }
            | Event::Stored { .. }
            | Event::Read { .. }
            | Event::Recall { .. }
            | Event::Met { .. }
            | Event::KeyFound { .. }
            | Event::KeyChanged { .. }
            | Event::PeerTableFull => {}
        }
        self.log.push((now, Note::Event(event.clone())));
    }

    fn peer_mut(&mut self, user: &UserId) -> &mut PeerView {
        self.peers.entry(user.as_str().into()).or_default()
    }

    /// What is known of a user.
    pub fn peer(&self, user: &str) -> PeerView {
        self.peers.get(user).cloned().unwrap_or_default()
    }

    /// The events of a client, with the time.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = (Instant, &Event)> {
        self.log.iter().filter_map(|(at, note)| match note {
            Note::Event(event) => Some((*at, event)),
            Note::Message { .. } | Note::Server(_) => None,
        })
    }

    /// The events of the server, with the time.
    pub fn server_events(&self) -> impl DoubleEndedIterator<Item = (Instant, &ServerEvent)> {
        self.log.iter().filter_map(|(at, note)| match note {
            Note::Server(event) => Some((*at, event)),
            Note::Message { .. } | Note::Event(_) => None,
        })
    }

    /// The messages that a client received: from whom, and which.
    pub fn message_ids(&self) -> impl Iterator<Item = (&str, MessageId)> {
        self.log.iter().filter_map(|(_, note)| match note {
            Note::Message { from, id, .. } => Some((from.as_str(), *id)),
            Note::Event(_) | Note::Server(_) => None,
        })
    }

    /// The messages that a client received: when, from whom, the text, and how it came.
    pub fn messages(&self) -> impl Iterator<Item = (Instant, &str, &str, Path)> {
        self.log.iter().filter_map(|(at, note)| match note {
            Note::Message { from, text, path, .. } => {
                Some((*at, from.as_str(), text.as_str(), *path))
            }
            Note::Event(_) | Note::Server(_) => None,
        })
    }
}
