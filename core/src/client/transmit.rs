use super::engine::Engine;
use super::link::{Phase, Role, Want};
use super::state::{Listing, State};
use crate::delivery::Outbox;
use crate::error::CloseReason;
use crate::id::LinkId;
use crate::peer_table::{Peer, PeerTable};
use crate::time::Instant;
use crate::timer::TimerTable;
use crate::wire::{Login, Message, RecordWriter, Relay, RelayItem, Setup, SetupOk, WriteError};

/// Building what goes out, in the host's buffer.
impl Engine<'_> {
    /// Fills `buf` with bytes for a link and returns their number; 0 when there is nothing to send.
    pub(super) fn transmit(&mut self, now: Instant, id: LinkId, buf: &mut [u8]) -> usize {
        match self.fill(now, id, buf) {
            Ok(0) => {
                if let Some(link) = self.links.get_mut(id) {
                    link.want = Want::Nothing;
                }
                0
            }
            Ok(len) => {
                if let Some(link) = self.links.get_mut(id) {
                    link.want = Want::Announced;
                    link.alive.on_sent(now);
                }
                self.rearm_link(id);
                len
            }
            Err(reason) => {
                self.end_link(now, id, reason, false);
                0
            }
        }
    }

    fn fill(&mut self, now: Instant, id: LinkId, buf: &mut [u8]) -> Result<usize, CloseReason> {
        let Some(link) = self.links.get_mut(id) else { return Ok(0) };
        let Some(session) = &mut link.session else { return Ok(0) };
        if let Phase::Closing { reason: CloseReason::Version, .. } = link.phase {
            link.phase = Phase::Closed;
            self.state.link_news = true;
            return Ok(session.transmit_version(buf));
        }
        let (role, is_up) = (link.role, matches!(link.phase, Phase::Up));
        let greeting = session.transmit_handshake(buf)?;
        let Some(mut writer) = session.writer(&mut buf[greeting..]) else { return Ok(greeting) };
        match link.phase {
            Phase::Closing { reason, .. } => {
                settle(writer.push(&Message::Close(reason)))?;
                link.phase = Phase::Closed;
                self.state.link_news = true;
            }
            Phase::Opening { .. } | Phase::Closed => {}
            Phase::Starting { .. } | Phase::Waiting { .. } | Phase::Up => {
                let due = &mut link.due;
                let state = &*self.state;
                let mut pending = Pending { writer: &mut writer, full: false };
                pending.push(&mut due.pong, || Message::Pong)?;
                pending.push(&mut due.ping, || Message::Ping)?;
                pending.push(&mut due.login, || login(state))?;
                pending.push(&mut due.peers, || peers_request(state))?;
                if let Some(peer) = role.peer().and_then(|index| self.peers.get(index)) {
                    pending.push(&mut due.setup, || setup(state, peer))?;
                    let (interval, idle) = (link.alive.interval(), link.alive.idle());
                    pending.push(&mut due.setup_ok, || {
                        Message::SetupOk(SetupOk {
                            instance: state.instance,
                            keepalive_ms: interval.as_millis() as u32,
                            idle_ms: idle.as_millis() as u32,
                        })
                    })?;
                }
                if is_up && !pending.full {
                    let mut outgoing = Mail {
                        now,
                        link: id,
                        relayed: role == Role::Server,
                        state: self.state,
                        peers: self.peers,
                        peer_timers: self.peer_timers,
                        outbox: self.outbox,
                    };
                    outgoing.write(role, &mut writer)?;
                }
            }
        }
        Ok(greeting + writer.finish()?)
    }
}

/// Small messages on their way into a record.
struct Pending<'p, 'b, S> {
    writer: &'p mut RecordWriter<'b, S>,
    /// The buffer has no more room.
    full: bool,
}

impl<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>> Pending<'_, '_, S> {
    fn push<'m>(
        &mut self,
        due: &mut bool,
        message: impl FnOnce() -> Message<'m>,
    ) -> Result<(), CloseReason> {
        if *due && !self.full {
            let written = settle(self.writer.push(&message()))?;
            *due = !written;
            self.full = !written;
        }
        Ok(())
    }
}

