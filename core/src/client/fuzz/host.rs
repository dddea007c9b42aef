use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use std::boxed::Box;
use std::string::String;
use std::vec;
use std::vec::Vec;

use arbitrary::{Result, Unstructured};

#[cfg(feature = "files")]
use super::files::Files;
use crate::fuzz::Far;
use crate::fuzz::words::{USERS, identity, user_at};
use crate::id::{DisplayName, Endpoint, Epoch, LinkId, MessageId, UserId};
#[cfg(feature = "files")]
use crate::io::FileNews;
use crate::io::{Event, Output, Target};
use crate::route::Path;
use crate::time::Instant;
use crate::wire::{Ack, Hello, Message, Relay, RelayItem};
use crate::{Absence, Client, Config, Interest, Mesh};

/// Outputs that one step of the fuzzer may lead to: an input has some thousand bytes, and no two of
/// them lead to more than a few.
const MANY: usize = 20_000;
/// Times that a client is woken after which it has come to rest, once it is closed.
const WAKES: usize = 2_000;

const PEERS: usize = 3;
const LINKS: usize = 5;
const BLOCKS: usize = 24;

/// Whose client it is: some users' ids are smaller, others larger.
pub(super) const OWN: usize = 1;

/// Does what the host of a client does.
pub(super) struct Host {
    pub(super) client: Box<Client<PEERS, LINKS, BLOCKS>>,
    pub(super) now: Instant,
    wait: Instant,
    pub(super) ends: Vec<End>,
    /// What the host was asked to open and has not opened yet.
    pub(super) opens: VecDeque<(LinkId, Target)>,
    /// Users whose keys the host was asked for.
    pub(super) met: VecDeque<UserId>,
    /// Messages that have to be given again, from one on.
    pub(super) recalled: VecDeque<(UserId, MessageId)>,
    /// Messages without an outcome, with their texts.
    pub(super) open: BTreeMap<(UserId, u64, u64), String>,
    /// Messages that were shown last.
    pub(super) shown: VecDeque<(UserId, MessageId)>,
    /// It acknowledges at once.
    acknowledges: bool,
    buf: Vec<u8>,
    /// The numbering to each user that is gone on with.
    numberings: BTreeMap<UserId, Epoch>,
    /// Those that were left for another.
    left: BTreeSet<(UserId, u64)>,
    pub(super) ephemerals: u16,
    #[cfg(feature = "files")]
    pub(super) files: Files,
}

/// A link as the host and whoever is at its other end see it.
pub(super) struct End {
    pub(super) link: LinkId,
    pub(super) far: Far,
    /// Who is there: one of the users, or, beyond them, the server.
    pub(super) who: usize,
    /// What it has announced.
    limits: Hello,
    inbox: Vec<u8>,
    /// The far end reads.
    pub(super) reads: bool,
    wants: bool,
    pub(super) is_open: bool,
    /// The last message of the client's that was heard here, and for whom it is.
    pub(super) heard: Option<(UserId, MessageId)>,
}

