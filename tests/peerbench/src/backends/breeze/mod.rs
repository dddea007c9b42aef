//! Breeze: every client is a whole `breeze_core::Client` with a user and a key of its own.
//!
//! It shakes hands with the server, enrols, logs in, and sends and acknowledges like any other, so
//! that messages are sealed end to end, and arrive once and in order. Only direct links are off, as
//! it is the server that is measured, and clients hear only of those they talk with.

mod core;
mod shared;
#[cfg(test)]
mod tests;
mod text;

use std::collections::VecDeque;
use std::mem::take;
use std::rc::Rc;
use std::time::Instant;

use breeze_core::error::SendError;
use breeze_core::id::{DisplayName, LinkId, MessageId, UserId};
use breeze_core::io::{self, Output, Received};
use breeze_core::noise::Identity;
use breeze_core::{time, Config, Interest, Mesh};

use self::core::{Core, Parts};
use self::shared::{random, Shared};
use crate::backend::{Backend, Client, Dest, Event, Outgoing, Sink};
use crate::Res;

/// Makes the clients of one run.
pub struct Breeze(Rc<Shared>);

struct BreezeClient {
    shared: Rc<Shared>,
    core: Box<dyn Core>,
    /// The link to the server, once it was asked for.
    link: Option<LinkId>,
    ready: bool,
    /// Whether the link has something to send.
    sends: bool,
    deadline: time::Instant,
    /// The recipient that was looked up last.
    peer: Option<(u32, UserId)>,
    /// Messages that the core had no room for, oldest first. It has again as others are delivered.
    waiting: VecDeque<(UserId, String)>,
    /// Why the benchmark cannot go on.
    failure: Option<String>,
}

impl Breeze {
    /// Starts a run, with users that no other run has had.
    pub fn new() -> Breeze {
        Breeze(Rc::new(Shared::new()))
    }

    fn make(&self, id: u32, inbox: Dest, outgoing: Option<Outgoing>) -> Box<dyn Client> {
        let shared = self.0.clone();
        let user = shared.user(id);
        if let Dest::Group(group) = inbox {
            shared.groups.borrow_mut().entry(group).or_default().push(user.clone());
        }
        let name = DisplayName::new(user.as_str()).expect("a user id is short enough for a name");
        let config = Config {
            server_key: shared.server_key.get(),
            mesh: Mesh::Off,
            interest: Interest::Known,
            ..Config::new(user, name, u64::from_le_bytes(random()))
        };
        let (identity, now) = (Identity::from_secret(random()), shared.now());
        let core = core::make(outgoing, Parts { config, identity, secret_seed: random(), now });
        Box::new(BreezeClient {
            shared,
            core,
            link: None,
            ready: false,
            sends: false,
            deadline: time::Instant::NEVER,
            peer: None,
            waiting: VecDeque::new(),
            failure: None,
        })
    }
}

impl Backend for Breeze {
    fn client(&self, id: u32, inbox: Dest) -> Box<dyn Client> {
        self.make(id, inbox, None)
    }

    fn sender(&self, id: u32, inbox: Dest, outgoing: Outgoing) -> Box<dyn Client> {
        self.make(id, inbox, Some(outgoing))
    }
}

impl Client for BreezeClient {
    fn hello(&mut self, _out: &mut Vec<u8>) {
        self.core.timeout(self.shared.now());
        self.drain();
    }

    fn send(&mut self, to: Dest, payload: &[u8], _out: &mut Vec<u8>) {
        let shared = self.shared.clone();
        let mut text = shared.text.borrow_mut();
        text::encode(payload, &mut text);
        match to {
            Dest::Peer(id) => {
                let peer =
                    self.peer.take().filter(|peer| peer.0 == id).unwrap_or_else(|| (id, shared.user(id)));
                self.submit(&peer.1, &text);
                self.peer = Some(peer);
            }
            Dest::Group(group) => {
                for user in shared.groups.borrow().get(&group).into_iter().flatten() {
                    self.submit(user, &text);
                }
            }
        }
    }

