use super::link::Role;
use super::state::State;
use super::transmit::settle;
use crate::delivery::{Next, Outbox};
use crate::error::{CloseReason, DeliveryFailure};
use crate::id::LinkId;
use crate::limits::{KEY_TIMEOUT, TAG};
use crate::noise::{Context, Purpose, SealingKey};
use crate::peer_table::{Peer, PeerIndex, PeerTable};
use crate::time::Instant;
use crate::timer::TimerTable;
use crate::wire::{Ack, Chat, Message, RecordWriter, Relay, RelayItem, Sealed, WriteError};

/// What is said to peers, and of them to the server, on its way into records.
pub(super) struct Mail<'m> {
    pub now: Instant,
    pub link: LinkId,
    /// The link is the server's.
    pub relayed: bool,
    /// Something goes out on this link, so acknowledgements that wait for company go with it.
    pub company: bool,
    pub state: &'m mut State,
    pub peers: &'m mut PeerTable,
    pub peer_timers: &'m mut TimerTable,
    pub outbox: &'m mut Outbox,
}

impl Mail<'_> {
    /// Writes what fits for the peers whose route is this link.
    pub(super) fn write<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>>(
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

    /// Writes the acknowledgements that wait for company, on a link that ends, for the peers that it
    /// leads to. Returns whether all of them found room.
    pub(super) fn write_waiting_acks<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>>(
        &mut self,
        role: Role,
        writer: &mut RecordWriter<'_, S>,
    ) -> Result<bool, CloseReason> {
        for index in 0..self.peers.len() {
            let is_there = self.relayed || role.peer() == Some(index);
            let Some(peer) = self.peers.get_mut(index).filter(|_| is_there) else { continue };
            while let Some(ack) = peer.incoming.waiting_ack() {
                if !write_ack(self.now, self.relayed, peer, ack, writer)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Writes what waits for one peer. Returns whether all of it found room.
    fn write_peer<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>>(
        &mut self,
        index: usize,
        writer: &mut RecordWriter<'_, S>,
    ) -> Result<bool, CloseReason> {
        let Some(peer) = self.peers.get_mut(index) else { return Ok(true) };
        if self.relayed {
            let is_all = write_questions(self.now, self.link, index, peer, writer)?;
            self.peer_timers.set(index, peer.deadline());
            if !is_all {
                return Ok(false);
            }
        }
        let on_route = peer.route.1 == Some(self.link);
        let acks_here = if peer.acks_by_relay { self.relayed } else { on_route };
        if acks_here {
            let is_all = write_acks(self.now, self.relayed, self.company, peer, writer)?;
            self.peer_timers.set(index, peer.deadline());
            if !is_all {
                return Ok(false);
            }
        }
        if self.relayed && !write_owed(self.now, acks_here, peer, writer)? {
            return Ok(false);
        }
        if !on_route || (self.relayed && peer.key.is_none()) {
            return Ok(true);
        }
        let mut wrote = false;
        let mut room = true;
        while let Some(next) = peer.outgoing.next(self.now) {
            let written = match self.relayed {
                true => write_sealed(self.state, self.outbox, peer, next, writer),
                false => write_chat(self.outbox, next, writer),
            };
            match written {
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

/// Writes what the server is asked about a peer. Returns whether all of it found room.
fn write_questions<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>>(
    now: Instant,
    link: LinkId,
    index: PeerIndex,
    peer: &mut Peer,
    writer: &mut RecordWriter<'_, S>,
) -> Result<bool, CloseReason> {
    if peer.watch_due {
        // The table has no more slots than the server's list has places.
        let (place, user) = (index as u16, peer.user.clone());
        if !settle(writer.push(&Message::Watch { place, user }))? {
            return Ok(false);
        }
        peer.watch_due = false;
    }
    if peer.key_due {
        if !settle(writer.push(&Message::KeyRequest { user: peer.user.clone() }))? {
            return Ok(false);
        }
        peer.key_due = false;
        peer.key_asked = Some((link, now + KEY_TIMEOUT));
    }
    if peer.ask_due {
        let (peer_id, epoch) = (peer.user.clone(), peer.outgoing.epoch());
        if !settle(writer.push(&Message::Ask { peer: peer_id, epoch }))? {
            return Ok(false);
        }
        peer.ask_due = false;
    }
    if let Some(epoch) = peer.unreadable_due {
        if !settle(writer.push(&relay(peer, RelayItem::Unreadable { epoch })))? {
            return Ok(false);
        }
        peer.unreadable_due = None;
    }
    Ok(true)
}

/// Writes the acknowledgements for a peer. Returns whether all of them found room.
fn write_acks<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>>(
    now: Instant,
    relayed: bool,
    company: bool,
    peer: &mut Peer,
    writer: &mut RecordWriter<'_, S>,
) -> Result<bool, CloseReason> {
    while let Some(ack) = peer.incoming.ack_due(company) {
        if !write_ack(now, relayed, peer, ack, writer)? {
            return Ok(false);
        }
    }
    while let Some(read) = peer.incoming.read_due() {
        let message = match relayed {
            true => relay(peer, RelayItem::Read(read)),
            false => Message::Read(read),
        };
        if !settle(writer.push(&message))? {
            return Ok(false);
        }
        peer.incoming.on_read_sent(read);
    }
    Ok(true)
}

/// Writes an acknowledgement for a peer. Returns whether it found room.
fn write_ack<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>>(
    now: Instant,
    relayed: bool,
    peer: &mut Peer,
    ack: Ack,
    writer: &mut RecordWriter<'_, S>,
) -> Result<bool, CloseReason> {
    let message = match relayed {
        true => relay(peer, RelayItem::Ack(ack)),
        false => Message::Ack(ack),
    };
    let is_written = settle(writer.push(&message))?;
    if is_written {
        peer.incoming.on_ack_sent(now, ack, relayed);
    }
    Ok(is_written)
}

/// Writes the acknowledgements that the server has to hear of, apart from those that it just did, or
/// will. Returns whether all of them found room.
fn write_owed<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>>(
    now: Instant,
    acks_here: bool,
    peer: &mut Peer,
    writer: &mut RecordWriter<'_, S>,
) -> Result<bool, CloseReason> {
    while let Some(ack) = peer.incoming.owed_ack(acks_here) {
        if !write_ack(now, true, peer, ack, writer)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes a message for a direct link.
fn write_chat<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>>(
    outbox: &Outbox,
    Next { id, back, gap, head }: Next,
    writer: &mut RecordWriter<'_, S>,
) -> Result<(), WriteError> {
    let chat = Message::Chat(Chat { epoch: id.epoch, seq: id.seq, back, gap, body: &[] });
    writer.push_with_body(&chat, outbox.body_len(head), |put| outbox.chunks(head).for_each(put))
}

/// Writes a message for the server, sealed for the peer.
fn write_sealed<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>>(
    state: &mut State,
    outbox: &Outbox,
    peer: &mut Peer,
    Next { id, back, gap, head }: Next,
    writer: &mut RecordWriter<'_, S>,
) -> Result<(), WriteError> {
    // Before that, its recipient would be asked for.
    let Some(to) = peer.key else { return Err(WriteError::Full) };
    if peer.sealing.is_none() {
        let context = Context {
            from: &state.config.user,
            to: &peer.user,
            epoch: id.epoch,
            purpose: Purpose::Messages,
        };
        peer.sealing = SealingKey::new(&state.identity, &state.secrets.draw(), to, &context);
    }
    let Some(key) = &peer.sealing else {
        // A key for which nothing can be sealed is nobody's.
        peer.outgoing.fail_all(outbox, DeliveryFailure::UnknownUser);
        return Err(WriteError::Full);
    };
    // Whoever is there and has acknowledged something has the envelope; whoever is not will need
    // it with every message, whichever is the first to be fetched.
    let has_envelope = peer.online && peer.outgoing.is_confirmed;
    let envelope = if has_envelope { &[] } else { key.envelope() };
    let sealed = Sealed { epoch: id.epoch, seq: id.seq, back, gap, envelope, body: &[] };
    let message = relay(peer, RelayItem::Sealed(sealed));
    let len = outbox.body_len(head);
    writer
        .push_with_body(&message, len + TAG, |put| key.seal(id.seq, len, outbox.chunks(head), put))
}

fn relay<'m>(peer: &Peer, item: RelayItem<'m>) -> Message<'m> {
    Message::Relay(Relay { peer: peer.user.clone(), item })
}
