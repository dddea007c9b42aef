use breeze_core::error::DeliveryFailure;
use breeze_core::id::{Epoch, LinkId, MessageId};
use breeze_core::noise::{Handshake, Identity};
use breeze_core::wire::{FileItem, Hello, Message, append_frame};

use super::host::{Brain, Host, HostId};
use super::puppet::{Puppet, Said};
use super::world::{Task, World};

/// The preamble of this version.
pub(super) const PREAMBLE: [u8; 4] = *b"BRZ\x02";

/// Hosts that say what a scenario tells them to.
impl World {
    /// Adds a puppet that connects to a host and then says nothing.
    pub fn puppet(&mut self, to: HostId) -> Puppet {
        let puppet = self.new_puppet();
        self.dial(puppet.host, LinkId::from_bits(0), self.address(to));
        self.settle_puppets();
        puppet
    }

    /// Adds a puppet that answers at a host's address, accepts connections and says nothing.
    pub fn puppet_at(&mut self, victim: HostId) -> Puppet {
        let puppet = self.new_puppet();
        self.hijack(victim, puppet.host);
        puppet
    }

    fn new_puppet(&mut self) -> Puppet {
        let host = HostId(self.hosts.len());
        self.hosts.push(Host::new(Brain::Puppet(Box::default()), None));
        Puppet { host, handshake: None, transport: None, last_record: vec![], plain: vec![] }
    }

    /// Lets enough time pass for a word and its answer.
    fn settle_puppets(&mut self) {
        let (latency, jitter) = (self.net.latency, self.net.jitter);
        self.run((latency + jitter) * 4);
    }

    /// Has a puppet say bytes, and waits for what comes back.
    pub fn say_bytes(&mut self, puppet: &Puppet, bytes: &[u8]) {
        let at = self.arrival();
        let sockets = self.hosts[puppet.host.0].sockets.values();
        let ends: Vec<_> = sockets.map(|socket| (socket.wire, socket.side)).collect();
        for (wire, side) in ends {
            let arrival = self.wires[wire].outward(side).write(bytes, at);
            self.plan(arrival, Task::Readable(wire, side.other()));
        }
        self.settle_puppets();
    }

    /// Has the account of all messages know of one that a puppet is about to send: with a text to be
    /// shown, or none if it never can be.
    pub fn account_for(&mut self, from: &str, to: HostId, id: MessageId, text: Option<&str>) {
        let to = self.user(to).to_owned();
        self.ledger.on_sent(id, from, &to, text.unwrap_or_default());
        if text.is_none() {
            self.ledger.on_outcome(id, Err(DeliveryFailure::Lost));
        }
    }

    /// Seals a body for a user as PROTOCOL.md says it, with another implementation of Noise than
    /// the core's: the envelope and the sealed body.
    pub fn seal(
        &self,
        from: (&str, [u8; 32]),
        to: HostId,
        epoch: Epoch,
        seq: u64,
        body: &[u8],
    ) -> (Vec<u8>, Vec<u8>) {
        self.seal_as(b"Breeze 2 sealed", from, to, epoch, seq, body)
    }

    /// Seals an item of a file for a user in the same way.
    pub fn seal_file(
        &self,
        from: (&str, [u8; 32]),
        to: HostId,
        epoch: Epoch,
        count: u64,
        item: &FileItem<'_>,
    ) -> (Vec<u8>, Vec<u8>) {
        let mut frame = Vec::new();
        append_frame(&mut frame, &Message::File(*item));
        // Behind the length and the message's number.
        let item = &frame[frame.iter().position(|byte| byte & 0x80 == 0).expect("a length") + 2..];
        self.seal_as(b"Breeze 2 files\0", from, to, epoch, count, item)
    }

    fn seal_as(
        &self,
        label: &[u8; 15],
        from: (&str, [u8; 32]),
        to: HostId,
        epoch: Epoch,
        seq: u64,
        body: &[u8],
    ) -> (Vec<u8>, Vec<u8>) {
        let (key, to) = (self.key(to), self.user(to));
        let mut prologue = label.to_vec();
        for user in [from.0, to] {
            prologue.push(user.len() as u8);
            prologue.extend(user.as_bytes());
        }
        prologue.extend(epoch.to_bits().to_be_bytes());
        let pattern = "Noise_X_25519_ChaChaPoly_BLAKE2s".parse().expect("a pattern");
        let mut noise = snow::Builder::new(pattern)
            .local_private_key(&from.1)
            .and_then(|builder| builder.remote_public_key(key.as_bytes()))
            .and_then(|builder| builder.prologue(&prologue))
            .and_then(snow::Builder::build_initiator)
            .expect("keys");
        let mut envelope = key.hint().to_vec();
        envelope.resize(104, 0);
        noise.write_message(&[], &mut envelope[8..]).expect("96 bytes");
        let noise = noise.into_stateless_transport_mode().expect("one message is all");
        let mut sealed = vec![0; body.len() + 16];
        noise.write_message(seq, body, &mut sealed).expect("room");
        (envelope, sealed)
    }

    /// Takes out the bytes that a puppet has heard.
    pub fn heard_bytes(&mut self, puppet: &Puppet) -> Vec<u8> {
        match &mut self.hosts[puppet.host.0].brain {
            Brain::Puppet(ear) => std::mem::take(&mut ear.heard),
            Brain::Off | Brain::Server(_) | Brain::Client(_) => Vec::new(),
        }
    }

