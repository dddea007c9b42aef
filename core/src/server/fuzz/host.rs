use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use core::time::Duration;
use std::vec;
use std::vec::Vec;

use arbitrary::{Result, Unstructured};

use super::super::link::Phase;
use super::shelf::Shelf;
use crate::fuzz::Far;
use crate::fuzz::words::{USERS, identity};
use crate::id::{LinkId, PublicKey, UserId};
use crate::io::{ServerEvent, ServerOutput};
use crate::limits::{KEEPING, SESSION_QUEUE};
use crate::time::Instant;
use crate::wire::{Hello, Message, Relay, RelayItem};
use crate::{Server, ServerConfig};

/// Outputs, and calls of one kind, that one step of the fuzzer may lead to: an input has some
/// thousand bytes, and no two of them lead to more than a few.
const MANY: usize = 20_000;
/// What a queue holds beyond its bound: small messages, and the last page that was asked for.
const BEYOND: usize = 512 * 1024;

/// Does what the host of a server does.
pub(super) struct Host {
    pub(super) server: Server,
    pub(super) now: Instant,
    /// When the server wants to be woken.
    wait: Instant,
    pub(super) ends: Vec<End>,
    /// What the host has not answered yet.
    pub(super) pending: VecDeque<ServerEvent>,
    /// It answers at once.
    is_prompt: bool,
    pub(super) shelf: Shelf,
    pub(super) owners: BTreeMap<UserId, PublicKey>,
    /// Who is online, as the host was told.
    online: BTreeSet<UserId>,
    /// As many bytes as a pipe takes at a time.
    buf: Vec<u8>,
    pub(super) ephemerals: u16,
    /// The clock went back: what was armed for before may be late by as much.
    pub(super) was_set_back: bool,
}

/// A link as the host and whoever is at its other end see it.
pub(super) struct End {
    pub(super) link: LinkId,
    pub(super) far: Far,
    /// It has announced that it takes files.
    takes_files: bool,
    inbox: Vec<u8>,
    /// The far end reads.
    pub(super) reads: bool,
    wants: bool,
    pub(super) is_open: bool,
}

impl End {
    pub(super) fn new(link: LinkId, takes_files: bool, far: Far) -> Self {
        let inbox = Vec::new();
        Self { link, far, takes_files, inbox, reads: true, wants: false, is_open: true }
    }
}

impl Host {
    pub(super) fn new(choices: &mut Unstructured<'_>) -> Result<Self> {
        let (max_sessions, max_strangers) = *choices.choose(&[(8, 8), (2, 4), (1, 1)])?;
        let (keepalive, idle) = *choices.choose(&[(15_000, 45_000), (1_000, 1_001)])?;
        let [keepalive, idle] = [keepalive, idle].map(Duration::from_millis);
        let config = ServerConfig {
            keepalive,
            idle,
            max_sessions,
            max_strangers,
            ..ServerConfig::default()
        };
        Ok(Self {
            server: Server::new(config, identity(USERS.len()).clone()),
            now: Instant::from_millis(1_000),
            wait: Instant::NEVER,
            ends: Vec::new(),
            pending: VecDeque::new(),
            is_prompt: choices.arbitrary()?,
            shelf: Shelf::default(),
            owners: BTreeMap::new(),
            online: BTreeSet::new(),
            buf: vec![0xaa; *choices.choose(&[64 * 1024, 16 * 1024])?],
            ephemerals: 0,
            was_set_back: false,
        })
    }

    /// Hands bytes over that have arrived on a link, and all that was left over before.
    pub(super) fn feed(&mut self, index: usize, bytes: &[u8]) {
        let End { link, inbox, is_open: true, .. } = &mut self.ends[index] else { return };
        inbox.extend_from_slice(bytes);
        loop {
            let len = inbox.len();
            let received = self.server.received(self.now, *link, inbox);
            assert!(received.consumed <= len && received.message.is_none());
            assert!(received.need <= Hello::HOST.receive_buffer());
            inbox.drain(..received.consumed);
            if received.consumed == 0 {
                let session = self.server.links.get(*link).map(|link| &link.session);
                let is_its_turn = session.is_some_and(|session| session.wants_handshake_turn());
                assert!(len == 0 || received.need > len || is_its_turn, "it waits for nothing");
                return;
            }
        }
    }

    /// Does all that the server asks for.
    pub(super) fn settle(&mut self) {
        for _ in 0..MANY {
            match self.server.poll() {
                ServerOutput::Transmit(link) => self.open_end(link).wants = true,
                ServerOutput::Close(link) => self.open_end(link).is_open = false,
                ServerOutput::Event(event) => {
                    self.note(&event);
                    match self.is_prompt {
                        true => self.serve(event),
                        false => self.pending.push_back(event),
                    }
                }
                ServerOutput::Wait(at) => {
                    self.wait = at;
                    if !self.transmit() {
                        return;
                    }
                }
            }
        }
        panic!("it never comes to rest");
    }

