use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use breeze_core::Mesh;
use breeze_core::error::AcceptError;
use breeze_core::id::LinkId;
use breeze_core::io::Target;
use breeze_core::time::Instant;
use smol::channel::Sender;

use super::any_client::AnyClient;
use super::duty::Duty;
use super::member::Member;
use super::recruit::Recruit;
use super::squad::Squad;
use super::stamp::Stamped;
use super::stopwatch::{Stopwatch, nanos};
use super::tally::Tally;
use super::trouble::Trouble;
use crate::server_addr::canonical;

/// Drives many sessions as one machine, so that they share a thread, a buffer and a timer.
///
/// Only sessions that something happened to are polled, and only those whose time has come hear of
/// time: what the others cost is their memory.
pub(super) struct Fleet {
    pub(super) members: Vec<Member>,
    /// The most links that a member has: link `l` of member `m` is the fleet's link `m * stride + l`.
    stride: usize,
    /// Members that may have something to say.
    pub(super) touched: Vec<usize>,
    /// When members have to hear of time.
    pub(super) deadlines: BTreeSet<(Instant, usize)>,
    /// Pipes to be opened.
    pub(super) opens: Sender<Dial>,
    pub(super) stopwatch: Arc<Stopwatch>,
    pub(super) text: Stamped,
    /// Those who are to send do so.
    pub(super) sending: bool,
    pub(super) tally: Tally,
    pub(super) trouble: Trouble,
    /// What there is no use in waiting after.
    pub(super) hopeless: Option<String>,
    /// How many members of each squad have a session.
    pub(super) connected: [usize; Squad::COUNT],
    /// How many of those can begin with their duty.
    pub(super) ready: [usize; Squad::COUNT],
    /// The direct links that are up, each counted at this end.
    pub(super) direct: usize,
}

/// Asks for a pipe for one member.
#[derive(Debug)]
pub(super) struct Dial {
    pub(super) member: usize,
    /// The fleet's link.
    pub(super) link: LinkId,
    pub(super) target: Target,
}

impl Fleet {
    pub(super) fn new(
        recruits: Vec<Recruit>,
        stopwatch: Arc<Stopwatch>,
        opens: Sender<Dial>,
    ) -> Self {
        let stride = recruits.iter().map(|recruit| recruit.capacity.links()).max().unwrap_or(1);
        Self {
            members: recruits.into_iter().map(Member::new).collect(),
            stride,
            touched: Vec::new(),
            deadlines: BTreeSet::new(),
            opens,
            stopwatch,
            text: Stamped::default(),
            sending: false,
            tally: Tally::default(),
            trouble: Trouble::default(),
            hopeless: None,
            connected: [0; Squad::COUNT],
            ready: [0; Squad::COUNT],
            direct: 0,
        }
    }

    /// Lets a member log in.
    pub(super) fn launch(&mut self, now: Instant, index: usize) {
        match self.members[index].recruit.client(now) {
            Ok(mut client) => {
                client.timeout(now);
                let member = &mut self.members[index];
                (member.client, member.closing) = (Some(client), false);
                self.touch(index);
            }
            Err(error) => self.trouble.note(error.to_string()),
        }
    }

    /// Ends a member's session in good order.
    pub(super) fn log_out(&mut self, now: Instant, index: usize) {
        let member = &mut self.members[index];
        if let Some(client) = &mut member.client {
            member.closing = true;
            client.close(now);
            self.touch(index);
        }
    }

    /// Forgets a session that has ended. Its links are named anew by the next one, so no connection
    /// may be left.
    pub(super) fn dismiss(&mut self, index: usize) {
        let member = &mut self.members[index];
        let deadline = std::mem::replace(&mut member.deadline, Instant::NEVER);
        self.deadlines.remove(&(deadline, index));
        self.direct -= member.direct.len();
        *member = Member {
            counted_connected: member.counted_connected,
            counted_ready: member.counted_ready,
            ..Member::new(member.recruit.clone())
        };
        self.count(index);
    }

    /// Takes in that a pipe is open.
    pub(super) fn opened(&mut self, now: Instant, link: LinkId, ephemeral: [u8; 32]) {
        self.feed(link, |client, inner| client.opened(now, inner, ephemeral));
    }

