//! Shows that a client which is set up sends, receives and acknowledges messages without a single
//! heap allocation, on a direct link and through a server; nor does the server allocate.

use core::net::SocketAddr;
use core::time::Duration;

use allocation_counter::measure;
use breeze_core::id::{DisplayName, Endpoint, LinkId, UserId};
use breeze_core::io::{Backlog, Event, Output, ServerEvent, ServerOutput, Target};
use breeze_core::noise::Identity;
use breeze_core::time::Instant;
use breeze_core::{Client, Config, Mesh, Path, Server, ServerConfig};

type Device = Client<4, 8, 64>;

const ALICE: usize = 0;
const BOB: usize = 1;
const NOW: Instant = Instant::from_millis(1_000);
const TEXTS: [&str; 3] = [
    "你好",
    "a second one",
    "and one of more than a hundred bytes, which takes several of the blocks that hold what is \
     not acknowledged yet",
];

/// Two clients, their server, and pipes that take no time.
struct Trio {
    clients: [Device; 2],
    server: Server,
    /// Each client's link to the server: its own id and the server's.
    to_server: [Option<(LinkId, LinkId)>; 2],
    /// The direct link: its id at alice's end and at bob's.
    direct: Option<(LinkId, LinkId)>,
    /// Handshake keys used so far.
    ephemerals: u8,
}

fn address(who: usize) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, who as u8 + 1], 7733))
}

fn user(who: usize) -> UserId {
    UserId::new(["alice", "bob"][who]).expect("a user id")
}

impl Trio {
    fn new(meshes: [Mesh; 2]) -> Self {
        let clients = [ALICE, BOB].map(|who| {
            let name = DisplayName::new("微风").expect("a display name");
            let mut config = Config::new(user(who), name, who as u64);
            config.mesh = meshes[who];
            config.endpoints.push(Endpoint::new(address(who))).expect("room");
            let identity = Identity::from_secret([who as u8 + 1; 32]);
            Device::new(config, identity, [who as u8 + 11; 32], Instant::ZERO)
        });
        let server = Server::new(ServerConfig::default(), Identity::from_secret([9; 32]));
        let mut trio = Self { clients, server, to_server: [None; 2], direct: None, ephemerals: 0 };
        // Presence is held back for a moment, so a little time has to pass.
        for millis in 0..100 {
            let now = Instant::ZERO + Duration::from_millis(millis);
            trio.clients.iter_mut().for_each(|client| client.timeout(now));
            trio.server.timeout(now);
            while trio.step(now) {}
        }
        trio
    }

    /// Does one thing that each of the three asks for; returns false if none does.
    fn step(&mut self, now: Instant) -> bool {
        let mut busy = false;
        for who in [ALICE, BOB] {
            match self.clients[who].poll(now) {
                Output::Open { link, target } => self.open(now, who, link, &target),
                Output::Transmit(link) => self.carry_from_client(now, who, link),
                Output::Close(_) | Output::Event(_) => {}
                Output::Wait(_) => continue,
            }
            busy = true;
        }
        match self.server.poll() {
            ServerOutput::Transmit(link) => self.carry_from_server(now, link),
            ServerOutput::Event(ServerEvent::Login { link, .. }) => {
                self.server.admit(now, link, Backlog::default());
            }
            ServerOutput::Close(_) | ServerOutput::Event(_) => {}
            ServerOutput::Wait(_) => return busy,
        }
        true
    }

    fn open(&mut self, now: Instant, who: usize, link: LinkId, target: &Target) {
        let [dialler, listener] = [1, 2].map(|n| [self.ephemerals + n; 32]);
        self.ephemerals += 2;
        match target {
            Target::Server => {
                let far = self.server.accepted(now, address(who), listener).expect("room");
                self.to_server[who] = Some((link, far));
            }
            Target::Peer { .. } => {
                let peer = &mut self.clients[1 - who];
                let far = peer.accepted(now, address(who), listener).expect("room");
                self.direct = Some(if who == ALICE { (link, far) } else { (far, link) });
            }
        }
        self.clients[who].opened(now, link, dialler);
    }

    fn carry_from_client(&mut self, now: Instant, who: usize, link: LinkId) {
        let mut buf = [0; 8192];
        loop {
            let len = self.clients[who].transmit(now, link, &mut buf);
            if len == 0 {
                return;
            }
            let bytes = &mut buf[..len];
            match (self.to_server[who], self.direct) {
                (Some((own, far)), _) if own == link => {
                    feed(bytes, |bytes| self.server.received(now, far, bytes).consumed);
                }
                (_, Some(ends)) => {
                    let far = if who == ALICE { ends.1 } else { ends.0 };
                    let peer = &mut self.clients[1 - who];
                    feed(bytes, |bytes| peer.received(now, far, bytes).consumed);
                }
                (_, None) => panic!("a link to nowhere"),
            }
        }
    }

    fn carry_from_server(&mut self, now: Instant, link: LinkId) {
        let mut buf = [0; 8192];
        let is_theirs = |ends: &Option<(LinkId, LinkId)>| ends.is_some_and(|(_, far)| far == link);
        let who = self.to_server.iter().position(is_theirs).expect("a client's");
        let own = self.to_server[who].expect("a client's").0;
        loop {
            let len = self.server.transmit(now, link, &mut buf);
            if len == 0 {
                return;
            }
            let client = &mut self.clients[who];
            feed(&mut buf[..len], |bytes| client.received(now, own, bytes).consumed);
        }
    }
}