    fn receive(&mut self, input: &mut [u8], _out: &mut Vec<u8>, on: Sink) -> Res<usize> {
        let Some(link) = self.link else { return Ok(0) };
        let now = self.shared.now();
        let mut payload = self.shared.payload.borrow_mut();
        let mut last: Option<(UserId, MessageId)> = None;
        let mut used = 0;
        loop {
            let Received { consumed, message, .. } = self.core.received(now, link, &mut input[used..]);
            used += consumed;
            match message {
                Some(message) => {
                    text::decode(message.text, &mut payload).ok_or("got a text that is no payload")?;
                    on(Event::Message(&payload));
                    // An acknowledgement stands for all messages before it: one will do for a read.
                    match last.replace((message.from, message.id)) {
                        Some((from, id)) if last.as_ref().is_some_and(|last| last.0 != from) => {
                            self.core.acknowledge(now, &from, id);
                        }
                        _ => {}
                    }
                }
                None if consumed == 0 => break,
                None => {}
            }
        }
        if let Some((from, id)) = last {
            self.core.acknowledge(now, &from, id);
        }
        drop(payload);
        self.drain();
        if !self.ready && self.core.is_ready() {
            self.ready = true;
            on(Event::Ready);
        }
        Ok(used)
    }

    fn pull(&mut self, out: &mut Vec<u8>) -> Res {
        self.submit_waiting();
        self.drain();
        while let (true, Some(link)) = (take(&mut self.sends), self.link) {
            let now = self.shared.now();
            let mut buffer = self.shared.buffer.borrow_mut();
            loop {
                match self.core.transmit(now, link, &mut buffer) {
                    0 => break,
                    len => out.extend_from_slice(&buffer[..len]),
                }
            }
            drop(buffer);
            self.drain();
        }
        self.failure.take().map_or(Ok(()), Err)
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline.is_set().then(|| self.shared.at(self.deadline))
    }

    fn wake(&mut self) {
        self.core.timeout(self.shared.now());
        self.drain();
    }
}

impl BreezeClient {
    /// Hands a message to the core, behind those that wait.
    fn submit(&mut self, to: &UserId, text: &str) {
        if !self.waiting.is_empty() || !self.accepts(to, text) {
            self.waiting.push_back((to.clone(), text.into()));
        }
    }

    fn submit_waiting(&mut self) {
        while let Some((to, text)) = self.waiting.pop_front() {
            if !self.accepts(&to, &text) {
                return self.waiting.push_front((to, text));
            }
        }
    }

    /// Tells whether the core took a message, or never will.
    fn accepts(&mut self, to: &UserId, text: &str) -> bool {
        let now = self.shared.now();
        match self.core.send(now, to, text, self.shared.ms_since_1970(now)) {
            Ok(_) => true,
            Err(SendError::Full) => false,
            Err(e) => {
                self.fail(format!("cannot send to {to}: {e}"));
                true
            }
        }
    }

    /// Does what the core asks for, but for sending, which `pull` does.
    fn drain(&mut self) {
        let now = self.shared.now();
        loop {
            match self.core.poll(now) {
                Output::Open { link, .. } if self.link.is_none() => {
                    self.link = Some(link);
                    self.core.opened(now, link, random());
                }
                Output::Open { .. } => self.fail("wants to connect once more".into()),
                Output::Transmit(_) => self.sends = true,
                Output::Close(_) => self.fail("closed its connection".into()),
                Output::Event(event) => self.take_in(event),
                Output::Wait(until) => {
                    self.deadline = until;
                    return;
                }
            }
        }
    }

    fn take_in(&mut self, event: io::Event) {
        match event {
            io::Event::Connected { server, .. } => self.shared.server_key.set(Some(server)),
            io::Event::Disconnected { reason } => self.fail(format!("lost the server: {reason}")),
            io::Event::LoginRefused { refusal } => self.fail(format!("was refused: {refusal}")),
            io::Event::ServerKeyChanged { .. } => self.fail("met a server with another key".into()),
            io::Event::Failed { to, reason, .. } => self.fail(format!("a message to {to} failed: {reason}")),
            io::Event::Impostor { user, .. } => self.fail(format!("met an impostor of {user}")),
            io::Event::KeyChanged { user, .. } => self.fail(format!("met {user} with another key")),
            // Nothing that the benchmark needs to know: of what was delivered its receiver tells.
            io::Event::Presence { .. }
            | io::Event::Path { .. }
            | io::Event::LinkLost { .. }
            | io::Event::Sent { .. }
            | io::Event::Stored { .. }
            | io::Event::Delivered { .. }
            | io::Event::Read { .. }
            | io::Event::Recall { .. }
            | io::Event::Met { .. }
            | io::Event::KeyFound { .. }
            | io::Event::Forgotten { .. }
            | io::Event::PeerTableFull => {}
        }
    }

    /// Keeps the first of what went wrong, since the rest follows from it.
    fn fail(&mut self, why: String) {
        self.failure.get_or_insert(why);
    }
}
