use std::hash::{BuildHasher, RandomState};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant as StdInstant};

use breeze_core::error::LoginRefusal;
use breeze_core::id::{DisplayName, LinkId, MessageId, Ticket, UserId};
use breeze_core::io::{Event, Output};
use breeze_core::noise::Identity;
use breeze_core::time::Instant;
use breeze_core::{Absence, Client, Config, Mesh};

use crate::PATIENCE;

/// Bytes of what is read or written at a time: any frame fits.
const BUFFER: usize = 128 * 1024;

/// How long a connection may take to open.
const DIAL_LIMIT: Duration = Duration::from_secs(4);

/// Is a client in this process, with no home and no direct links, which acknowledges whatever it
/// gets. It does something only while a test waits for it.
pub struct Device {
    client: Box<Client<8, 4, 64>>,
    start: StdInstant,
    server: SocketAddr,
    connection: Option<(LinkId, TcpStream)>,
    inbox: Vec<u8>,
    buffer: Vec<u8>,
    texts: Vec<String>,
}

impl Device {
    /// Makes one that logs in once somebody waits, with a secret key, and what is shown to enrol
    /// it; empty for nothing.
    pub fn new(server: SocketAddr, user: &str, key: [u8; 32], ticket: &str) -> Self {
        let mut config =
            Config::new(name(user), DisplayName::default(), RandomState::new().hash_one(0));
        config.mesh = Mesh::Off;
        config.absence = Absence::Wait;
        config.ticket = Ticket::new(ticket.as_bytes()).expect("a ticket's length");
        let identity = Identity::from_secret(key);
        let mut device = Self {
            client: Box::new(Client::new(config, identity, random(), Instant::ZERO)),
            start: StdInstant::now(),
            server,
            connection: None,
            inbox: Vec::new(),
            buffer: vec![0; BUFFER],
            texts: Vec::new(),
        };
        device.client.timeout(device.now());
        device
    }

    /// Logs in with a secret key, and what is shown to enrol it; empty for nothing.
    ///
    /// # Errors
    /// The [`LoginRefusal`] if the server refuses.
    #[track_caller]
    pub fn log_in(
        server: SocketAddr,
        user: &str,
        key: [u8; 32],
        ticket: &str,
    ) -> Result<Self, LoginRefusal> {
        let mut device = Self::new(server, user, key, ticket);
        let refusal = device.wait("the end of the login", |event| match event {
            Event::Connected { .. } => Some(None),
            Event::LoginRefused { refusal } => Some(Some(*refusal)),
            _ => None,
        });
        match refusal {
            Some(refusal) => Err(refusal),
            None => Ok(device),
        }
    }

    /// Sends a text.
    #[track_caller]
    pub fn send(&mut self, to: &str, text: &str) -> MessageId {
        self.client.send(self.now(), &name(to), text, 0).expect("room for a message")
    }

    /// Takes out the texts that have come.
    pub fn take_texts(&mut self) -> Vec<String> {
        std::mem::take(&mut self.texts)
    }

    /// Waits for an event in which `look` finds what it wants.
    #[track_caller]
    pub fn wait<T>(&mut self, what: &str, mut look: impl FnMut(&Event) -> Option<T>) -> T {
        let give_up = StdInstant::now() + PATIENCE;
        while let Some(event) = self.next_event(give_up) {
            if let Some(found) = look(&event) {
                return found;
            }
        }
        panic!("waited in vain for: {what}");
    }

    /// Waits until the server ends the session.
    #[track_caller]
    pub fn wait_end(mut self) {
        self.wait("the end of the session", |event| {
            matches!(event, Event::Disconnected { .. }).then_some(())
        });
    }

    /// Does what there is to do until something happens, or none of it until a time.
    pub fn next_event(&mut self, until: StdInstant) -> Option<Event> {
        while StdInstant::now() < until {
            match self.client.poll(self.now()) {
                Output::Open { link, .. } => self.open(link),
                Output::Transmit(link) => self.transmit(link),
                Output::Close(link) => {
                    self.connection.take_if(|(open, _)| *open == link);
                }
                Output::Event(event) => return Some(event),
                Output::Wait(deadline) => self.receive(deadline, until),
            }
        }
        None
    }

    fn now(&self) -> Instant {
        Instant::from_millis(self.start.elapsed().as_millis() as u64)
    }

    fn open(&mut self, link: LinkId) {
        self.inbox.clear();
        match TcpStream::connect_timeout(&self.server, DIAL_LIMIT) {
            Ok(stream) => {
                stream.set_nodelay(true).expect("no delay");
                self.connection = Some((link, stream));
                self.client.opened(self.now(), link, random());
            }
            Err(_) => self.client.closed(self.now(), link),
        }
    }

    fn transmit(&mut self, link: LinkId) {
        let now = self.now();
        let Some((_, stream)) = self.connection.as_mut().filter(|(l, _)| *l == link) else {
            return;
        };
        loop {
            let count = self.client.transmit(now, link, &mut self.buffer);
            // A server that has gone is noticed when reading.
            if count == 0 || stream.write_all(&self.buffer[..count]).is_err() {
                break;
            }
        }
    }

    /// Takes in what has arrived, or waits for more, or for the time.
    fn receive(&mut self, deadline: Instant, until: StdInstant) {
        let now = self.now();
        let Some((link, stream)) = &mut self.connection else {
            let wait = Duration::from_millis(deadline.as_millis().saturating_sub(now.as_millis()));
            thread::sleep(wait.min(until.saturating_duration_since(StdInstant::now())));
            let now = self.now();
            return self.client.timeout(now);
        };
        let received = self.client.received(now, *link, &mut self.inbox);
        let (consumed, message) = (received.consumed, received.message);
        let message = message.map(|message| {
            self.texts.push(message.text.to_owned());
            (message.from.clone(), message.id)
        });
        let is_message = message.is_some();
        if let Some((from, id)) = message {
            self.client.acknowledge(now, &from, id);
        }
        self.inbox.drain(..consumed);
        if consumed > 0 || is_message {
            return;
        }
        let wait = deadline.as_millis().saturating_sub(now.as_millis()).max(1);
        let left = until.saturating_duration_since(StdInstant::now()).max(Duration::from_millis(1));
        let limit = Duration::from_millis(wait).min(left);
        stream.set_read_timeout(Some(limit)).expect("a limit");
        match stream.read(&mut self.buffer) {
            Ok(count) if count > 0 => self.inbox.extend_from_slice(&self.buffer[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                let now = self.now();
                self.client.timeout(now);
            }
            Ok(_) | Err(_) => {
                let (link, now) = (*link, self.now());
                self.connection = None;
                self.client.closed(now, link);
            }
        }
    }
}

fn name(user: &str) -> UserId {
    UserId::new(user).expect("a user's name")
}

/// Makes bytes that no other run makes.
pub(crate) fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    for chunk in bytes.chunks_exact_mut(8) {
        chunk.copy_from_slice(&RandomState::new().hash_one(0).to_le_bytes());
    }
    bytes
}
