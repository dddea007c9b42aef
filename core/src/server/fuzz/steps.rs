use alloc::boxed::Box;
use core::net::SocketAddr;
use core::time::Duration;
use std::vec;
use std::vec::Vec;

use arbitrary::{Result, Unstructured};

use super::host::{End, Host};
use crate::delivery::Answer;
use crate::error::LoginRefusal;
use crate::fuzz::words::{self, USERS, identity, put_word, user_at};
use crate::fuzz::{Far, next_ephemeral, pieces};
use crate::id::{DisplayName, Instance, LinkId};
use crate::io::{Backlog, Kept, ServerEvent};
use crate::session::Session;
use crate::time::Instant;
use crate::wire::{Hello, Login, Message, Relay, RelayItem, Sealed, append_frame};

/// Links that one run opens at most.
const LINKS: usize = 24;

/// What a server's clients and its host do.
impl Host {
    /// Does one thing.
    pub(super) fn step(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        match choices.int_in_range(0..=17)? {
            0 => self.connect(choices).map(drop),
            1 => {
                let end = self.end(choices)?;
                self.shake_hands(end);
                Ok(())
            }
            2 => {
                let (end, len) = (self.end(choices)?, choices.arbitrary::<u8>()?);
                let bytes = choices.bytes(len.into())?;
                self.ends[end].far.note_stranger();
                self.feed(end, bytes);
                Ok(())
            }
            3 => {
                let (end, len) = (self.end(choices)?, choices.arbitrary::<u8>()?);
                let content = choices.bytes(len.into())?.to_vec();
                self.say(choices, end, &content)
            }
            4 | 5 => {
                let (end, count) = (self.end(choices)?, choices.int_in_range(1..=4)?);
                let mut content = Vec::new();
                for _ in 0..count {
                    put_word(choices, &mut content)?;
                }
                self.say(choices, end, &content)
            }
            6 => {
                let (end, who) = self.connect(choices)?;
                self.shake_hands(end);
                self.login(choices, end, who)
            }
            7 => {
                let end = self.end(choices)?;
                let who = choices.choose_index(USERS.len())?;
                self.login(choices, end, who)
            }
            8 => {
                let end = self.end(choices)?;
                if self.ends[end].is_open {
                    self.server.closed(self.now, self.ends[end].link);
                }
                Ok(())
            }
            9 => self.pass_time(choices),
            10 => {
                if let Some(event) = self.pending.pop_front() {
                    match choices.arbitrary()? {
                        false => self.serve(event),
                        true => self.serve_oddly(choices, event)?,
                    }
                }
                Ok(())
            }
            11 => {
                let end = self.end(choices)?;
                self.ends[end].reads = choices.arbitrary()?;
                Ok(())
            }
            12 => {
                self.server.expel(self.now, &words::user(choices)?);
                Ok(())
            }
            13 => {
                let end = self.end(choices)?;
                let again = self.ends[end].far.repeat().to_vec();
                self.ends[end].far.note_stranger();
                self.feed(end, &again);
                Ok(())
            }
            14 => self.flood(choices),
            15 => self.intrude(choices),
            16 => {
                let (from, to) = (words::user(choices)?, words::user(choices)?);
                let (epoch, answer) = (words::epoch(choices)?, answer(choices)?);
                self.server.answer(&from, &to, epoch, answer);
                Ok(())
            }
            _ => {
                // Not so often that little else is seen.
                if choices.arbitrary::<u8>()? > 0xf0 {
                    self.server.stop(self.now);
                }
                Ok(())
            }
        }
    }

    fn end(&self, choices: &mut Unstructured<'_>) -> Result<usize> {
        choices.choose_index(self.ends.len())
    }