    /// Tells whether a puppet's connection was closed by the other side.
    pub fn is_hung_up(&self, puppet: &Puppet) -> bool {
        matches!(&self.hosts[puppet.host.0].brain, Brain::Puppet(ear) if ear.is_closed)
    }

    /// Has a puppet do the first two thirds of the handshake with a key of its choice: what is left
    /// is its last message.
    pub fn begin_handshake(&mut self, puppet: &mut Puppet, secret: [u8; 32]) {
        let identity = Identity::from_secret(secret);
        let mut handshake = Handshake::initiator(&identity, self.rng.bytes(), None);
        let mut first = [0; 64];
        let len = handshake.write(&[], &mut first).expect("a first message");
        let mut bytes = PREAMBLE.to_vec();
        bytes.extend_from_slice(&(len as u16).to_be_bytes());
        bytes.extend_from_slice(&first[..len]);
        self.say_bytes(puppet, &bytes);
        let answer = self.heard_bytes(puppet);
        assert_eq!(answer[..4], PREAMBLE, "the listener answers with its preamble");
        let mut hello = [0; 64];
        let len = handshake.read(&answer[6..], &mut hello).expect("a second message");
        assert_eq!(Hello::decode(&hello[..len]).expect("a hello").max_frame, Hello::HOST.max_frame);
        puppet.handshake = Some(handshake);
    }

    /// Has a puppet do the whole handshake.
    pub fn shake_hands(&mut self, puppet: &mut Puppet, secret: [u8; 32]) {
        self.begin_handshake(puppet, secret);
        let mut handshake = puppet.handshake.take().expect("begun");
        let mut last = [0; 128];
        let len = handshake.write(&Hello::HOST.encode(), &mut last).expect("a last message");
        let mut bytes = (len as u16).to_be_bytes().to_vec();
        bytes.extend_from_slice(&last[..len]);
        self.say_bytes(puppet, &bytes);
        puppet.transport = Some(handshake.finish().expect("complete"));
    }

    /// Has a puppet that was dialled do the whole handshake.
    pub fn shake_hands_as_listener(&mut self, puppet: &mut Puppet, secret: [u8; 32]) {
        let identity = Identity::from_secret(secret);
        let mut handshake = Handshake::responder(&identity, self.rng.bytes());
        let first = self.heard_bytes(puppet);
        assert_eq!(first[..4], PREAMBLE, "the dialler begins with its preamble");
        handshake.read(&first[6..], &mut [0; 64]).expect("a first message");
        let mut answer = [0; 128];
        let len = handshake.write(&Hello::HOST.encode(), &mut answer).expect("a second message");
        let bytes = [&PREAMBLE[..], &(len as u16).to_be_bytes(), &answer[..len]].concat();
        self.say_bytes(puppet, &bytes);
        let heard = self.heard_bytes(puppet);
        let (len, rest) = heard.split_first_chunk::<2>().expect("a last message");
        let (last, records) = rest.split_at(usize::from(u16::from_be_bytes(*len)));
        handshake.read(last, &mut [0; 64]).expect("a last message");
        puppet.transport = Some(handshake.finish().expect("complete"));
        // The dialler may go on at once.
        if let Brain::Puppet(ear) = &mut self.hosts[puppet.host.0].brain {
            ear.hear(records);
        }
    }

    /// Has a puppet say a message in a record of its own.
    pub fn say(&mut self, puppet: &mut Puppet, message: &Message<'_>) {
        let mut frame = Vec::new();
        append_frame(&mut frame, message);
        self.say_record(puppet, &frame);
    }

    /// Has a puppet say a record with any content.
    pub fn say_record(&mut self, puppet: &mut Puppet, content: &[u8]) {
        let mut record = content.to_vec();
        record.resize(content.len() + 16, 0);
        let transport = puppet.transport.as_mut().expect("a handshake before");
        let len = transport.seal_in_place(&mut record, content.len()).expect("sealed");
        let mut bytes = (len as u16).to_be_bytes().to_vec();
        bytes.extend_from_slice(&record);
        self.say_bytes(puppet, &bytes);
        puppet.last_record = bytes;
    }

    /// Has a puppet say its last record once more.
    pub fn say_again(&mut self, puppet: &Puppet) {
        self.say_bytes(puppet, &puppet.last_record.clone());
    }

    /// Takes out the frames that a puppet has heard.
    pub fn heard(&mut self, puppet: &mut Puppet) -> Vec<Said> {
        let bytes = self.heard_bytes(puppet);
        let mut rest = bytes.as_slice();
        while let Some((header, tail)) = rest.split_first_chunk::<2>() {
            let (record, tail) = tail.split_at(usize::from(u16::from_be_bytes(*header)));
            let mut record = record.to_vec();
            let transport = puppet.transport.as_mut().expect("a handshake before");
            let len = transport.open_in_place(&mut record).expect("authentic");
            puppet.plain.extend_from_slice(&record[..len]);
            rest = tail;
        }
        let mut said = Vec::new();
        while let Some((len, start)) = frame_len(&puppet.plain)
            && puppet.plain.len() >= start + len
        {
            said.push(Said(puppet.plain[start..start + len].to_vec()));
            puppet.plain.drain(..start + len);
        }
        said
    }
}

/// Reads a frame's length, and says where its content starts.
fn frame_len(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0)?;
    let value = bytes[..=end].iter().rev().fold(0, |sum, b| sum << 7 | usize::from(b & 0x7f));
    Some((value, end + 1))
}

impl Said {
    /// Decodes the message.
    pub fn message(&self) -> Message<'_> {
        Message::decode(&self.0).expect("a message")
    }
}