    /// Takes in a connection at one member's listener. The link needs a slot before the next pump.
    pub(super) fn accepted_by(
        &mut self,
        now: Instant,
        index: usize,
        addr: SocketAddr,
        ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError> {
        let Some(client) = &mut self.members[index].client else {
            return Err(AcceptError::Closed);
        };
        let inner = client.accepted(now, canonical(addr), ephemeral)?;
        self.touch(index);
        Ok(self.outside(index, inner))
    }

    /// Says where a member accepts direct links.
    pub(super) fn listens(&mut self, index: usize, addrs: Vec<SocketAddr>) {
        if let Some(client) = &mut self.members[index].client {
            client.listen_on(addrs);
        }
    }

    /// Tells whether a member has direct links.
    pub(super) fn meshes(&self, index: usize) -> bool {
        self.members[index].recruit.mesh != Mesh::Off
    }

    /// Sends whatever it is time for, and has all others wait.
    pub(super) fn start_sending(&mut self, now: Instant) {
        self.sending = true;
        let from = self.stopwatch.nanos();
        let senders = self.senders().count() as u64;
        for (n, index) in (0..).zip(self.senders().collect::<Vec<_>>()) {
            let member = &mut self.members[index];
            if let Duty::Send(sending) = member.recruit.duty {
                // Not all at the same time, where there is a time for each.
                let period = nanos(sending.period.unwrap_or_default());
                member.next_due = from + period * n / senders;
            }
            self.fill(now, index);
        }
    }

    /// Returns the members that are to send.
    pub(super) fn senders(&self) -> impl Iterator<Item = usize> {
        let sends = |member: &Member| matches!(member.recruit.duty, Duty::Send(_));
        self.members.iter().enumerate().filter(move |(_, member)| sends(member)).map(|(n, _)| n)
    }

    /// Tells whether any member sends by the clock.
    pub(super) fn is_paced(&self) -> bool {
        let paced = |duty| matches!(duty, Duty::Send(sending) if sending.period.is_some());
        self.members.iter().any(|member| paced(member.recruit.duty))
    }

    /// Returns how many messages have been sent and have not got through.
    pub(super) fn under_way(&self) -> usize {
        let all: u64 = self.senders().map(|index| self.members[index].under_way).sum();
        usize::try_from(all).unwrap_or(usize::MAX)
    }

    /// Counts a member among those that have a session and are ready, or not any more.
    pub(super) fn count(&mut self, index: usize) {
        let member = &mut self.members[index];
        let squad = member.recruit.squad as usize;
        let (connected, ready) = (member.connected, member.is_ready());
        recount(&mut member.counted_connected, connected, &mut self.connected[squad]);
        recount(&mut member.counted_ready, ready, &mut self.ready[squad]);
    }

    pub(super) fn touch(&mut self, index: usize) {
        if !std::mem::replace(&mut self.members[index].touched, true) {
            self.touched.push(index);
        }
    }

    /// Returns the fleet's name of a member's link. Generations are the member's.
    pub(super) fn outside(&self, index: usize, inner: LinkId) -> LinkId {
        let generation = inner.to_bits() >> 32;
        LinkId::from_bits(generation << 32 | (index * self.stride + inner.slot()) as u64)
    }

    /// Returns the member that has a link, and how that calls it.
    pub(super) fn inside(&self, link: LinkId) -> (usize, LinkId) {
        let (index, slot) = (link.slot() / self.stride, link.slot() % self.stride);
        (index, LinkId::from_bits(link.to_bits() >> 32 << 32 | slot as u64))
    }

    pub(super) fn feed<R>(
        &mut self,
        link: LinkId,
        feed: impl FnOnce(&mut dyn AnyClient, LinkId) -> R,
    ) -> Option<R> {
        let (index, inner) = self.inside(link);
        let result = feed(self.members.get_mut(index)?.client.as_deref_mut()?, inner);
        self.touch(index);
        Some(result)
    }
}

/// Keeps a number of those for whom something holds.
fn recount(counted: &mut bool, holds: bool, number: &mut usize) {
    match (std::mem::replace(counted, holds), holds) {
        (false, true) => *number += 1,
        (true, false) => *number -= 1,
        (true, true) | (false, false) => {}
    }
}
