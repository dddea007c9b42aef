use std::net::SocketAddr;

use breeze_core::error::{AcceptError, SendError, WatchError};
use breeze_core::files::{Source, Transfers};
use breeze_core::id::{LinkId, MessageId, PublicKey, UserId};
use breeze_core::io::{Output, Received};
use breeze_core::noise::Identity;
use breeze_core::time::Instant;
use breeze_core::{Client, Config};

/// Runs a client whatever its capacities.
pub trait ClientMachine {
    /// See [`Client::opened`].
    fn opened(&mut self, now: Instant, link: LinkId, ephemeral: [u8; 32]);
    /// See [`Client::accepted`].
    ///
    /// # Errors
    /// Those of [`Client::accepted`].
    fn accepted(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError>;
    /// See [`Client::closed`].
    fn closed(&mut self, now: Instant, link: LinkId);
    /// See [`Client::received`].
    fn received<'b>(&mut self, now: Instant, link: LinkId, bytes: &'b mut [u8]) -> Received<'b>;
    /// See [`Client::timeout`].
    fn timeout(&mut self, now: Instant);
    /// See [`Client::poll`].
    fn poll(&mut self, now: Instant) -> Output;
    /// See [`Client::transmit_files`].
    fn transmit_files(
        &mut self,
        now: Instant,
        link: LinkId,
        buf: &mut [u8],
        transfers: &mut Transfers,
        source: &mut dyn Source,
    ) -> usize;
    /// See [`Client::kick_files`].
    fn kick_files(&mut self, now: Instant, user: &UserId);
    /// See [`Client::send`].
    ///
    /// # Errors
    /// Those of [`Client::send`].
    fn send(
        &mut self,
        now: Instant,
        to: &UserId,
        text: &str,
        sent_ms: u64,
    ) -> Result<MessageId, SendError>;
    /// See [`Client::send_numbered`].
    ///
    /// # Errors
    /// Those of [`Client::send_numbered`].
    fn send_numbered(
        &mut self,
        now: Instant,
        to: &UserId,
        number: MessageId,
        text: &str,
        sent_ms: u64,
    ) -> Result<(), SendError>;
    /// See [`Client::resume`].
    ///
    /// # Errors
    /// Those of [`Client::resume`].
    fn resume(
        &mut self,
        now: Instant,
        to: &UserId,
        first: MessageId,
        stored: u64,
    ) -> Result<(), SendError>;
    /// See [`Client::watch`].
    ///
    /// # Errors
    /// Those of [`Client::watch`].
    fn watch(&mut self, now: Instant, user: &UserId) -> Result<(), WatchError>;
    /// See [`Client::pin`].
    fn pin(&mut self, now: Instant, user: &UserId, key: Option<PublicKey>, verified: bool);
    /// See [`Client::listen_on`].
    fn listen_on(&mut self, addrs: Vec<SocketAddr>);
    /// See [`Client::mark_read`].
    fn mark_read(&mut self, now: Instant, from: &UserId, id: MessageId);
    /// See [`Client::acknowledge`].
    fn acknowledge(&mut self, now: Instant, from: &UserId, id: MessageId);
    /// See [`Client::moved`].
    fn moved(&mut self, now: Instant);
    /// See [`Client::close`].
    fn close(&mut self, now: Instant);
    /// See [`Client::is_stopped`].
    fn is_stopped(&self) -> bool;
    /// See [`Client::is_ready`].
    fn is_ready(&self) -> bool;
    /// See [`Client::has_links`].
    fn has_links(&self) -> bool;
}

/// Says how large a client's tables are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A microcontroller: 4 peers, 8 links, 64 blocks.
    Device,
    /// A host in a small office: 16 peers, 40 links, 3,072 blocks.
    Office,
    /// A host that knows some of many: 64 peers, 6 links, 32 blocks.
    Listed,
    /// A host that knows a whole company: 512 peers, 40 links, 2,048 blocks.
    Company,
}

impl Size {
    pub(super) fn make(
        self,
        config: Config,
        identity: Identity,
        secret: [u8; 32],
        now: Instant,
    ) -> Box<dyn ClientMachine> {
        match self {
            Self::Device => Box::new(Client::<4, 8, 64>::new(config, identity, secret, now)),
            Self::Office => Box::new(Client::<16, 40, 3072>::new(config, identity, secret, now)),
            Self::Listed => Box::new(Client::<64, 6, 32>::new(config, identity, secret, now)),
            // It is moved about on the stack while it is made, which a test's thread has little of.
            Self::Company => std::thread::Builder::new()
                .stack_size(16 * 1024 * 1024)
                .spawn(move || {
                    Box::new(Client::<512, 40, 2048>::new(config, identity, secret, now))
                })
                .and_then(|thread| thread.join().map_err(|_| std::io::Error::other("panicked")))
                .expect("a client"),
        }
    }
}

impl<const P: usize, const L: usize, const B: usize> ClientMachine for Client<P, L, B> {
    fn opened(&mut self, now: Instant, link: LinkId, ephemeral: [u8; 32]) {
        Self::opened(self, now, link, ephemeral);
    }

    fn accepted(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError> {
        Self::accepted(self, now, addr, ephemeral)
    }

    fn closed(&mut self, now: Instant, link: LinkId) {
        Self::closed(self, now, link);
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

    fn transmit_files(
        &mut self,
        now: Instant,
        link: LinkId,
        buf: &mut [u8],
        transfers: &mut Transfers,
        source: &mut dyn Source,
    ) -> usize {
        Self::transmit_files(self, now, link, buf, transfers, source)
    }

    fn kick_files(&mut self, now: Instant, user: &UserId) {
        Self::kick_files(self, now, user);
    }

    fn send(
        &mut self,
        now: Instant,
        to: &UserId,
        text: &str,
        sent_ms: u64,
    ) -> Result<MessageId, SendError> {
        Self::send(self, now, to, text, sent_ms)
    }

    fn send_numbered(
        &mut self,
        now: Instant,
        to: &UserId,
        number: MessageId,
        text: &str,
        sent_ms: u64,
    ) -> Result<(), SendError> {
        Self::send_numbered(self, now, to, number, text, sent_ms)
    }

    fn resume(
        &mut self,
        now: Instant,
        to: &UserId,
        first: MessageId,
        stored: u64,
    ) -> Result<(), SendError> {
        Self::resume(self, now, to, first, stored)
    }

    fn watch(&mut self, now: Instant, user: &UserId) -> Result<(), WatchError> {
        Self::watch(self, now, user)
    }

    fn pin(&mut self, now: Instant, user: &UserId, key: Option<PublicKey>, verified: bool) {
        Self::pin(self, now, user, key, verified);
    }

    fn listen_on(&mut self, addrs: Vec<SocketAddr>) {
        Self::listen_on(self, addrs);
    }

    fn mark_read(&mut self, now: Instant, from: &UserId, id: MessageId) {
        Self::mark_read(self, now, from, id);
    }

    fn acknowledge(&mut self, now: Instant, from: &UserId, id: MessageId) {
        Self::acknowledge(self, now, from, id);
    }

    fn moved(&mut self, now: Instant) {
        Self::moved(self, now);
    }

    fn close(&mut self, now: Instant) {
        Self::close(self, now);
    }

    fn is_stopped(&self) -> bool {
        Self::is_stopped(self)
    }

    fn is_ready(&self) -> bool {
        Self::is_ready(self)
    }

    fn has_links(&self) -> bool {
        Self::has_links(self)
    }
}