/// Tells whether a frame was written, or has to wait for room.
fn settle(result: Result<(), WriteError>) -> Result<bool, CloseReason> {
    match result {
        Ok(()) => Ok(true),
        Err(WriteError::Full) => Ok(false),
        Err(WriteError::TooLarge) => Err(CloseReason::TooLarge),
        Err(WriteError::Close(reason)) => Err(reason),
    }
}

fn login(state: &State) -> Message<'static> {
    let config = &state.config;
    let keepalive = config.keepalive.map_or(0, |interval| interval.as_millis());
    Message::Login(Login {
        user: config.user.clone(),
        name: config.name.clone(),
        instance: state.instance,
        keepalive_ms: u32::try_from(keepalive).unwrap_or(u32::MAX),
        presence: true,
        endpoints: config.endpoints.clone(),
        ticket: &[],
    })
}

fn peers_request(state: &State) -> Message<'static> {
    let after = match &state.listing {
        Listing::Asked { after, .. } => after.clone(),
        Listing::Done => None,
    };
    Message::PeersRequest { after }
}

fn setup(state: &State, peer: &Peer) -> Message<'static> {
    Message::Setup(Setup {
        from: state.config.user.clone(),
        to: peer.user.clone(),
        instance: state.instance,
        keepalive_ms: state.agreed.0.as_millis() as u32,
        idle_ms: state.agreed.1.as_millis() as u32,
    })
}

/// Acknowledgements and chat messages on their way into records.
struct Mail<'m> {
    now: Instant,
    link: LinkId,
    relayed: bool,
    state: &'m mut State,
    peers: &'m mut PeerTable,
    peer_timers: &'m mut TimerTable,
    outbox: &'m Outbox,
}

impl Mail<'_> {
    /// Writes what fits for the peers whose route is this link.
    fn write<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>>(
        &mut self,
        role: Role,
        writer: &mut RecordWriter<'_, S>,
    ) -> Result<(), CloseReason> {
        match role {
            Role::Dialled(index) | Role::Accepted(Some(index)) => {
                self.write_peer(index, writer)?;
            }
            Role::Server => {
                let count = self.peers.len();
                let start = self.state.turn;
                for offset in 0..count {
                    let index = (start + offset) % count;
                    if !self.write_peer(index, writer)? {
                        // Whoever found no room comes first next time.
                        self.state.turn = index;
                        break;
                    }
                }
            }
            Role::Accepted(None) => {}
        }
        Ok(())
    }

    /// Writes what waits for one peer. Returns whether all of it found room.
    fn write_peer<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>>(
        &mut self,
        index: usize,
        writer: &mut RecordWriter<'_, S>,
    ) -> Result<bool, CloseReason> {
        let Some(peer) = self.peers.get_mut(index) else { return Ok(true) };
        let on_route = peer.route.1 == Some(self.link);
        let acks_here = if peer.acks_by_relay { self.relayed } else { on_route };
        if let Some(ack) = peer.incoming.ack_due().filter(|_| acks_here) {
            let message = match self.relayed {
                true => {
                    Message::Relay(Relay { peer: peer.user.clone(), item: RelayItem::Ack(ack) })
                }
                false => Message::Ack(ack),
            };
            if !settle(writer.push(&message))? {
                return Ok(false);
            }
            peer.incoming.on_ack_sent();
        }
        if !on_route {
            return Ok(true);
        }
        let mut wrote = false;
        let mut room = true;
        while let Some((id, back, head)) = peer.outgoing.next(self.now) {
            let to = self.relayed.then_some(&peer.user);
            let (len, chunks) = (self.outbox.body_len(head), self.outbox.chunks(head));
            match writer.push_chat(to, id.epoch, id.seq, back, len, chunks) {
                Ok(()) => {}
                Err(WriteError::Full) => {
                    room = false;
                    break;
                }
                Err(WriteError::TooLarge) => {
                    self.state.peer_news = true;
                    peer.news = true;
                    if peer.outgoing.refuse_next(self.outbox) {
                        continue;
                    }
                    // It has its turn once those before it are settled and told.
                    break;
                }
                Err(WriteError::Close(reason)) => return Err(reason),
            }
            peer.outgoing.on_sent(self.now, self.outbox, &mut self.state.random);
            wrote = true;
        }
        if wrote {
            peer.used = self.now;
            peer.news = true;
            self.state.peer_news = true;
            self.peer_timers.set(index, peer.deadline());
        }
        Ok(room)
    }
}
