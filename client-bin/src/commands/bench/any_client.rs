use std::net::SocketAddr;

use breeze_core::Client;
use breeze_core::error::{AcceptError, SendError, WatchError};
use breeze_core::id::{LinkId, MessageId, UserId};
use breeze_core::io::{Output, Received};
use breeze_core::time::Instant;

/// Is a client, whatever its capacities, so that one fleet drives them all.
pub(super) trait AnyClient {
    fn opened(&mut self, now: Instant, link: LinkId, ephemeral: [u8; 32]);
    fn accepted(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError>;
    fn closed(&mut self, now: Instant, link: LinkId);
    fn received<'b>(&mut self, now: Instant, link: LinkId, bytes: &'b mut [u8]) -> Received<'b>;
    fn timeout(&mut self, now: Instant);
    fn poll(&mut self, now: Instant) -> Output;
    fn transmit(&mut self, now: Instant, link: LinkId, buf: &mut [u8]) -> usize;
    fn send(&mut self, now: Instant, to: &UserId, text: &str) -> Result<MessageId, SendError>;
    fn acknowledge(&mut self, now: Instant, from: &UserId, id: MessageId);
    fn watch(&mut self, now: Instant, user: &UserId) -> Result<(), WatchError>;
    fn listen_on(&mut self, addrs: Vec<SocketAddr>);
    fn close(&mut self, now: Instant);
}

impl<const PEERS: usize, const LINKS: usize, const BLOCKS: usize> AnyClient
    for Client<PEERS, LINKS, BLOCKS>
{
    fn opened(&mut self, now: Instant, link: LinkId, ephemeral: [u8; 32]) {
        self.opened(now, link, ephemeral);
    }

    fn accepted(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError> {
        self.accepted(now, addr, ephemeral)
    }

    fn closed(&mut self, now: Instant, link: LinkId) {
        self.closed(now, link);
    }

    fn received<'b>(&mut self, now: Instant, link: LinkId, bytes: &'b mut [u8]) -> Received<'b> {
        self.received(now, link, bytes)
    }

    fn timeout(&mut self, now: Instant) {
        self.timeout(now);
    }

    fn poll(&mut self, now: Instant) -> Output {
        self.poll(now)
    }

    fn transmit(&mut self, now: Instant, link: LinkId, buf: &mut [u8]) -> usize {
        self.transmit(now, link, buf)
    }

    fn send(&mut self, now: Instant, to: &UserId, text: &str) -> Result<MessageId, SendError> {
        // Nobody is shown when it was sent.
        self.send(now, to, text, 0)
    }

    fn acknowledge(&mut self, now: Instant, from: &UserId, id: MessageId) {
        self.acknowledge(now, from, id);
    }

    fn watch(&mut self, now: Instant, user: &UserId) -> Result<(), WatchError> {
        self.watch(now, user)
    }

    fn listen_on(&mut self, addrs: Vec<SocketAddr>) {
        self.listen_on(addrs);
    }

    fn close(&mut self, now: Instant) {
        self.close(now);
    }
}
