use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use breeze_core::id::{LinkId, MessageId, UserId};
use breeze_core::time::Instant;

use super::disk::Disk;
use super::file_host::Files;
use super::machine::ClientMachine;
use super::member::Member;
use super::metered::Metered;
use super::puppet::PuppetEar;
use super::socket::Socket;
use super::view::View;

/// Names a host of a world. The first one is the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(pub(super) usize);

/// One machine of a world, and the state machine that it runs.
pub(super) struct Host {
    pub brain: Brain,
    /// What a client is made of, again after a restart.
    pub member: Option<Member>,
    /// How often it was started.
    pub life: u32,
    pub sockets: BTreeMap<LinkId, Socket>,
    /// The links that have, or may have, something to send.
    pub busy: BTreeSet<LinkId>,
    /// When it is woken next.
    pub wake: Instant,
    /// How far its clock is ahead of the world's.
    pub ahead: Duration,
    /// How often it was given another address.
    pub moves: u8,
    /// Whether it reads from its connections.
    pub reads: bool,
    /// Its power was cut: it does not even refuse.
    pub is_dark: bool,
    /// The users that have a session, if it is the server.
    pub online: BTreeSet<UserId>,
    /// What it has on disk, if it has one.
    pub disk: Disk,
    /// Messages that its core has yet to take, for each user in order.
    pub waiting: BTreeMap<UserId, VecDeque<(MessageId, String)>>,
    /// Its files.
    pub files: Files,
    pub view: View,
}

/// What a host runs.
pub(super) enum Brain {
    Off,
    Server(Box<Metered>),
    Client(Box<dyn ClientMachine>),
    /// Whatever the scenario says.
    Puppet(Box<PuppetEar>),
}

impl Host {
    pub(super) fn new(brain: Brain, member: Option<Member>) -> Self {
        Self {
            brain,
            member,
            life: 1,
            sockets: BTreeMap::new(),
            busy: BTreeSet::new(),
            wake: Instant::NEVER,
            ahead: Duration::ZERO,
            moves: 0,
            reads: true,
            is_dark: false,
            online: BTreeSet::new(),
            disk: Disk::default(),
            waiting: BTreeMap::new(),
            files: Files::default(),
            view: View::default(),
        }
    }

    /// The user whose client runs here.
    pub(super) fn user(&self) -> &str {
        self.member.as_ref().map_or("", |member| &member.user)
    }

    pub(super) fn is_off(&self) -> bool {
        matches!(self.brain, Brain::Off)
    }
}
