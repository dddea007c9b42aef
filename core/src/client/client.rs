use core::net::SocketAddr;

use heapless::Vec;

use super::config::Config;
use super::engine::Engine;
use super::link_table::{LinkTable, Slot};
use super::state::{Listing, ServerState, State};
use crate::delivery::{Block, Outbox};
use crate::error::{AcceptError, SendError, WatchError};
use crate::id::{Endpoint, LinkId, MessageId, PublicKey, UserId};
use crate::io::{Output, Received};
use crate::limits::{MAX_ENDPOINTS, MAX_WATCHED};
use crate::noise::Identity;
use crate::peer_table::{Peer, PeerTable};
use crate::time::Instant;
use crate::timer::TimerTable;

/// Runs the whole client side of the protocol, without sockets, clocks or memory of its own.
///
/// `PEERS` users can be known, up to 512, `LINKS` links open at a time (one to the server, one to
/// each peer with a direct link, and a few for handshakes), and `BLOCKS` blocks of 60 bytes hold
/// the messages that are not acknowledged. The crate page shows the loop that drives it.
///
/// After every input, and every [`transmit`](Self::transmit), the host drains [`poll`](Self::poll)
/// until it says [`Output::Wait`].
pub struct Client<const PEERS: usize, const LINKS: usize, const BLOCKS: usize> {
    state: State,
    links: LinkTable<[Slot; LINKS]>,
    link_timers: TimerTable<[Instant; LINKS]>,
    peers: PeerTable<[Option<Peer>; PEERS]>,
    peer_timers: TimerTable<[Instant; PEERS]>,
    outbox: Outbox<[Block; BLOCKS]>,
}

impl<const PEERS: usize, const LINKS: usize, const BLOCKS: usize> Client<PEERS, LINKS, BLOCKS> {
    /// Makes a client that wants to log in to its server at once.
    ///
    /// `secret_seed` is 32 secret bytes from a strong random source, fresh at each start: what is
    /// sealed for users rests on them.
    pub fn new(config: Config, identity: Identity, secret_seed: [u8; 32], now: Instant) -> Self {
        const { assert!(PEERS > 0 && LINKS > 2 && BLOCKS > 0, "a client needs some of each") };
        const { assert!(PEERS <= MAX_WATCHED, "no server watches more users for a client") };
        // Each part is made by a call that is not inlined, so that the compiler lets it be made right
        // where the client stays: else this takes as much of a device's stack again.
        Self {
            state: State::new(config, identity, secret_seed, now),
            links: LinkTable::<[Slot; LINKS]>::new(),
            link_timers: TimerTable::<[Instant; LINKS]>::new(),
            peers: PeerTable::<[Option<Peer>; PEERS]>::new(),
            peer_timers: TimerTable::<[Instant; PEERS]>::new(),
            outbox: Outbox::<[Block; BLOCKS]>::new(),
        }
    }