/// Feeds bytes until nothing is taken any more.
fn feed(mut bytes: &mut [u8], mut take: impl FnMut(&mut [u8]) -> usize) {
    loop {
        let consumed = take(bytes);
        if consumed == 0 {
            return;
        }
        bytes = &mut bytes[consumed..];
    }
}

/// Drains a client's outputs, and returns the link that wants to send, if one does.
fn drain(client: &mut Device, mut on_event: impl FnMut(Event)) -> Option<LinkId> {
    let mut link = None;
    loop {
        match client.poll(NOW) {
            Output::Transmit(wants) => link = Some(wants),
            Output::Event(event) => on_event(event),
            Output::Open { .. } | Output::Close(_) => {}
            Output::Wait(_) => return link,
        }
    }
}

/// Sends a text to bob; returns the bytes that go out.
fn send(client: &mut Device, text: &str, buf: &mut [u8]) -> usize {
    client.send(NOW, &user(BOB), text, 0).expect("room");
    let link = drain(client, |_| ()).expect("something to send");
    let len = client.transmit(NOW, link, buf);
    assert_eq!(client.transmit(NOW, link, &mut buf[len..]), 0);
    len
}

/// Receives and acknowledges a message; returns the bytes of the acknowledgement.
fn receive(
    client: &mut Device,
    link: LinkId,
    mut bytes: &mut [u8],
    text: &str,
    answer: &mut [u8],
) -> usize {
    loop {
        let received = client.received(NOW, link, bytes);
        let consumed = received.consumed;
        if let Some(message) = received.message {
            assert_eq!(message.text, text);
            client.acknowledge(NOW, &message.from, message.id);
        }
        if consumed == 0 {
            break;
        }
        bytes = &mut bytes[consumed..];
    }
    // Until then it may wait for company.
    let later = NOW + Duration::from_millis(25);
    client.timeout(later);
    let link = drain(client, |_| ()).expect("an acknowledgement to send");
    let len = client.transmit(later, link, answer);
    assert_eq!(client.transmit(later, link, &mut answer[len..]), 0);
    len
}

/// Takes an acknowledgement in, which makes a message a delivered one.
fn settle(client: &mut Device, link: LinkId, bytes: &mut [u8], path: Path) {
    feed(bytes, |bytes| client.received(NOW, link, bytes).consumed);
    let mut delivered = false;
    drain(client, |event| {
        delivered |= matches!(event, Event::Delivered { path: by, .. } if by == path);
    });
    assert!(delivered);
}

/// Has the server pass on what came on one link; returns the bytes that go out on the other.
fn relay(server: &mut Server, from: LinkId, to: LinkId, bytes: &mut [u8], out: &mut [u8]) -> usize {
    feed(bytes, |bytes| server.received(NOW, from, bytes).consumed);
    loop {
        match server.poll() {
            ServerOutput::Wait(_) => break,
            ServerOutput::Transmit(link) => assert_eq!(link, to),
            ServerOutput::Close(_) | ServerOutput::Event(_) => panic!("nothing but the message"),
        }
    }
    let len = server.transmit(NOW, to, out);
    assert_eq!(server.transmit(NOW, to, &mut out[len..]), 0);
    len
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn a_direct_message_costs_no_allocation() {
    // One of them dials, so that there is one link from the start.
    let mut trio = Trio::new([Mesh::Eager, Mesh::OnDemand]);
    let (at_alice, at_bob) = trio.direct.expect("a direct link");
    let [alice, bob] = &mut trio.clients;
    for text in TEXTS {
        let (mut there, mut back) = ([0; 1024], [0; 1024]);
        let cost = measure(|| {
            let len = send(alice, text, &mut there);
            let len = receive(bob, at_bob, &mut there[..len], text, &mut back);
            settle(alice, at_alice, &mut back[..len], Path::Direct);
        });
        assert_eq!(cost.count_total, 0, "{cost:?}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn a_relayed_message_costs_no_allocation() {
    let mut trio = Trio::new([Mesh::Off; 2]);
    let [alice, bob] = &mut trio.clients;
    let server = &mut trio.server;
    let [(at_alice, from_alice), (at_bob, from_bob)] =
        trio.to_server.map(|ends| ends.expect("a session"));
    for (round, text) in [1, 2].into_iter().flat_map(|round| TEXTS.map(|text| (round, text))) {
        let (mut buf, mut relayed) = ([0; 1024], [0; 1024]);
        let mut len = 0;
        let sending = measure(|| len = send(alice, text, &mut buf));
        let there = measure(|| {
            len = relay(server, from_alice, from_bob, &mut buf[..len], &mut relayed);
        });
        let receiving = measure(|| {
            len = receive(bob, at_bob, &mut relayed[..len], text, &mut buf);
        });
        let back = measure(|| {
            len = relay(server, from_bob, from_alice, &mut buf[..len], &mut relayed);
        });
        let settling = measure(|| settle(alice, at_alice, &mut relayed[..len], Path::Relay));
        for cost in [sending, receiving, settling] {
            assert_eq!(cost.count_total, 0, "{cost:?}");
        }
        // The server has memory for what is on its way once it was needed.
        if round > 1 {
            assert_eq!([there.count_total, back.count_total], [0, 0], "{there:?} {back:?}");
        }
    }
}
