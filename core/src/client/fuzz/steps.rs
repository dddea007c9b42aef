use core::net::SocketAddr;
use core::time::Duration;
use std::string::{String, ToString};
use std::vec::Vec;

use arbitrary::{Result, Unstructured};

use super::host::{End, Host, OWN, ack_near, key};
use crate::fuzz::words::{self, USERS, identity, put_word, user_at};
use crate::fuzz::{Far, next_ephemeral, pieces};
use crate::id::{DisplayName, Endpoint, Epoch, Instance, LinkId, MessageId};
use crate::io::Target;
use crate::noise::{Context, Purpose, SealingKey, Secrets};
use crate::session::Session;
use crate::time::Instant;
use crate::wire::{
    ChatBody, EntriesWriter, Hello, Introduction, Message, PeerEntry, Relay, RelayItem, Sealed,
    Setup, SetupOk, Welcome, append_frame,
};

/// Links that one run opens at most.
const LINKS: usize = 40;
/// The server's place among the identities.
const SERVER: usize = USERS.len();

/// What a client's server, its peers and its host do.
impl Host {
    /// Does one thing.
    pub(super) fn step(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        match choices.int_in_range(0..=20)? {
            0 => drop(self.open_next(choices)?),
            1 => {
                let end = self.end(choices)?;
                self.shake_hands(end);
            }
            2 => {
                let (end, len) = (self.end(choices)?, choices.arbitrary::<u8>()?);
                let bytes = choices.bytes(len.into())?;
                self.ends[end].far.note_stranger();
                self.feed(end, bytes);
            }
            3 => {
                let (end, len) = (self.end(choices)?, choices.arbitrary::<u8>()?);
                let content = choices.bytes(len.into())?.to_vec();
                self.say(choices, end, &content)?;
            }
            4 | 5 => {
                let (end, count) = (self.end(choices)?, choices.int_in_range(1..=4)?);
                let mut content = Vec::new();
                for _ in 0..count {
                    put_word(choices, &mut content)?;
                }
                self.say(choices, end, &content)?;
            }
            6 => self.greet(choices)?,
            7 => self.join(choices)?,
            8 => {
                let end = self.end(choices)?;
                if self.ends[end].is_open {
                    self.client.closed(self.now, self.ends[end].link);
                }
            }
            9 => self.pass_time(choices)?,
            10 => {
                let to = words::user(choices)?;
                let text = "x".repeat(choices.arbitrary::<u8>()?.into());
                if !self.is_asked_for(&to)
                    && let Ok(id) = self.client.send(self.now, &to, &text, 1)
                {
                    let before = self.note_open(&to, id, text);
                    assert_eq!(before, None, "a number that is in use");
                }
            }
            11 => self.give_numbered(choices)?,
            12 => self.mark(choices)?,
            13 => {
                let end = self.end(choices)?;
                self.ends[end].reads = choices.arbitrary()?;
            }
            14 => {
                let end = self.end(choices)?;
                let again = self.ends[end].far.repeat().to_vec();
                self.ends[end].far.note_stranger();
                self.feed(end, &again);
            }
            15 => self.intrude(choices)?,
            16 => self.say_sealed(choices)?,
            17 => self.answer(choices)?,
            #[cfg(feature = "files")]
            18 | 19 => self.files.step(choices)?,
            _ => {
                // Not so often that little else is seen.
                if choices.arbitrary::<u8>()? > 0xf0 {
                    self.client.close(self.now);
                }
            }
        }
        Ok(())
    }

    fn end(&self, choices: &mut Unstructured<'_>) -> Result<usize> {
        choices.choose_index(self.ends.len())
    }

    fn fresh(&mut self) -> [[u8; 32]; 2] {
        [(); 2].map(|()| next_ephemeral(&mut self.ephemerals))
    }

    fn limits(choices: &mut Unstructured<'_>) -> Result<Hello> {
        Ok(*choices.choose(&[
            Hello::HOST,
            Hello { max_record: 256, max_frame: 512, ..Hello::HOST },
            Hello { max_record: 65_519, max_frame: u32::MAX, ..Hello::HOST },
            Hello::SERVER,
            Hello { max_record: 256, max_frame: 512, ..Hello::SERVER },
            Hello { max_record: 65_519, max_frame: u32::MAX, ..Hello::SERVER },
            Hello { takes_files: cfg!(feature = "files"), ..Hello::HOST },
            Hello { takes_files: cfg!(feature = "files"), ..Hello::SERVER },
        ])?)
    }

