//! The clients against the core's own server, without sockets.

use std::time::Duration;

use breeze_core::io::{Backlog, ServerEvent, ServerOutput};
use breeze_core::{Server, ServerConfig};

use super::*;

/// A client, its link at the server, what is on its way to it, and what came of that.
struct Seat {
    client: Box<dyn Client>,
    link: LinkId,
    to_client: Vec<u8>,
    ready: u32,
    messages: Vec<Vec<u8>>,
}

struct Net {
    backend: Breeze,
    server: Server,
    seats: Vec<Seat>,
}

impl Net {
    fn new() -> Net {
        let server = Server::new(ServerConfig::default(), Identity::from_secret(random()));
        Net { backend: Breeze::new(), server, seats: Vec::new() }
    }

    fn add(&mut self, mut client: Box<dyn Client>) {
        client.hello(&mut Vec::new());
        let addr = "127.0.0.1:40000".parse().unwrap();
        let link = self.server.accepted(self.backend.0.now(), addr, random()).unwrap();
        self.seats.push(Seat { client, link, to_client: Vec::new(), ready: 0, messages: Vec::new() });
    }

    /// Lets everybody do what they have to, once.
    fn step(&mut self) -> Res {
        let now = self.backend.0.now();
        for seat in &mut self.seats {
            if seat.client.deadline().is_some_and(|deadline| deadline <= std::time::Instant::now()) {
                seat.client.wake(); // or acknowledgements that wait for company would wait for ever
            }
            let mut bytes = Vec::new();
            seat.client.pull(&mut bytes)?;
            while !bytes.is_empty() {
                let consumed = self.server.received(now, seat.link, &mut bytes).consumed;
                bytes.drain(..consumed);
            }
        }
        self.server.timeout(now);
        loop {
            match self.server.poll() {
                ServerOutput::Transmit(link) => {
                    let seat = self.seats.iter_mut().find(|seat| seat.link == link).unwrap();
                    let mut buf = [0; 20_000];
                    while let len @ 1.. = self.server.transmit(now, link, &mut buf) {
                        seat.to_client.extend_from_slice(&buf[..len]);
                    }
                }
                ServerOutput::Event(ServerEvent::Login { link, .. }) => {
                    self.server.admit(now, link, Backlog::default());
                }
                ServerOutput::Event(_) | ServerOutput::Close(_) => {}
                ServerOutput::Wait(_) => break,
            }
        }
        for Seat { client, to_client, ready, messages, .. } in &mut self.seats {
            let mut on = |event: Event| match event {
                Event::Ready => *ready += 1,
                Event::Message(payload) => messages.push(payload.to_vec()),
            };
            let used = client.receive(to_client, &mut Vec::new(), &mut on)?;
            to_client.drain(..used);
        }
        Ok(())
    }

    fn run_until(&mut self, done: impl Fn(&[Seat]) -> bool) -> Res {
        for _ in 0..3000 {
            self.step()?;
            if done(&self.seats) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(1)); // news of who is online takes a little time
        }
        Err("it takes too long".into())
    }
}

#[test]
fn logs_in_and_relays_more_than_the_core_holds() {
    let mut net = Net::new();
    let outgoing = Outgoing { peers: 1, window: 1, size: 10_000 };
    net.add(net.backend.sender(0, Dest::Peer(0), outgoing));
    net.add(net.backend.client(1, Dest::Peer(1)));
    net.run_until(|seats| seats.iter().all(|seat| seat.ready == 1)).unwrap();
    assert!(net.seats[0].client.deadline() > Some(Instant::now()));
    let messages: Vec<_> = (0..60).map(|i| vec![i * 4; 10_000]).collect();
    for message in &messages {
        net.seats[0].client.send(Dest::Peer(1), message, &mut Vec::new());
    }
    net.run_until(|seats| seats[1].messages.len() == messages.len()).unwrap();
    assert!(net.seats[1].messages == messages, "in order, and whole");
    assert!(net.seats.iter().all(|seat| seat.ready == 1), "ready only once");
}

#[test]
fn a_group_is_everybody_who_listens_to_it() {
    let mut net = Net::new();
    net.add(net.backend.sender(0, Dest::Peer(0), Outgoing { peers: 3, window: 2, size: 30 }));
    for id in 1..4 {
        net.add(net.backend.client(id, Dest::Group(5)));
    }
    net.run_until(|seats| seats.iter().all(|seat| seat.ready == 1)).unwrap();
    for message in [b"one", b"two"] {
        net.seats[0].client.send(Dest::Group(5), message, &mut Vec::new());
    }
    net.run_until(|seats| seats[1..].iter().all(|seat| seat.messages.len() == 2)).unwrap();
    assert!(net.seats[1..].iter().all(|seat| seat.messages == [b"one", b"two"]));
    assert!(net.seats[0].messages.is_empty());
}

#[test]
fn says_what_goes_wrong() {
    let mut net = Net::new();
    net.add(net.backend.sender(0, Dest::Peer(0), Outgoing { peers: 1, window: 1, size: 70_000 }));
    net.run_until(|seats| seats[0].ready == 1).unwrap();
    net.seats[0].client.send(Dest::Peer(1), &[b'x'; 70_000], &mut Vec::new());
    assert!(net.step().unwrap_err().contains("longer than 64 KiB"));
    net.seats[0].client.receive(&mut [0xff; 100], &mut Vec::new(), &mut |_| ()).unwrap();
    assert!(net.step().unwrap_err().contains("lost the server"));
}