impl End {
    pub(super) fn new(link: LinkId, (who, limits): (usize, Hello), far: Far) -> Self {
        Self {
            link,
            far,
            who,
            limits,
            inbox: Vec::new(),
            reads: true,
            wants: false,
            is_open: true,
            heard: None,
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        let (who, limits, heard) = (self.who, self.limits, &mut self.heard);
        self.far.hear(bytes, |message| match message {
            Message::Chat(chat) if who < USERS.len() => *heard = Some((user_at(who), chat.id())),
            Message::Relay(Relay { peer, item: RelayItem::Sealed(sealed) })
                if who == USERS.len() =>
            {
                *heard = Some((peer.clone(), sealed.id()));
            }
            #[cfg(feature = "files")]
            Message::File(item) if who < USERS.len() && limits.takes_files => {
                super::files::check(item);
            }
            #[cfg(feature = "files")]
            Message::Relay(Relay { item: RelayItem::File(_), .. }) if !limits.takes_files => {
                panic!("it relays no files");
            }
            Message::Login(_)
            | Message::PeersRequest { .. }
            | Message::Relay(_)
            | Message::Ask { .. }
            | Message::KeyRequest { .. }
                if who == USERS.len() => {}
            Message::Watch { place, .. } if who == USERS.len() && limits.takes_watch => {
                assert!(usize::from(*place) < PEERS, "a place in its table");
            }
            Message::Setup(_) | Message::SetupOk(_) | Message::Ack(_) | Message::Read(_)
                if who < USERS.len() => {}
            Message::Ping | Message::Pong | Message::Close(_) => {}
            _ => panic!("a client says no such thing: {message:?}"),
        });
    }
}

impl Host {
    pub(super) fn new(choices: &mut Unstructured<'_>) -> Result<Self> {
        let now = Instant::from_millis(1_000);
        let name = DisplayName::new("微风").expect("a name");
        let mut config = Config::new(user_at(OWN), name, 7);
        config.mesh = *choices.choose(&[Mesh::Eager, Mesh::OnDemand, Mesh::Off])?;
        (config.absence, config.interest) = *choices.choose(&[
            (Absence::Fail, Interest::Everybody),
            (Absence::Wait, Interest::Everybody),
            (Absence::Fail, Interest::Known),
            (Absence::Wait, Interest::Known),
        ])?;
        config.remembers_keys = choices.arbitrary()?;
        let known = *choices.choose(&[None, Some(USERS.len()), Some(0)])?;
        config.server_key = known.map(|who| identity(who).public());
        let files = Hello { takes_files: cfg!(feature = "files"), ..Hello::HOST };
        config.limits = *choices.choose(&[
            Hello::HOST,
            Hello { max_record: 256, max_frame: 512, ..Hello::HOST },
            files,
            Hello { max_record: 256, max_frame: 512, ..files },
        ])?;
        config.endpoints = [Endpoint::new(([192, 0, 2, 1], 1).into())].into_iter().collect();
        Ok(Self {
            client: Box::new(Client::new(config, identity(OWN).clone(), [7; 32], now)),
            now,
            wait: Instant::NEVER,
            ends: Vec::new(),
            opens: VecDeque::new(),
            met: VecDeque::new(),
            recalled: VecDeque::new(),
            open: BTreeMap::new(),
            shown: VecDeque::new(),
            acknowledges: choices.arbitrary()?,
            // The longest message of this client's fits: its outbox is small.
            buf: vec![0xaa; *choices.choose(&[16 * 1024, 2 * 1024])?],
            numberings: BTreeMap::new(),
            left: BTreeSet::new(),
            ephemerals: 0,
            #[cfg(feature = "files")]
            files: Files::default(),
        })
    }

    /// Hands bytes over that have arrived on a link, and all that was left over before.
    pub(super) fn feed(&mut self, index: usize, bytes: &[u8]) {
        let End { link, inbox, is_open: true, .. } = &mut self.ends[index] else { return };
        inbox.extend_from_slice(bytes);
        loop {
            let len = inbox.len();
            let received = self.client.received(self.now, *link, inbox);
            let (consumed, need) = (received.consumed, received.need);
            assert!(consumed <= len && need <= Hello::HOST.receive_buffer());
            let message = received.message.map(|message| {
                assert_ne!(message.path, Path::None);
                (message.from, message.id)
            });
            let goes_on = consumed > 0 || message.is_some();
            #[cfg(feature = "files")]
            let goes_on = goes_on || received.file.is_some();
            #[cfg(feature = "files")]
            if let Some(file) = received.file {
                let is_item = matches!(file.what, FileNews::Item(_));
                // What it does not relay is the server's word.
                assert!(!is_item || file.from != user_at(OWN), "nobody sends files to itself");
                self.files.note(self.now, &file);
            }
            if let Some((from, id)) = message {
                assert_ne!(from, user_at(OWN), "nobody writes to itself");
                if self.acknowledges {
                    self.client.acknowledge(self.now, &from, id);
                }
                self.shown.push_back((from, id));
                self.shown.truncate(8);
            }
            inbox.drain(..consumed);
            if !goes_on {
                let engine = self.client.engine();
                let session = engine.links.get(*link).and_then(|link| link.session.as_ref());
                let is_its_turn = session.is_some_and(|session| session.wants_handshake_turn());
                assert!(len == 0 || need > len || is_its_turn, "it waits for nothing");
                return;
            }
        }
    }