    /// Opens what the client asked for first: whoever was wanted is there, or somebody else, or
    /// nobody.
    fn open_next(&mut self, choices: &mut Unstructured<'_>) -> Result<Option<usize>> {
        let (how, limits) = (choices.int_in_range(0..=7)?, Self::limits(choices)?);
        let Some((link, target)) = self.opens.pop_front() else { return Ok(None) };
        if how == 7 || self.ends.len() == LINKS {
            // The link is told of as closed all the same.
            self.opens.push_front((link, target));
            self.client.closed(self.now, link);
            return Ok(None);
        }
        let wanted = match &target {
            Target::Server => SERVER,
            Target::Peer { user, .. } => {
                USERS.iter().position(|name| *name == user.as_str()).unwrap_or(0)
            }
        };
        let poses = if how == 6 { (wanted + 1) % USERS.len() } else { wanted };
        let [own, theirs] = self.fresh();
        let session = Session::listener(identity(poses), theirs, limits);
        self.ends.push(End::new(link, (wanted, limits), Far::new(session)));
        self.client.opened(self.now, link, own);
        self.settle();
        Ok(Some(self.ends.len() - 1))
    }

    fn accept(&mut self, choices: &mut Unstructured<'_>, who: usize) -> Result<Option<usize>> {
        let limits = Self::limits(choices)?;
        if self.ends.len() == LINKS {
            return Ok(None);
        }
        let [own, theirs] = self.fresh();
        let addr = SocketAddr::from(([192, 0, 2, 9], 40_000));
        let Ok(link) = self.client.accepted(self.now, addr, own) else { return Ok(None) };
        let expected = Some(identity(OWN).public());
        let session = Session::dialler(identity(who), theirs, expected, limits);
        self.ends.push(End::new(link, (who, limits), Far::new(session)));
        Ok(Some(self.ends.len() - 1))
    }

    fn shake_hands(&mut self, end: usize) {
        for _ in 0..2 {
            let greeting = self.ends[end].far.greet();
            self.feed(end, &greeting);
            self.settle();
        }
    }

    /// Says something in records, which arrive in pieces.
    fn say(&mut self, choices: &mut Unstructured<'_>, end: usize, content: &[u8]) -> Result<()> {
        let count = choices.int_in_range(1..=3)?;
        let sizes = choices.bytes(count)?;
        let said = self.ends[end].far.say(content, sizes);
        for piece in pieces(&said, sizes) {
            self.feed(end, piece);
        }
        Ok(())
    }

