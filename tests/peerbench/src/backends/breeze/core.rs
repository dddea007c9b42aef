//! The state machine of one client, in the smallest size that will do.

use breeze_core::error::SendError;
use breeze_core::id::{LinkId, MessageId, UserId};
use breeze_core::io::{Output, Received};
use breeze_core::noise::Identity;
use breeze_core::time::Instant;
use breeze_core::{Client, Config};

use crate::backend::Outgoing;

/// A client's links: one to the server, and the least that the core has slots for.
const LINKS: usize = 3;
/// Blocks for a few messages, and for all that a host usually has on its way.
const FEW: usize = 1024;
const MANY: usize = 32 * 1024;
/// Room for the largest client several times over.
const STACK: usize = 32 << 20;
/// Bytes of a message that a block holds.
const BLOCK: usize = 60;
/// Bytes that a message takes beside its payload, at most: sender's name, time, lengths, and a stamp
/// that grows as it becomes text.
const OVERHEAD: usize = 64;

/// A `breeze_core::Client` of any size.
pub trait Core {
    fn opened(&mut self, now: Instant, link: LinkId, ephemeral: [u8; 32]);
    fn received<'b>(&mut self, now: Instant, link: LinkId, bytes: &'b mut [u8]) -> Received<'b>;
    fn timeout(&mut self, now: Instant);
    fn poll(&mut self, now: Instant) -> Output;
    fn transmit(&mut self, now: Instant, link: LinkId, buf: &mut [u8]) -> usize;
    fn send(&mut self, now: Instant, to: &UserId, text: &str, sent_ms: u64) -> Result<MessageId, SendError>;
    fn acknowledge(&mut self, now: Instant, from: &UserId, id: MessageId);
    fn is_ready(&self) -> bool;
}

/// What a client is made of.
pub struct Parts {
    pub config: Config,
    pub identity: Identity,
    pub secret_seed: [u8; 32],
    pub now: Instant,
}

/// Makes a client for what it has to send; one that sends nothing hears of one peer at a time.
pub fn make(outgoing: Option<Outgoing>, parts: Parts) -> Box<dyn Core> {
    let Some(Outgoing { peers, window, size }) = outgoing else { return sized::<1, 8>(parts) };
    // A recipient may hold as much as is free, and so half of all.
    let blocks = window.saturating_mul((size + OVERHEAD).div_ceil(BLOCK) as u64 * 2);
    match peers {
        0..=1 if blocks <= FEW as u64 => sized::<1, FEW>(parts),
        0..=1 => large::<1, MANY>(parts),
        2..=128 => large::<128, MANY>(parts),
        129.. => large::<512, MANY>(parts),
    }
}

fn sized<const PEERS: usize, const BLOCKS: usize>(parts: Parts) -> Box<dyn Core + Send> {
    let Parts { config, identity, secret_seed, now } = parts;
    Box::new(Client::<PEERS, LINKS, BLOCKS>::new(config, identity, secret_seed, now))
}

/// Makes a client of megabytes, which are moved about on the stack meanwhile.
fn large<const PEERS: usize, const BLOCKS: usize>(parts: Parts) -> Box<dyn Core> {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(|| sized::<PEERS, BLOCKS>(parts));
    let made = thread.map(std::thread::JoinHandle::join).expect("a thread can be started");
    made.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

impl<const P: usize, const L: usize, const B: usize> Core for Client<P, L, B> {
    fn opened(&mut self, now: Instant, link: LinkId, ephemeral: [u8; 32]) {
        Self::opened(self, now, link, ephemeral);
    }

    fn received<'b>(&mut self, now: Instant, link: LinkId, bytes: &'b mut [u8]) -> Received<'b> {
        Self::received(self, now, link, bytes)
    }

    fn timeout(&mut self, now: Instant) {
        Self::timeout(self, now);
    }

    fn poll(&mut self, now: Instant) -> Output {
        Self::poll(self, now)
    }

    fn transmit(&mut self, now: Instant, link: LinkId, buf: &mut [u8]) -> usize {
        Self::transmit(self, now, link, buf)
    }

    fn send(&mut self, now: Instant, to: &UserId, text: &str, sent_ms: u64) -> Result<MessageId, SendError> {
        Self::send(self, now, to, text, sent_ms)
    }

    fn acknowledge(&mut self, now: Instant, from: &UserId, id: MessageId) {
        Self::acknowledge(self, now, from, id);
    }

    fn is_ready(&self) -> bool {
        Self::is_ready(self)
    }
}