    /// Does all that the client asks for, but for what the fuzzer does in its own time.
    pub(super) fn settle(&mut self) {
        for _ in 0..MANY {
            match self.client.poll(self.now) {
                Output::Open { link, target } => self.opens.push_back((link, target)),
                Output::Transmit(link) => self.open_end(link).wants = true,
                Output::Close(link) => match self.opens.iter().position(|open| open.0 == link) {
                    Some(index) => drop(self.opens.remove(index)),
                    None => self.open_end(link).is_open = false,
                },
                Output::Event(event) => self.note(event),
                Output::Wait(at) => {
                    self.wait = at;
                    if !self.poll_files() && !self.transmit() {
                        return;
                    }
                }
            }
        }
        panic!("it never comes to rest");
    }

    /// Does what the transfers ask for next; returns whether there was anything.
    fn poll_files(&mut self) -> bool {
        #[cfg(feature = "files")]
        if let Some(user) = self.files.poll() {
            if let Some(user) = user {
                self.client.kick_files(self.now, &user);
            }
            return true;
        }
        false
    }

    fn open_end(&mut self, link: LinkId) -> &mut End {
        let end = self.ends.iter_mut().find(|end| end.link == link);
        end.filter(|end| end.is_open).expect("a link that is open")
    }

    /// Carries what a link has to send to its far end. Returns whether there was anything.
    fn transmit(&mut self) -> bool {
        let wants = |end: &&mut End| end.is_open && end.wants && end.reads;
        let Some(end) = self.ends.iter_mut().find(wants) else { return false };
        #[cfg(not(feature = "files"))]
        let len = self.client.transmit(self.now, end.link, &mut self.buf);
        #[cfg(feature = "files")]
        let len = {
            let Files { transfers, disk, .. } = &mut self.files;
            self.client.transmit_files(self.now, end.link, &mut self.buf, transfers, disk)
        };
        end.wants = len > 0;
        end.hear(&self.buf[..len]);
        true
    }

    /// Tells whether a numbering was left for another: no host goes back to one.
    pub(super) fn has_left(&self, to: &UserId, epoch: Epoch) -> bool {
        self.left.contains(&(to.clone(), epoch.to_bits()))
    }

    /// Tells whether messages to a user have to be given again, which comes before all others.
    pub(super) fn is_asked_for(&self, to: &UserId) -> bool {
        self.recalled.iter().any(|(user, _)| user == to)
    }