    fn say_words(&mut self, end: usize, words: &[Message<'_>]) {
        let mut content = Vec::new();
        words.iter().for_each(|word| append_frame(&mut content, word));
        let said = self.ends[end].far.say(&content, &[0xff]);
        self.feed(end, &said);
        self.settle();
    }

    /// The link that the client has to its server, if it was opened.
    fn server_end(&self) -> Option<usize> {
        self.ends.iter().rposition(|end| end.is_open && end.who == SERVER)
    }

    /// Has the server welcome the client, and tell it of the users that are online.
    fn greet(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        let (who, is_new) = (choices.arbitrary::<u8>()?, choices.arbitrary()?);
        if self.server_end().is_none() || is_new {
            self.open_next(choices)?;
        }
        let Some(end) = self.server_end() else { return Ok(()) };
        self.shake_hands(end);
        let mut buf = [0; 1024];
        let mut writer = EntriesWriter::new(&mut buf);
        for (index, _) in USERS.iter().enumerate().filter(|(index, _)| who >> index & 1 == 1) {
            writer.push(&PeerEntry {
                user: user_at(index),
                name: DisplayName::default(),
                online: Some(Introduction {
                    key: identity(index).public(),
                    instance: Instance::from_bits(1),
                    endpoints: [index as u8, 0x40 + index as u8]
                        .map(|host| Endpoint::new(([192, 0, 2, host], 1).into()))
                        .into_iter()
                        .collect(),
                }),
            });
        }
        let observed = Endpoint::new(([192, 0, 2, 1], 1).into());
        let welcome = Welcome { observed, keepalive_ms: 15_000, idle_ms: 45_000 };
        let reply = Message::PeersReply { entries: writer.finish(), more: false };
        self.say_words(end, &[Message::Welcome(welcome), reply]);
        Ok(())
    }

    /// Sets up a direct link: one that the client dials, or one of a peer's.
    fn join(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        let (who, dials) = (choices.choose_index(USERS.len())?, choices.arbitrary()?);
        let (from, to) = (user_at(who), user_at(OWN));
        let (instance, keepalive_ms, idle_ms) = (Instance::from_bits(1), 15_000, 45_000);
        let word = match dials {
            true => Message::Setup(Setup { from, to, instance, keepalive_ms, idle_ms }),
            false => Message::SetupOk(SetupOk { instance, keepalive_ms, idle_ms }),
        };
        let end = match dials {
            true => self.accept(choices, who)?,
            false => self.open_next(choices)?,
        };
        if let Some(end) = end {
            self.shake_hands(end);
            self.say_words(end, &[word]);
        }
        Ok(())
    }

    fn pass_time(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        let at = match choices.int_in_range(0..=4)? {
            0 => self.deadline(),
            1 => self.now + Duration::from_millis(choices.arbitrary::<u8>()?.into()),
            2 => self.now + Duration::from_secs(choices.arbitrary::<u8>()?.into()),
            3 => {
                // Nobody wakes the client.
                self.now = self.now + Duration::from_secs(choices.arbitrary::<u8>()?.into());
                return Ok(());
            }
            _ => {
                let back = choices.arbitrary::<u8>()?.into();
                Instant::from_millis(self.now.as_millis().saturating_sub(back))
            }
        };
        self.wake(at);
        Ok(())
    }

    /// Gives messages again that were recalled, or some under numbers of the host's.
    fn give_numbered(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        match choices.int_in_range(0..=2)? {
            0 => {
                let Some((to, first)) = self.recalled.pop_front() else { return Ok(()) };
                if self.has_left(&to, first.epoch) {
                    return Ok(());
                }
                let start = key(&to, first);
                let end = (to.clone(), first.epoch.to_bits(), u64::MAX);
                for ((_, _, seq), text) in self.open.range(start..=end) {
                    let id = MessageId { seq: *seq, ..first };
                    if self.client.send_numbered(self.now, &to, id, text, 1).is_err() {
                        // It goes on from there later.
                        self.recalled.push_front((to, id));
                        break;
                    }
                }
            }
            1 => {
                let (to, id) = (words::user(choices)?, words::message_id(choices)?);
                // Numbers are counted, from 1 on: no host gets to their end.
                let id = MessageId { seq: id.seq.clamp(1, 1 << 62), ..id };
                if !self.is_asked_for(&to)
                    && !self.has_left(&to, id.epoch)
                    && self.client.send_numbered(self.now, &to, id, "hi", 1).is_ok()
                {
                    self.note_open(&to, id, "hi".to_string());
                }
            }
            _ => {
                let (to, id) = (words::user(choices)?, words::message_id(choices)?);
                let first = MessageId { seq: id.seq.clamp(1, 1 << 62), ..id };
                let stored = first.seq + choices.int_in_range(0..=5)?;
                // That is for the start, when nothing is open yet.
                let is_open = self.open.keys().any(|(user, _, _)| *user == to);
                if !is_open
                    && !self.has_left(&to, first.epoch)
                    && self.client.resume(self.now, &to, first, stored).is_ok()
                {
                    for seq in first.seq..=stored {
                        self.note_open(&to, MessageId { seq, ..first }, String::new());
                    }
                }
            }
        }
        Ok(())
    }

    /// Says what people did with a message, of whom the host knows which key or wants to hear, or that
    /// it has moved.
    fn mark(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        let what = choices.int_in_range(0..=7)?;
        let shown = self.shown.pop_front();
        let (from, id) = match shown {
            Some(shown) => shown,
            None => (words::user(choices)?, words::message_id(choices)?),
        };
        match what {
            0 => self.client.acknowledge(self.now, &from, id),
            1 => self.client.mark_read(self.now, &from, id),
            5 => drop(self.client.watch(self.now, &from)),
            6 => self.client.unwatch(&from),
            7 => self.client.moved(self.now),
            _ => {
                let user = match self.met.pop_front() {
                    Some(user) => user,
                    None => words::user(choices)?,
                };
                let index = USERS.iter().position(|name| *name == user.as_str()).unwrap_or(0);
                let (key, verified) = match what {
                    2 => (None, false),
                    3 => (Some(identity(index).public()), choices.arbitrary()?),
                    _ => (Some(words::key(choices)?), choices.arbitrary()?),
                };
                self.client.pin(self.now, &user, key, verified);
            }
        }
        Ok(())
    }

    /// Calls the client for a link that is gone, or never was.
    fn intrude(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        let link = match choices.arbitrary()? {
            false => {
                let (slot, made) = (choices.arbitrary::<u8>()?, choices.arbitrary::<u8>()?);
                LinkId::from_bits(u64::from(made) << 32 | u64::from(slot))
            }
            true => self.ends[self.end(choices)?].link,
        };
        if self.client.engine().links.get(link).is_some() {
            return Ok(());
        }
        match choices.int_in_range(0..=3)? {
            0 => {
                let mut bytes = [1, 2, 3];
                let received = self.client.received(self.now, link, &mut bytes);
                assert_eq!(received.consumed, 3, "nothing is waited for");
            }
            1 => self.client.closed(self.now, link),
            2 => self.client.opened(self.now, link, [9; 32]),
            _ => assert_eq!(self.client.transmit(self.now, link, &mut [0; 64]), 0),
        }
        Ok(())
    }

    /// Has the server pass on a message that somebody has sealed for the client, as it should be or
    /// not quite.
    fn say_sealed(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        let who = choices.choose_index(USERS.len())?;
        let poses = if choices.int_in_range(0..=7)? == 7 { SERVER } else { who };
        let id = words::message_id(choices)?;
        let (back, gap) = (words::number(choices)?, words::number(choices)?);
        let (brings, is_body) = (choices.arbitrary::<bool>()?, choices.arbitrary::<bool>()?);
        let draw = choices.int_in_range(1..=2)?;
        let Some(end) = self.server_end() else { return Ok(()) };
        let (from, to) = (user_at(who), user_at(OWN));
        let context = Context { from: &from, to: &to, epoch: id.epoch, purpose: Purpose::Messages };
        let secret = Secrets::new([draw; 32]).draw();
        let own = identity(OWN).public();
        let key = SealingKey::new(identity(poses), &secret, own, &context).expect("a key");
        let body = ChatBody { name: "微风", sent_ms: 1, text: "你好" };
        let text = match is_body {
            true => postcard::to_extend(&body, Vec::new()).expect("room"),
            false => Vec::new(),
        };
        let (mut sealed, len) = (Vec::new(), text.len());
        key.seal(id.seq, len, text.chunks(7), &mut |piece| sealed.extend_from_slice(piece));
        let MessageId { epoch, seq } = id;
        let envelope = if brings { key.envelope() } else { &[] };
        let item = RelayItem::Sealed(Sealed { epoch, seq, back, gap, envelope, body: &sealed });
        self.say_words(end, &[Message::Relay(Relay { peer: from, item })]);
        Ok(())
    }

    /// Has whoever heard a message of the client's say something about it.
    fn answer(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        let end = self.end(choices)?;
        let (Some((peer, id)), what) = (self.ends[end].heard.clone(), choices.int_in_range(0..=6)?)
        else {
            return Ok(());
        };
        let ack = ack_near(choices, id)?;
        let (epoch, upto): (Epoch, u64) = (ack.epoch, ack.upto);
        let word = match (what, self.ends[end].who == SERVER) {
            (0..=4, false) => Message::Ack(ack),
            (_, false) => Message::Read(ack),
            (0, true) => Message::Relay(Relay { peer, item: RelayItem::Ack(ack) }),
            (1, true) => Message::Relay(Relay { peer, item: RelayItem::Read(ack) }),
            (2, true) => Message::Relay(Relay { peer, item: RelayItem::Unreadable { epoch } }),
            (3, true) => Message::Stored { peer, epoch, upto },
            (4, true) => Message::Dropped { peer, epoch, upto, reason: words::refusal(choices)? },
            (_, true) => {
                Message::Refused { peer, epoch, seq: upto, reason: words::refusal(choices)? }
            }
        };
        self.say_words(end, &[word]);
        Ok(())
    }
}