    pub(super) fn engine(&mut self) -> Engine<'_> {
        Engine {
            state: &mut self.state,
            links: &mut self.links,
            link_timers: &mut self.link_timers,
            peers: &mut self.peers,
            peer_timers: &mut self.peer_timers,
            outbox: &mut self.outbox,
        }
    }

    /// Takes in that a pipe asked for by [`Output::Open`] is open.
    ///
    /// `ephemeral` is 32 fresh secret random bytes: the key of this one handshake.
    pub fn opened(&mut self, now: Instant, link: LinkId, ephemeral: [u8; 32]) {
        self.engine().opened(now, link, ephemeral);
    }

    /// Takes in that a peer at `addr` opened a pipe to this client, and names the link.
    ///
    /// `ephemeral` is 32 fresh secret random bytes: the key of this one handshake.
    ///
    /// # Errors
    /// An [`AcceptError`] if there is no room or no direct links are allowed; the host closes the
    /// pipe.
    pub fn accepted(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError> {
        self.engine().accepted(now, addr, ephemeral)
    }

    /// Takes in that a pipe broke, was closed by the other side, or could not be opened.
    pub fn closed(&mut self, now: Instant, link: LinkId) {
        self.engine().closed(now, link);
    }

    /// Takes in the bytes that a link's buffer holds, and says how many to drop from its front.
    ///
    /// Records are opened in place and a message is borrowed from `bytes`. The host calls again
    /// with the bytes that remain, joined by new ones at the end, as long as something was consumed
    /// or a message given; then it reads on. The buffer grows to [`Received::need`] bytes, at most
    /// some 100 KiB with the limits of a host.
    pub fn received<'b>(
        &mut self,
        now: Instant,
        link: LinkId,
        bytes: &'b mut [u8],
    ) -> Received<'b> {
        self.engine().received(now, link, bytes)
    }

    /// Takes in that time has passed: at the instant of the last [`Output::Wait`], or any other.
    pub fn timeout(&mut self, now: Instant) {
        self.engine().timeout(now);
    }

    /// Says what the host does next. Time is passed for the choice only; nothing times out here.
    pub fn poll(&mut self, now: Instant) -> Output {
        self.engine().poll(now)
    }

    /// Fills `buf` with bytes for a link and returns their number; 0 if it has nothing to send.
    ///
    /// The host calls this when the link's pipe can take bytes, and sends every byte it got before
    /// it calls again. A buffer shorter than the longest message this device sends, and 160 bytes
    /// for the handshake, holds that message up for ever.
    pub fn transmit(&mut self, now: Instant, link: LinkId, buf: &mut [u8]) -> usize {
        self.engine().transmit(now, link, buf, None)
    }

    /// Fills `buf` as [`transmit`](Self::transmit) does, with what `transfers` have to send behind all else;
    /// `source` gives the bytes of files right where they go.
    ///
    /// Only what is sent so is said of files: `transfers` are drained after each call, and the links of
    /// whom they name [kicked](Self::kick_files).
    #[cfg(feature = "files")]
    pub fn transmit_files(
        &mut self,
        now: Instant,
        link: LinkId,
        buf: &mut [u8],
        transfers: &mut crate::files::Transfers,
        source: &mut dyn crate::files::Source,
    ) -> usize {
        let files = super::file_mail::FilesOut { transfers, source };
        self.engine().transmit(now, link, buf, Some(files))
    }

    /// Notes that something of a file is to go to a user, once there is a way.
    #[cfg(feature = "files")]
    pub fn kick_files(&mut self, now: Instant, user: &UserId) {
        self.engine().kick_files(now, user);
    }

    /// Accepts a text for a user and names the message; `sent_ms` is the time shown to people, in
    /// milliseconds since 1970.
    ///
    /// From here on the message is kept until it is delivered or has failed, which an
    /// [`Event`](crate::io::Event) tells.
    ///
    /// # Errors
    /// A [`SendError`]; nothing was kept then.
    pub fn send(
        &mut self,
        now: Instant,
        to: &UserId,
        text: &str,
        sent_ms: u64,
    ) -> Result<MessageId, SendError> {
        self.engine().send(now, to, None, text, sent_ms)
    }

    /// Accepts a text as [`send`](Self::send) does, under a number that the host gave it.
    ///
    /// For hosts that number and keep their messages before they send them, and send again after a
    /// restart what was not settled: in the order of the numbers, and each higher than the last to
    /// this user, since numbers that are passed over count as failed. While nothing for this user is
    /// kept here, any number begins; but nobody goes back to a numbering that was left for another.
    ///
    /// # Errors
    /// A [`SendError`]; nothing was kept then.
    pub fn send_numbered(
        &mut self,
        now: Instant,
        to: &UserId,
        number: MessageId,
        text: &str,
        sent_ms: u64,
    ) -> Result<(), SendError> {
        self.engine().send(now, to, Some(number), text, sent_ms).map(drop)
    }

    /// Acknowledges a received message, and all before it, to its sender: the host has kept it.
    pub fn acknowledge(&mut self, now: Instant, from: &UserId, id: MessageId) {
        self.engine().acknowledge(now, from, id);
    }

    /// Goes on with a numbering of which the server keeps some messages: `first` is the lowest that
    /// is neither delivered nor failed, `stored` the last that the server keeps.
    ///
    /// For hosts that send again after a restart what was not settled; the messages behind `stored`
    /// follow with [`send_numbered`](Self::send_numbered). Nothing for this user may be kept here.
    ///
    /// # Errors
    /// A [`SendError`]; nothing has changed then.
    pub fn resume(
        &mut self,
        now: Instant,
        to: &UserId,
        first: MessageId,
        stored: u64,
    ) -> Result<(), SendError> {
        self.engine().resume(now, to, first, stored)
    }

    /// Keeps a user in the peer table, whether or not messages go to it, until
    /// [`unwatch`](Self::unwatch): with [`Interest::Known`](crate::Interest::Known) the server
    /// tells of it.
    ///
    /// # Errors
    /// A [`WatchError`]; nothing has changed then.
    pub fn watch(&mut self, now: Instant, user: &UserId) -> Result<(), WatchError> {
        self.engine().watch(now, user)
    }

    /// Ends what [`watch`](Self::watch) began: the user stays in the peer table until another needs
    /// the room.
    pub fn unwatch(&mut self, user: &UserId) {
        self.engine().unwatch(user);
    }

    /// Says which key of a user the host remembers, if any: any other is told of, with
    /// [`Event::KeyChanged`](crate::io::Event::KeyChanged), and if this one was verified by people,
    /// nothing is sent to the other until the host pins that.
    pub fn pin(&mut self, now: Instant, user: &UserId, key: Option<PublicKey>, verified: bool) {
        self.engine().pin(now, user, key, verified);
    }

    /// Tells whether nothing is sent to a user, since it has another key than the one that was
    /// verified. That ends when the host pins the other one, or the user is back with the first.
    pub fn is_blocked(&self, user: &UserId) -> bool {
        let peers: &PeerTable = &self.peers;
        peers.find(user).and_then(|index| peers.get(index)).is_some_and(|peer| peer.is_blocked)
    }

    /// Tells the sender of a received message that a person has seen it, and all before it.
    pub fn mark_read(&mut self, now: Instant, from: &UserId, id: MessageId) {
        self.engine().mark_read(now, from, id);
    }

    /// Sets where the host accepts direct links, the likeliest address first; more than 8 are
    /// dropped. The next login tells the server.
    pub fn listen_on(&mut self, addrs: impl IntoIterator<Item = SocketAddr>) {
        let endpoints: Vec<_, MAX_ENDPOINTS> =
            addrs.into_iter().take(MAX_ENDPOINTS).map(Endpoint::new).collect();
        self.state.config.endpoints = endpoints;
    }

    /// Takes in that the host's addresses changed: it came to a network, left one, or is in another.
    ///
    /// What waits for its next try is tried at once, and a link that is dead is found out soon. Links
    /// of addresses that are gone the host reports as [`closed`](Self::closed) itself, and the next
    /// login tells the server of new ones that were [set](Self::listen_on).
    pub fn moved(&mut self, now: Instant) {
        self.engine().on_moved(now);
    }

    /// Ends every link in good order; the client is stopped, and accepts nothing more.
    ///
    /// The host drains and transmits until no link is left, or no longer than it wants to wait.
    pub fn close(&mut self, now: Instant) {
        self.engine().close(now);
    }

    /// Returns this client's own key.
    pub fn public_key(&self) -> PublicKey {
        self.state.identity.public()
    }

    /// Tells whether the client will never dial its server again: it was closed, its session was
    /// replaced, or its login was refused for good.
    pub fn is_stopped(&self) -> bool {
        self.state.server == ServerState::Stopped
    }

    /// Tells whether the session is up and the list of users that were online at its start is
    /// complete.
    pub fn is_ready(&self) -> bool {
        self.state.server_link().is_some() && self.state.listing == Listing::Done
    }

    /// Tells whether any link is left.
    pub fn has_links(&self) -> bool {
        let links: &LinkTable = &self.links;
        links.iter().next().is_some()
    }
}
