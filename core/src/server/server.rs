use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use core::net::SocketAddr;

use super::config::ServerConfig;
use super::keeping::Keeping;
use super::links::Links;
use super::strangers::Strangers;
use super::tries::Tries;
use crate::delivery::Answer;
use crate::error::{AcceptError, CloseReason, LoginRefusal};
use crate::id::{Epoch, LinkId, PublicKey, UserId};
use crate::io::{Backlog, Keep, Kept, Received, ServerOutput};
use crate::noise::Identity;
use crate::presence::{PresenceLog, WatchLists};
use crate::time::Instant;

/// Runs the whole server side of the protocol, without sockets, clocks or storage of its own.
///
/// After every input, and every [`transmit`](Self::transmit), the host drains [`poll`](Self::poll)
/// until it says [`ServerOutput::Wait`]. The frames that one read brought are one input.
pub struct Server {
    pub(super) config: ServerConfig,
    pub(super) identity: Identity,
    pub(super) links: Links,
    /// The sessions of this server, by user.
    pub(super) users: BTreeMap<UserId, Online>,
    /// The sessions that want to hear of everybody.
    pub(super) subscribers: BTreeSet<LinkId>,
    /// Whom the others want to hear of.
    pub(super) watch_lists: WatchLists,
    pub(super) log: PresenceLog,
    /// When to publish changes of presence.
    pub(super) publish_at: Instant,
    pub(super) outputs: VecDeque<ServerOutput>,
    pub(super) stopping: bool,
    /// What waits for the host's disk.
    pub(super) keeping: Keeping,
    /// Log-ins that failed.
    pub(super) tries: Tries,
    /// The links without a session.
    pub(super) strangers: Strangers,
    /// How fast files come.
    #[cfg(feature = "files")]
    pub(super) file_paces: super::files::FilePaces,
}

/// Where an online user is found.
pub(super) struct Online {
    pub link: LinkId,
    /// The number of its last change in the presence log.
    pub changed: u64,
}

impl Server {
    /// Makes a server without sessions.
    pub fn new(config: ServerConfig, identity: Identity) -> Self {
        Self {
            config,
            identity,
            links: Links::new(),
            users: BTreeMap::new(),
            subscribers: BTreeSet::new(),
            watch_lists: WatchLists::default(),
            log: PresenceLog::new(),
            publish_at: Instant::NEVER,
            outputs: VecDeque::new(),
            stopping: false,
            keeping: Keeping::default(),
            tries: Tries::default(),
            strangers: Strangers::default(),
            #[cfg(feature = "files")]
            file_paces: super::files::FilePaces::default(),
        }
    }

    /// Returns the key that clients pin.
    pub fn key(&self) -> PublicKey {
        self.identity.public()
    }

    /// Returns how many users are online.
    pub fn sessions(&self) -> usize {
        self.users.len()
    }

    /// Tells whether a user has a session.
    pub fn is_online(&self, user: &UserId) -> bool {
        self.users.contains_key(user)
    }

    /// Returns how many links there are, with those that have no session.
    pub fn links(&self) -> usize {
        self.links.len()
    }

    /// Takes in that a client at `addr` opened a pipe, and names the link.
    ///
    /// `ephemeral` is 32 fresh secret random bytes: the key of this one handshake.
    ///
    /// If there are as many links without a session as there may be, the oldest one of the network
    /// that has most of them is closed to make room.
    ///
    /// # Errors
    /// [`AcceptError::Closed`] if the server is stopping; the host closes the pipe.
    pub fn accepted(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError> {
        self.on_accepted(now, addr, ephemeral)
    }

    /// Takes in that a pipe broke or was closed by the other side.
    pub fn closed(&mut self, now: Instant, link: LinkId) {
        self.end_link(now, link, CloseReason::Disconnected, false);
    }

    /// Takes in the bytes that a link's buffer holds, and says how many to drop from its front; as
    /// [`Client::received`](crate::Client::received), but for messages: they are relayed.
    pub fn received(&mut self, now: Instant, link: LinkId, bytes: &mut [u8]) -> Received<'static> {
        self.on_received(now, link, bytes)
    }

    /// Takes in that time has passed: at the instant of the last [`ServerOutput::Wait`], or any
    /// other.
    pub fn timeout(&mut self, now: Instant) {
        self.on_timeout(now);
    }

    /// Accepts a login, after [`ServerEvent::Login`](crate::io::ServerEvent::Login), with what the
    /// host has for the user.
    ///
    /// An older session of the same user is replaced and told so. A link that is gone by now, or
    /// one too many for the configured number of sessions, is dealt with here.
    pub fn admit(&mut self, now: Instant, link: LinkId, backlog: Backlog) {
        self.on_admitted(now, link, backlog);
    }

    /// Refuses a login, after [`ServerEvent::Login`](crate::io::ServerEvent::Login).
    pub fn refuse(&mut self, now: Instant, link: LinkId, refusal: LoginRefusal) {
        self.on_refused(now, link, refusal);
    }

    /// Ends a user's session, if there is one: its account, or its key, is gone.
    pub fn expel(&mut self, now: Instant, user: &UserId) {
        self.on_expelled(now, user);
    }

    /// Tells what became of a message that was to be kept, after
    /// [`ServerEvent::Keep`](crate::io::ServerEvent::Keep).
    pub fn kept(&mut self, keep: Keep, answer: Answer) {
        self.on_kept(keep, answer);
    }

    /// Tells a sender what became of messages of a numbering to a recipient: after
    /// [`ServerEvent::Ask`](crate::io::ServerEvent::Ask), and whenever kept messages are given up.
    pub fn answer(&mut self, from: &UserId, to: &UserId, epoch: Epoch, answer: Answer) {
        self.on_answer(from, to, epoch, answer);
    }

    /// Hands over kept messages, after [`ServerEvent::Page`](crate::io::ServerEvent::Page), in the
    /// order in which they came: some hundred KiB at most, and at least one if there are any.
    /// `last` is the place of the last of them, and `more` tells whether others follow.
    ///
    /// A host that cannot read them now calls with none and `more`, later.
    pub fn deliver(&mut self, link: LinkId, page: &[Kept], last: u64, more: bool) {
        self.on_page(link, page, last, more);
    }

    /// Tells a client a user's key, none if there is no such user, after
    /// [`ServerEvent::Key`](crate::io::ServerEvent::Key).
    pub fn introduce(&mut self, link: LinkId, user: UserId, key: Option<PublicKey>) {
        self.on_introduced(link, user, key);
    }

    /// Says what the host does next.
    pub fn poll(&mut self) -> ServerOutput {
        match self.outputs.pop_front() {
            Some(output) => output,
            None => ServerOutput::Wait(self.next_deadline()),
        }
    }

    /// Fills `buf` with bytes for a link and returns their number; 0 if it has nothing to send.
    ///
    /// The host calls this when the link's pipe can take bytes, and sends every byte it got before
    /// it calls again. `buf` has at least 16 KiB, so that whole records fit.
    pub fn transmit(&mut self, now: Instant, link: LinkId, buf: &mut [u8]) -> usize {
        self.on_transmit(now, link, buf)
    }

    /// Tells every client that the server stops, and closes every link.
    ///
    /// The host drains and transmits until no link is left, or no longer than it wants to wait.
    pub fn stop(&mut self, now: Instant) {
        self.on_stop(now);
    }
}