    fn open_end(&mut self, link: LinkId) -> &mut End {
        let end = self.ends.iter_mut().find(|end| end.link == link);
        end.filter(|end| end.is_open).expect("a link that is open")
    }

    /// Carries what a link has to send to its far end. Returns whether there was anything.
    fn transmit(&mut self) -> bool {
        let wants = |end: &&mut End| end.is_open && end.wants && end.reads;
        let Some(end) = self.ends.iter_mut().find(wants) else { return false };
        let len = self.server.transmit(self.now, end.link, &mut self.buf);
        end.wants = len > 0;
        let (owners, takes_files) = (&self.owners, end.takes_files);
        end.far.hear(&self.buf[..len], |message| match message {
            Message::Relay(Relay { peer, item: RelayItem::Sealed(_) }) => {
                assert!(owners.contains_key(peer), "nobody writes in a name that nobody has");
            }
            #[cfg(feature = "files")]
            Message::Relay(Relay { item: RelayItem::File(_), .. }) | Message::FileLimits { .. } => {
                assert!(takes_files, "it takes no files");
            }
            // Told to whoever sends some.
            #[cfg(feature = "files")]
            Message::FileRefused { .. } => {}
            Message::Welcome(_)
            | Message::LoginRefused(_)
            | Message::Relay(_)
            | Message::PeersReply { .. }
            | Message::Presence { .. }
            | Message::Refused { .. }
            | Message::Pong
            | Message::Close(_)
            | Message::Stored { .. }
            | Message::Dropped { .. }
            | Message::KeyReply { .. } => {}
            _ => panic!("a server says no such thing: {message:?} (files: {takes_files})"),
        });
        true
    }

    fn note(&mut self, event: &ServerEvent) {
        match event {
            ServerEvent::Online { user } => assert!(self.online.insert(user.clone()), "twice"),
            ServerEvent::Offline { user, .. } => assert!(self.online.remove(user), "twice"),
            _ => {}
        }
    }

    /// Lets time pass up to an instant, and the server know of it.
    pub(super) fn wake(&mut self, at: Instant) {
        self.now = at;
        self.server.timeout(at);
        self.settle();
        // What is due is done at the latest when it is asked for once more.
        self.server.timeout(at);
        self.settle();
        assert!(self.wait > at, "it asks for the same instant again");
    }

    /// When the server wants to be woken; now, if never.
    pub(super) fn deadline(&self) -> Instant {
        if self.wait.is_set() { self.wait.max(self.now) } else { self.now }
    }

    /// Looks at the server's tables while the host is at rest.
    pub(super) fn check(&self) {
        let Server { config, links, users, subscribers, keeping, strangers, .. } = &self.server;
        assert_eq!(links.len(), users.len() + strangers.len());
        assert!(users.len() <= config.max_sessions);
        assert!(strangers.len() <= config.max_strangers || self.server.stopping);
        assert!(links.timers() <= links.len() && subscribers.len() <= users.len());
        assert!(users.keys().eq(&self.online));
        let open = self.ends.iter().filter(|end| end.is_open).count();
        assert_eq!(open, links.len());
        for (user, online) in users {
            let link = links.get(online.link).expect("a link");
            assert_eq!(link.seat().expect("a session").user, *user);
            let key = link.session.remote_key().expect("it was proved");
            assert_eq!(self.owners.get(user), Some(&key), "the name is the key's");
        }
        for id in links.ids() {
            let link = links.get(id).expect("its link");
            assert!(link.queue.len() <= SESSION_QUEUE + BEYOND);
            assert!(links.is_armed(id));
            assert!(link.armed <= link.deadline() || self.was_set_back);
            let is_up = matches!(link.phase, Phase::Up(_));
            assert!(is_up || !subscribers.contains(&id));
        }
        let (messages, bytes) = keeping.held();
        assert!(messages <= KEEPING.0 && bytes <= KEEPING.1);
    }

    /// Answers what is left to answer, and lets time pass until the server wants no more of it.
    pub(super) fn outlive(&mut self) {
        for _ in 0..MANY {
            while let Some(event) = self.pending.pop_front() {
                self.serve(event);
            }
            self.settle();
            self.check();
            if !self.pending.is_empty() {
                continue;
            }
            if !self.wait.is_set() {
                break;
            }
            self.wake(self.deadline());
        }
        let Server { links, users, subscribers, keeping, watch_lists, .. } = &self.server;
        assert!(watch_lists.is_empty());
        assert_eq!((links.len(), users.len(), subscribers.len(), links.timers()), (0, 0, 0, 0));
        assert_eq!(keeping.held(), (0, 0));
    }
}
