use breeze_core::Server;
use breeze_core::id::{DisplayName, Instance, LinkId, UserId};
use breeze_core::io::{Backlog, ServerEvent, ServerOutput};
use breeze_core::noise::{Handshake, Identity, Transport};
use breeze_core::time::Instant;
use breeze_core::wire::{Hello, Login, Message, append_frame};

/// When everything happens.
pub(crate) const NOW: Instant = Instant::from_millis(1_000);

const PREAMBLE: [u8; 4] = *b"BRZ\x02";

/// Is a client with a session at a server in memory, which says whatever it is told to.
pub(crate) struct Bare {
    /// Its link, as the server knows it.
    pub(crate) link: LinkId,
    /// Its name.
    pub(crate) user: UserId,
    transport: Transport,
}

impl Bare {
    /// Logs in; the number makes its name, its key and its address.
    pub(crate) fn log_in(server: &mut Server, number: u32) -> Self {
        let user = UserId::new(&format!("user{number}")).expect("a name");
        let [a, b, c, d] = number.to_le_bytes();
        let secret = [a, b, c, d].repeat(8).try_into().expect("32 bytes");
        let address = ([10, b, c, d], 7733 + a as u16).into();
        let link = server.accepted(NOW, address, [1; 32]).expect("room");
        let identity = Identity::from_secret(secret);
        let mut handshake = Handshake::initiator(&identity, [3; 32], None);
        let mut buf = vec![0; 32 * 1024];
        let len = handshake.write(&[], &mut buf[6..]).expect("a first message");
        buf[..4].copy_from_slice(&PREAMBLE);
        buf[4..6].copy_from_slice(&(len as u16).to_be_bytes());
        feed(server, link, &mut buf[..6 + len]);
        let len = server.transmit(NOW, link, &mut buf);
        handshake.read(&buf[6..len], &mut [0; 128]).expect("an answer");
        let len = handshake.write(&Hello::HOST.encode(), &mut buf[2..]).expect("a last message");
        buf[..2].copy_from_slice(&(len as u16).to_be_bytes());
        feed(server, link, &mut buf[..2 + len]);
        let transport = handshake.finish().expect("the end of the handshake");
        let mut bare = Self { link, user: user.clone(), transport };
        let login = Message::Login(Login {
            user,
            name: DisplayName::default(),
            instance: Instance::from_bits(u64::from(number)),
            keepalive_ms: 0,
            presence: false,
            endpoints: Default::default(),
            ticket: &[],
        });
        feed(server, link, &mut bare.records(&[login]));
        loop {
            match server.poll() {
                ServerOutput::Event(ServerEvent::Login { link, .. }) => {
                    server.admit(NOW, link, Backlog::default());
                }
                ServerOutput::Wait(_) => break,
                _ => {}
            }
        }
        while server.transmit(NOW, link, &mut buf) > 0 {}
        bare
    }

    /// Seals messages in as few records as they fit in.
    pub(crate) fn records(&mut self, messages: &[Message<'_>]) -> Vec<u8> {
        let mut frames = Vec::new();
        messages.iter().for_each(|message| append_frame(&mut frames, message));
        let mut out = Vec::new();
        for content in frames.chunks(usize::from(Hello::HOST.max_record)) {
            let start = out.len() + 2;
            out.extend_from_slice(&(content.len() as u16 + 16).to_be_bytes());
            out.extend_from_slice(content);
            out.resize(start + content.len() + 16, 0);
            self.transport.seal_in_place(&mut out[start..], content.len()).expect("sealed");
        }
        out
    }
}

/// Has a server take in what came on a link.
pub(crate) fn feed(server: &mut Server, link: LinkId, mut bytes: &mut [u8]) {
    loop {
        let consumed = server.received(NOW, link, bytes).consumed;
        bytes = &mut bytes[consumed..];
        if consumed == 0 || bytes.is_empty() {
            return;
        }
    }
}
