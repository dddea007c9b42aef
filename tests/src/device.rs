use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant as StdInstant;

use breeze_core::error::LoginRefusal;
use breeze_core::id::{DisplayName, Ticket, UserId};
use breeze_core::io::{Event, Output};
use breeze_core::noise::Identity;
use breeze_core::time::Instant;
use breeze_core::{Client, Config, Mesh};

use crate::PATIENCE;

/// Bytes of what arrives at a time: any record fits.
const BUFFER: usize = 64 * 1024;

/// Is a client in this process, with no home and no mesh. It is online until it is dropped, or for
/// as long as the server takes its silence.
pub struct Device {
    stream: TcpStream,
}

impl Device {
    /// Logs in with a secret key, and what is shown to enrol it.
    ///
    /// # Errors
    /// The [`LoginRefusal`] if the server refuses.
    ///
    /// # Panics
    /// If the server does neither.
    #[track_caller]
    pub fn log_in(
        server: SocketAddr,
        user: &str,
        key: [u8; 32],
        ticket: &str,
    ) -> Result<Self, LoginRefusal> {
        let user = UserId::new(user).expect("a user's name");
        let mut config = Config::new(user, DisplayName::default(), 1);
        config.mesh = Mesh::Off;
        config.ticket = Ticket::new(ticket.as_bytes()).expect("a ticket's length");
        let start = StdInstant::now();
        let now = || Instant::from_millis(start.elapsed().as_millis() as u64);
        let mut client =
            Client::<8, 4, 64>::new(config, Identity::from_secret(key), random(), now());
        client.timeout(now());
        let mut stream = None;
        let mut inbox = Vec::new();
        let mut buffer = vec![0; BUFFER];
        let mut open = None;
        loop {
            match client.poll(now()) {
                Output::Open { link, .. } => {
                    let to = TcpStream::connect(server).expect("a connection");
                    to.set_read_timeout(Some(PATIENCE)).expect("a limit");
                    (stream, open) = (Some(to), Some(link));
                    client.opened(now(), link, random());
                }
                Output::Transmit(link) => {
                    let stream = stream.as_mut().expect("a connection");
                    loop {
                        let count = client.transmit(now(), link, &mut buffer);
                        if count == 0 {
                            break;
                        }
                        stream.write_all(&buffer[..count]).expect("the server takes bytes");
                    }
                }
                Output::Event(Event::Connected { .. }) => {
                    return Ok(Self { stream: stream.expect("a connection") });
                }
                Output::Event(Event::LoginRefused { refusal }) => return Err(refusal),
                Output::Event(Event::Disconnected { reason }) => panic!("disconnected: {reason}"),
                Output::Event(_) | Output::Close(_) => {}
                Output::Wait(_) => {
                    let link = open.expect("it dials at once");
                    let consumed = client.received(now(), link, &mut inbox).consumed;
                    inbox.drain(..consumed);
                    if consumed == 0 {
                        let stream = stream.as_mut().expect("a connection");
                        let count = stream.read(&mut buffer).expect("the server answers in time");
                        assert_ne!(count, 0, "the server closed the connection");
                        inbox.extend_from_slice(&buffer[..count]);
                    }
                }
            }
        }
    }

    /// Waits until the server ends the session.
    #[track_caller]
    pub fn wait_end(mut self) {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).expect("an end in time");
    }
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    for chunk in bytes.chunks_exact_mut(8) {
        chunk.copy_from_slice(&RandomState::new().hash_one(0).to_le_bytes());
    }
    bytes
}
