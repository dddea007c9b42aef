use std::hash::{BuildHasher, RandomState};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
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

/// Is a client in this process, with no home and no direct links. It does something only while a
/// test waits for it.
pub struct Device {
    client: Box<Client<8, 4, 64>>,
    start: StdInstant,
    server: SocketAddr,
    connection: Option<(LinkId, TcpStream)>,
    inbox: Vec<u8>,
    buffer: Vec<u8>,
}

impl Device {
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
        let mut config = Config::new(name(user), DisplayName::default(), 1);
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
        };
        device.client.timeout(device.now());
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

    /// Waits for an event in which `look` finds what it wants.
    #[track_caller]
    pub fn wait<T>(&mut self, what: &str, mut look: impl FnMut(&Event) -> Option<T>) -> T {
        let give_up = StdInstant::now() + PATIENCE;
        while StdInstant::now() < give_up {
            match self.client.poll(self.now()) {
                Output::Open { link, .. } => self.open(link),
                Output::Transmit(link) => self.transmit(link),
                Output::Close(link) => {
                    self.connection.take_if(|(open, _)| *open == link);
                }
                Output::Event(event) => {
                    if let Some(found) = look(&event) {
                        return found;
                    }
                }
                Output::Wait(until) => self.receive(until),
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

    fn now(&self) -> Instant {
        Instant::from_millis(self.start.elapsed().as_millis() as u64)
    }

    fn open(&mut self, link: LinkId) {
        let stream = TcpStream::connect(self.server).expect("a connection");
        self.connection = Some((link, stream));
        self.inbox.clear();
        self.client.opened(self.now(), link, random());
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
    fn receive(&mut self, until: Instant) {
        let now = self.now();
        let Some((link, stream)) = &mut self.connection else {
            return self.client.timeout(until.max(now));
        };
        let consumed = self.client.received(now, *link, &mut self.inbox).consumed;
        self.inbox.drain(..consumed);
        if consumed > 0 {
            return;
        }
        let wait = until.as_millis().saturating_sub(now.as_millis()).max(1);
        let limit = Duration::from_millis(wait).min(PATIENCE);
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

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    for chunk in bytes.chunks_exact_mut(8) {
        chunk.copy_from_slice(&RandomState::new().hash_one(0).to_le_bytes());
    }
    bytes
}