    fn connect(&mut self, choices: &mut Unstructured<'_>) -> Result<(usize, usize)> {
        let who = choices.choose_index(USERS.len())?;
        let host = choices.int_in_range(1..=3)?;
        let limits = *choices.choose(&[
            Hello::HOST,
            Hello { max_record: 256, max_frame: 512, ..Hello::HOST },
            Hello { max_record: 65_519, max_frame: u32::MAX, ..Hello::HOST },
            Hello { takes_files: cfg!(feature = "files"), ..Hello::HOST },
        ])?;
        if self.ends.len() == LINKS {
            return Ok((LINKS - 1, who));
        }
        let [own, theirs] = [(); 2].map(|()| next_ephemeral(&mut self.ephemerals));
        let addr = SocketAddr::from(([192, 0, 2, host], 40_000));
        let Ok(link) = self.server.accepted(self.now, addr, own) else {
            assert!(self.server.stopping, "there is room");
            return Err(arbitrary::Error::IncorrectFormat);
        };
        let server = identity(USERS.len()).public();
        let session = Session::dialler(identity(who), theirs, Some(server), limits);
        self.ends.push(End::new(link, limits.takes_files, Far::new(session)));
        Ok((self.ends.len() - 1, who))
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

    fn login(&mut self, choices: &mut Unstructured<'_>, end: usize, who: usize) -> Result<()> {
        let mut content = Vec::new();
        append_frame(
            &mut content,
            &Message::Login(Login {
                user: user_at(who),
                name: DisplayName::default(),
                instance: Instance::from_bits(choices.int_in_range(0..=1)?),
                keepalive_ms: *choices.choose(&[0, 1, 20_000, u32::MAX])?,
                presence: choices.arbitrary()?,
                endpoints: heapless::Vec::new(),
                ticket: &[],
            }),
        );
        let said = self.ends[end].far.say(&content, &[0xff]);
        self.feed(end, &said);
        Ok(())
    }

    fn pass_time(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        let at = match choices.int_in_range(0..=4)? {
            0 => self.deadline(),
            1 => self.now + Duration::from_millis(choices.arbitrary::<u8>()?.into()),
            2 => self.now + Duration::from_secs(choices.arbitrary::<u8>()?.into()),
            3 => {
                // Nobody wakes the server.
                self.now = self.now + Duration::from_secs(choices.arbitrary::<u8>()?.into());
                return Ok(());
            }
            _ => {
                self.was_set_back = true;
                let back = choices.arbitrary::<u8>()?.into();
                Instant::from_millis(self.now.as_millis().saturating_sub(back))
            }
        };
        self.wake(at);
        Ok(())
    }

    /// Has a client send messages until queues are full.
    fn flood(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        let (end, peer) = (self.end(choices)?, words::user(choices)?);
        let (count, len) = (choices.int_in_range(0..=20)?, choices.arbitrary::<u16>()?.into());
        let (mut content, body) = (Vec::new(), vec![0; len]);
        let epoch = words::epoch(choices)?;
        for seq in 1..=count {
            let envelope = &[9; 104][..];
            let sealed = Sealed { epoch, seq, back: seq - 1, gap: 0, envelope, body: &body };
            let item = RelayItem::Sealed(sealed);
            append_frame(&mut content, &Message::Relay(Relay { peer: peer.clone(), item }));
        }
        let said = self.ends[end].far.say(&content, &[0xff]);
        self.feed(end, &said);
        Ok(())
    }

    /// Calls the server for a link that is gone, or never was.
    fn intrude(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        let link = match choices.arbitrary()? {
            false => LinkId::from_bits(number_of_link(choices)?),
            true => self.ends[self.end(choices)?].link,
        };
        let is_there = self.server.links.get(link).is_some();
        let user = words::user(choices)?;
        match choices.int_in_range(0..=6)? {
            0 if !is_there => {
                let received = self.server.received(self.now, link, &mut [1, 2, 3]);
                assert_eq!(received.consumed, 3, "nothing is waited for");
            }
            1 if !is_there => self.server.closed(self.now, link),
            2 if !is_there => assert_eq!(self.server.transmit(self.now, link, &mut [0; 64]), 0),
            // Those of links that are there are answered once, as asked.
            3 if !is_there => self.server.admit(self.now, link, Backlog::default()),
            4 => self.server.refuse(self.now, link, LoginRefusal::WrongCode),
            5 => self.server.introduce(link, user, None),
            // A page is handed over to whoever asked for it.
            _ if !is_there => {
                let page = [self.odd_message(choices)?];
                self.server.deliver(link, &page, words::number(choices)?, choices.arbitrary()?);
            }
            _ => {}
        }
        Ok(())
    }

    /// A message that was never kept, of somebody who may have sent it.
    fn odd_message(&self, choices: &mut Unstructured<'_>) -> Result<Kept> {
        let from = self.owners.keys().next().cloned().ok_or(arbitrary::Error::IncorrectFormat)?;
        Ok(Kept {
            from,
            id: words::message_id(choices)?,
            back: words::number(choices)?,
            envelope: vec![],
            body: words::body(choices)?,
        })
    }

    /// Answers as a host does that has a disk.
    pub(super) fn serve(&mut self, event: ServerEvent) {
        let now = self.now;
        match event {
            ServerEvent::Login { link, user, key, .. } => {
                match *self.owners.entry(user.clone()).or_insert(key) == key {
                    true => self.server.admit(now, link, self.shelf.backlog(&user)),
                    false => self.server.refuse(now, link, LoginRefusal::NameTaken),
                }
            }
            ServerEvent::Keep(keep) => {
                let answer = self.shelf.keep(&keep);
                self.server.kept(*keep, answer);
            }
            ServerEvent::Acked { from, to, id } => self.shelf.acked(&from, &to, id),
            ServerEvent::Read { from, to, id } => self.shelf.read(from, to, id),
            ServerEvent::Ask { from, to, epoch, .. } => {
                for answer in self.shelf.answers(&from, &to, epoch) {
                    self.server.answer(&from, &to, epoch, answer);
                }
            }
            ServerEvent::Page { link, user, after } => {
                let (page, last, more) = self.shelf.page(&user, after);
                self.server.deliver(link, &page, last, more);
            }
            ServerEvent::Key { link, user } => {
                let key = self.owners.get(&user).copied();
                self.server.introduce(link, user, key);
            }
            ServerEvent::Online { .. }
            | ServerEvent::Offline { .. }
            | ServerEvent::Dropped { .. } => {}
        }
    }

    /// Answers as a host may whose disk has failed, or was changed behind its back.
    fn serve_oddly(&mut self, choices: &mut Unstructured<'_>, event: ServerEvent) -> Result<()> {
        match event {
            ServerEvent::Login { link, user, key, .. } => match choices.arbitrary()? {
                false => self.server.refuse(self.now, link, words::login_refusal(choices)?),
                true if *self.owners.entry(user.clone()).or_insert(key) == key => {
                    let kept = vec![words::user(choices)?; choices.int_in_range(0..=2)?];
                    let read = match self.owners.keys().next() {
                        Some(owner) => vec![(owner.clone(), words::message_id(choices)?)],
                        None => vec![],
                    };
                    self.server.admit(self.now, link, Backlog { kept, read });
                }
                true => self.server.refuse(self.now, link, LoginRefusal::NameTaken),
            },
            ServerEvent::Keep(keep) => match answer(choices) {
                Ok(answer) => self.server.kept(*keep, answer),
                Err(error) => {
                    // Once for each, whatever comes.
                    self.serve(ServerEvent::Keep(Box::new(*keep)));
                    return Err(error);
                }
            },
            ServerEvent::Page { link, .. } => {
                let (last, more) = (words::number(choices)?, choices.arbitrary()?);
                let mut page = Vec::new();
                if choices.arbitrary()? {
                    page.push(self.odd_message(choices)?);
                }
                self.server.deliver(link, &page, last, more);
            }
            ServerEvent::Key { link, user } => {
                let key = if choices.arbitrary()? { Some(words::key(choices)?) } else { None };
                self.server.introduce(link, user, key);
            }
            ServerEvent::Acked { .. }
            | ServerEvent::Read { .. }
            | ServerEvent::Ask { .. }
            | ServerEvent::Online { .. }
            | ServerEvent::Offline { .. }
            | ServerEvent::Dropped { .. } => {}
        }
        Ok(())
    }
}

fn number_of_link(choices: &mut Unstructured<'_>) -> Result<u64> {
    let (slot, made) = (choices.arbitrary::<u8>()?, choices.arbitrary::<u8>()?);
    Ok(u64::from(made) << 32 | u64::from(slot))
}

fn answer(choices: &mut Unstructured<'_>) -> Result<Answer> {
    let upto = words::number(choices)?;
    Ok(match choices.int_in_range(0..=4)? {
        0 => Answer::Stored { upto },
        1 => Answer::Acked { upto },
        2 => Answer::Lost { upto, reason: words::refusal(choices)? },
        3 => Answer::Refused(words::refusal(choices)?),
        _ => Answer::Gap,
    })
}
