use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use breeze_core::id::{DisplayName, Instance, UserId};
use breeze_core::noise::{Handshake, Identity, Transport};
use breeze_core::wire::{Hello, Login, Message, append_frame};
use socket2::{Domain, Socket, Type};

use crate::device::random;

/// Where attacks come from: a machine of their own, as far as the server can see.
pub(super) const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 66));
/// How long a connection may take to open, and how long something is awaited that should come.
const LIMIT: Duration = Duration::from_secs(5);
/// The preamble of this version.
const PREAMBLE: [u8; 4] = *b"BRZ\x02";

/// Is one connection to the server whose every byte the attack chooses.
pub(super) struct Caller {
    pub(super) stream: TcpStream,
    transport: Option<Transport>,
    received: Vec<u8>,
    plain: Vec<u8>,
}

impl Caller {
    /// Connects, and says nothing.
    pub(super) fn connect(server: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        // What the system takes in for it is not what the server holds.
        socket.set_recv_buffer_size(8 * 1024)?;
        socket.bind(&SocketAddr::new(ELSEWHERE, 0).into())?;
        socket.connect_timeout(&server.into(), LIMIT)?;
        socket.set_tcp_nodelay(true)?;
        // It leaves at once: a port that lingers is not to be had for the next one.
        socket.set_linger(Some(Duration::ZERO))?;
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
        Ok(Self { stream, transport: None, received: Vec::new(), plain: Vec::new() })
    }

    /// Makes the bytes that a client begins with, and what it needs to go on.
    pub(super) fn opening(secret: [u8; 32]) -> (Handshake, Vec<u8>) {
        let identity = Identity::from_secret(secret);
        let mut handshake = Handshake::initiator(&identity, random(), None);
        let mut first = [0; 64];
        let len = handshake.write(&[], &mut first).expect("a first message");
        let len_bytes = (len as u16).to_be_bytes();
        (handshake, [&PREAMBLE[..], &len_bytes, &first[..len]].concat())
    }

    /// Does the handshake with a key, and returns the bytes that it said.
    pub(super) fn shake_hands(&mut self, secret: [u8; 32]) -> io::Result<Vec<u8>> {
        let (mut handshake, mut said) = Self::opening(secret);
        self.stream.write_all(&said)?;
        let mut head = [0; 6];
        self.stream.read_exact(&mut head)?;
        let mut answer = vec![0; usize::from(u16::from_be_bytes([head[4], head[5]]))];
        self.stream.read_exact(&mut answer)?;
        handshake.read(&answer, &mut [0; 128]).map_err(io::Error::other)?;
        let mut last = [0; 128];
        let len = handshake.write(&Hello::HOST.encode(), &mut last).map_err(io::Error::other)?;
        let last = [&(len as u16).to_be_bytes()[..], &last[..len]].concat();
        self.stream.write_all(&last)?;
        said.extend_from_slice(&last);
        self.transport = Some(handshake.finish().map_err(io::Error::other)?);
        Ok(said)
    }

    /// Does the handshake and asks for a session; the answer is still to come.
    pub(super) fn ask_to_log_in(
        &mut self,
        user: &str,
        secret: [u8; 32],
        ticket: &str,
    ) -> io::Result<()> {
        self.shake_hands(secret)?;
        self.say(&Message::Login(Login {
            user: UserId::new(user).expect("a user's name"),
            name: DisplayName::default(),
            instance: Instance::from_bits(u64::from_le_bytes([secret[0]; 8])),
            keepalive_ms: 0,
            presence: false,
            endpoints: Default::default(),
            ticket: ticket.as_bytes(),
        }))
    }

    /// Says a message in a record of its own.
    pub(super) fn say(&mut self, message: &Message<'_>) -> io::Result<()> {
        let mut frame = Vec::new();
        append_frame(&mut frame, message);
        let record = self.seal(&frame);
        self.stream.write_all(&record)
    }

    /// Makes a record of any content, and does not send it.
    pub(super) fn seal(&mut self, content: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        // As much as the server takes in one.
        for part in content.chunks(usize::from(Hello::HOST.max_record)) {
            let mut record = part.to_vec();
            record.resize(part.len() + 16, 0);
            let transport = self.transport.as_mut().expect("a handshake before");
            let len = transport.seal_in_place(&mut record, part.len()).expect("sealed");
            bytes.extend_from_slice(&(len as u16).to_be_bytes());
            bytes.extend_from_slice(&record);
        }
        bytes
    }

    /// Waits for the next frame, and makes something of its message.
    pub(super) fn hear<T>(&mut self, look: impl FnOnce(Message<'_>) -> T) -> io::Result<T> {
        loop {
            if let Some((start, len)) = frame(&self.plain)
                && self.plain.len() >= start + len
            {
                let frame: Vec<u8> = self.plain.drain(..start + len).skip(start).collect();
                return Ok(look(Message::decode(&frame).map_err(|_| ErrorKind::InvalidData)?));
            }
            let mut buffer = [0; 4096];
            let count = self.stream.read(&mut buffer)?;
            if count == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            self.received.extend_from_slice(&buffer[..count]);
            self.open_records();
        }
    }

    fn open_records(&mut self) {
        while let Some(head) = self.received.first_chunk::<2>()
            && let end = 2 + usize::from(u16::from_be_bytes(*head))
            && self.received.len() >= end
        {
            let mut record: Vec<u8> = self.received.drain(..end).skip(2).collect();
            let transport = self.transport.as_mut().expect("a handshake before");
            let len = transport.open_in_place(&mut record).expect("authentic");
            self.plain.extend_from_slice(&record[..len]);
        }
    }

    /// Tells whether the server has closed the connection, which must not block.
    pub(super) fn has_ended(&mut self) -> bool {
        match self.stream.read(&mut [0; 4096]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        }
    }

    /// Waits until the server closes the connection; tells whether it does.
    pub(super) fn is_hung_up(&mut self) -> bool {
        loop {
            match self.stream.read(&mut [0; 4096]) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => {
                    return !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
                }
            }
        }
    }
}

/// Reads a frame's length, and says where its content starts.
fn frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0)?;
    let len = bytes[..=end].iter().rev().fold(0, |sum, b| sum << 7 | usize::from(b & 0x7f));
    Some((end + 1, len))
}