    /// Notes a message that the client has accepted.
    pub(super) fn note_open(&mut self, to: &UserId, id: MessageId, text: String) -> Option<String> {
        assert!(!self.has_left(to, id.epoch), "a numbering that was left");
        if let Some(before) = self.numberings.insert(to.clone(), id.epoch)
            && before != id.epoch
        {
            self.left.insert((to.clone(), before.to_bits()));
        }
        self.open.insert(key(to, id), text)
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Sent { to, id, .. } => {
                assert!(self.open.contains_key(&key(&to, id)), "sent, and never taken");
            }
            Event::Delivered { to, id, .. } | Event::Failed { to, id, .. } => {
                let was_open = self.open.remove(&key(&to, id));
                assert!(was_open.is_some(), "a second outcome of {id}, to {to}");
            }
            Event::Recall { to, id } => self.recalled.push_back((to, id)),
            Event::Met { user } => self.met.push_back(user),
            #[cfg(feature = "files")]
            Event::Path { user, .. } => self.files.table().on_path(self.now, &user),
            #[cfg(not(feature = "files"))]
            Event::Path { .. } => {}
            Event::Stored { .. }
            | Event::Read { .. }
            | Event::Connected { .. }
            | Event::Disconnected { .. }
            | Event::LoginRefused { .. }
            | Event::ServerKeyChanged { .. }
            | Event::Presence { .. }
            | Event::Forgotten { .. }
            | Event::LinkLost { .. }
            | Event::Impostor { .. }
            | Event::KeyFound { .. }
            | Event::KeyChanged { .. }
            | Event::PeerTableFull => {}
        }
    }

    /// Lets time pass up to an instant, and the client know of it.
    pub(super) fn wake(&mut self, at: Instant) {
        self.now = at;
        // What is due is done at the latest when it is asked for once more.
        for _ in 0..2 {
            self.client.timeout(at);
            #[cfg(feature = "files")]
            self.files.table().timeout(at);
            self.settle();
        }
        assert!(self.next() > at, "it asks for the same instant again");
    }

    /// When the client, or its transfers, want to be woken.
    fn next(&self) -> Instant {
        #[cfg(feature = "files")]
        return self.wait.min(self.files.wait);
        #[cfg(not(feature = "files"))]
        self.wait
    }

    /// When the client wants to be woken; now, if never.
    pub(super) fn deadline(&self) -> Instant {
        if self.next().is_set() { self.next().max(self.now) } else { self.now }
    }

    /// Looks at the client's tables while the host is at rest.
    pub(super) fn check(&mut self) {
        let open = self.ends.iter().filter(|end| end.is_open).count();
        let engine = self.client.engine();
        assert_eq!(open + self.opens.len(), engine.links.iter().count());
        for (index, peer) in engine.peers.iter() {
            if let Some(link) = peer.direct {
                let link = engine.links.get(link).expect("the peer's link");
                assert!(link.is_up() && link.peer() == Some(index), "the peer's own link");
                let session = link.session.as_ref().expect("its session");
                assert!(session.remote_key().is_some());
            }
            match peer.route {
                (Path::Direct, link) => assert_eq!(link, peer.direct),
                (Path::Relay, link) => assert_eq!(link, engine.state.server_link()),
                (Path::None, link) => assert_eq!(link, None),
            }
            assert!(peer.route.0 == Path::None || !peer.is_blocked, "nothing goes out");
        }
    }

    /// Closes the client, and lets time pass until it wants no more of it.
    pub(super) fn outlive(&mut self) {
        self.client.close(self.now);
        #[cfg(feature = "files")]
        {
            // Those who are away may be offered something for ever.
            self.files = Files::default();
        }
        self.settle();
        for _ in 0..WAKES {
            self.check();
            if !self.wait.is_set() {
                break;
            }
            self.wake(self.deadline());
        }
        assert!(!self.wait.is_set(), "it never comes to rest");
        assert!(self.client.is_stopped() && !self.client.has_links());
        assert!(self.opens.is_empty());
    }
}

/// Names a message to a user.
pub(super) fn key(to: &UserId, id: MessageId) -> (UserId, u64, u64) {
    (to.clone(), id.epoch.to_bits(), id.seq)
}

/// Acknowledges a message, and as many more, or fewer, as the fuzzer likes.
pub(super) fn ack_near(choices: &mut Unstructured<'_>, id: MessageId) -> Result<Ack> {
    let upto = match choices.int_in_range(0..=3)? {
        0 | 1 => id.seq,
        2 => id.seq.wrapping_sub(1),
        _ => id.seq.wrapping_add(1),
    };
    Ok(Ack { epoch: id.epoch, upto })
}
