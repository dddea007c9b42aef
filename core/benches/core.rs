//! What each step of a message costs in the core: time, bytes and allocations.
//!
//! `cargo bench -p breeze-core` shows all of them; PERFORMANCE.md says what was found.

mod bare;

use std::cell::RefCell;

use bare::{Bare, NOW, feed};
use breeze_core::id::{Epoch, UserId};
use breeze_core::io::ServerOutput;
use breeze_core::noise::{Handshake, Identity, Transport};
use breeze_core::wire::{Message, Relay, RelayItem, Sealed, append_frame};
use breeze_core::{Server, ServerConfig};
use divan::counter::{BytesCount, ItemsCount};
use divan::{AllocProfiler, Bencher, black_box};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// Bytes of a message's body.
const SIZES: [usize; 3] = [64, 1024, 16 * 1024];

fn main() {
    divan::main();
}

/// A message as it goes to the server, for somebody.
fn relayed(peer: UserId, seq: u64, body: &[u8]) -> Message<'_> {
    let sealed =
        Sealed { epoch: Epoch::from_bits(7 << 40), seq, back: 3, gap: 0, envelope: &[], body };
    Message::Relay(Relay { peer, item: RelayItem::Sealed(sealed) })
}

fn somebody() -> UserId {
    UserId::new("somebody").expect("a name")
}

#[divan::bench(args = SIZES)]
fn encode(bencher: Bencher<'_, '_>, size: usize) {
    let body = vec![7; size];
    let message = relayed(somebody(), 1000, &body);
    let mut out = Vec::with_capacity(32 * 1024);
    bencher.counter(BytesCount::new(size)).bench_local(|| {
        out.clear();
        append_frame(&mut out, black_box(&message));
    });
}

#[divan::bench(args = SIZES)]
fn decode(bencher: Bencher<'_, '_>, size: usize) {
    let body = vec![7; size];
    let mut frame = Vec::new();
    append_frame(&mut frame, &relayed(somebody(), 1000, &body));
    let start = frame.iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
    bencher
        .counter(BytesCount::new(size))
        .bench_local(|| Message::decode(black_box(&frame[start..])).is_ok());
}

/// Both ends of a link after its handshake.
fn transports() -> [Transport; 2] {
    let [dialler, listener] = [1, 2].map(|secret| Identity::from_secret([secret; 32]));
    let mut ends =
        [Handshake::initiator(&dialler, [3; 32], None), Handshake::responder(&listener, [4; 32])];
    for turn in 0..3 {
        let mut message = [0; 256];
        let [from, to] = [turn % 2, 1 - turn % 2];
        let len = ends[from].write(&[], &mut message).expect("its turn");
        ends[to].read(&message[..len], &mut [0; 256]).expect("an honest message");
    }
    ends.map(|end| end.finish().expect("the end of the handshake"))
}

#[divan::bench(args = SIZES)]
fn seal(bencher: Bencher<'_, '_>, size: usize) {
    let [mut from, _] = transports();
    let mut record = vec![7; size + 16];
    bencher
        .counter(BytesCount::new(size))
        .bench_local(|| from.seal_in_place(black_box(&mut record), size).is_ok());
}

#[divan::bench(args = SIZES)]
fn open(bencher: Bencher<'_, '_>, size: usize) {
    let [mut from, mut to] = transports();
    bencher
        .counter(BytesCount::new(size))
        .with_inputs(|| {
            let mut record = vec![7; size + 16];
            from.seal_in_place(&mut record, size).expect("sealed");
            record
        })
        .bench_local_refs(|record| to.open_in_place(black_box(record)).is_ok());
}

/// All three messages of a handshake, at both ends.
#[divan::bench]
fn handshake() -> [Transport; 2] {
    transports()
}

/// A server with two sessions among others, and messages from one to the other.
struct Scene {
    server: Server,
    from: Bare,
    to: Bare,
    buf: Vec<u8>,
    seq: u64,
}

impl Scene {
    fn new(sessions: u32) -> Self {
        let config = ServerConfig { max_sessions: 20_000, ..ServerConfig::default() };
        let mut server = Server::new(config, Identity::from_secret([9; 32]));
        let mut all = (0..sessions).map(|number| Bare::log_in(&mut server, number));
        let [from, to] = [(); 2].map(|()| all.next().expect("two at least"));
        all.for_each(drop);
        Self { server, from, to, buf: vec![0; 128 * 1024], seq: 1000 }
    }

    /// Seals the next messages, as they come in one read.
    fn batch(&mut self, count: usize, size: usize) -> Vec<u8> {
        let body = vec![7; size];
        let to = &self.to.user;
        let messages: Vec<_> =
            (1..).take(count).map(|n| relayed(to.clone(), self.seq + n, &body)).collect();
        self.seq += count as u64;
        self.from.records(&messages)
    }

    /// Has the server pass them on, and returns how many bytes that made.
    fn relay(&mut self, batch: &mut [u8]) -> usize {
        feed(&mut self.server, self.from.link, batch);
        let mut sent = 0;
        loop {
            match self.server.poll() {
                ServerOutput::Transmit(link) => loop {
                    let len = self.server.transmit(NOW, link, &mut self.buf);
                    if len == 0 {
                        break;
                    }
                    sent += len;
                },
                ServerOutput::Wait(_) => return sent,
                ServerOutput::Event(event) => panic!("nothing but messages: {event:?}"),
                ServerOutput::Close(link) => panic!("{link:?} is closed"),
            }
        }
    }
}

/// A relay step of so many messages at a time, of so many bytes each: read, routed and written.
#[divan::bench(args = [(1, 64), (16, 64), (1, 1024), (16, 1024), (1, 16_384), (4, 16_384)])]
fn relay(bencher: Bencher<'_, '_>, (count, size): (usize, usize)) {
    relay_among(bencher, 10, count, size);
}

/// The same with as many sessions.
#[divan::bench(args = [10, 100, 1_000, 10_000])]
fn relay_with_sessions(bencher: Bencher<'_, '_>, sessions: u32) {
    relay_among(bencher, sessions, 16, 64);
}

fn relay_among(bencher: Bencher<'_, '_>, sessions: u32, count: usize, size: usize) {
    let scene = RefCell::new(Scene::new(sessions));
    bencher
        .counter(ItemsCount::new(count))
        .counter(BytesCount::new(count * size))
        .with_inputs(|| scene.borrow_mut().batch(count, size))
        .bench_local_refs(|batch| scene.borrow_mut().relay(batch));
}
