use std::net::SocketAddr;

use breeze_core::Path;
use breeze_core::error::AcceptError;
use breeze_core::id::LinkId;
use breeze_core::io::{Output, ReceivedMessage, Target};
use breeze_core::time::Instant;
use breeze_server::driver::{Consumed, Machine, Slots};

use super::duty::Duty;
use super::fleet::{Dial, Fleet};
use super::squad::Squad;
use super::stamp::stamp;

impl Machine for Fleet {
    /// Nobody: who accepts has to say for which member.
    fn accepted(
        &mut self,
        _now: Instant,
        _addr: SocketAddr,
        _ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError> {
        Err(AcceptError::Closed)
    }

    fn received(&mut self, now: Instant, link: LinkId, bytes: &mut [u8]) -> Consumed {
        let (index, inner) = self.inside(link);
        let Some(member) = self.members.get_mut(index) else { return Consumed::default() };
        let Some(client) = &mut member.client else { return Consumed::default() };
        let received = client.received(now, inner, bytes);
        let consumed = Consumed {
            bytes: received.consumed,
            again: received.consumed > 0 || received.message.is_some(),
        };
        if member.recruit.squad == Squad::Subscribers {
            self.tally.subscribed_bytes += consumed.bytes as u64;
        }
        if let Some(message) = received.message {
            self.on_message(now, index, &message);
        }
        self.touch(index);
        consumed
    }

    fn transmit(&mut self, now: Instant, link: LinkId, buf: &mut [u8]) -> usize {
        self.feed(link, |client, inner| client.transmit(now, inner, buf)).unwrap_or(0)
    }

    fn closed(&mut self, now: Instant, link: LinkId) {
        self.feed(link, |client, inner| client.closed(now, inner));
    }

    fn timeout(&mut self, now: Instant) {
        while let Some((_, index)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            self.deadlines.pop_first();
            let member = &mut self.members[index];
            member.deadline = Instant::NEVER;
            if let Some(client) = &mut member.client {
                client.timeout(now);
            }
            self.touch(index);
        }
    }

    fn pump(&mut self, now: Instant, slots: &mut Slots) -> Instant {
        while let Some(index) = self.touched.pop() {
            self.members[index].touched = false;
            let deadline = self.drain(now, index, slots);
            let before = std::mem::replace(&mut self.members[index].deadline, deadline);
            if before != deadline {
                self.deadlines.remove(&(before, index));
                if deadline.is_set() {
                    self.deadlines.insert((deadline, index));
                }
            }
        }
        self.deadlines.first().map_or(Instant::NEVER, |(at, _)| *at)
    }
}

/// What members say and are told.
impl Fleet {
    fn on_message(&mut self, now: Instant, index: usize, message: &ReceivedMessage<'_>) {
        let Self { members, tally, stopwatch, .. } = self;
        let member = &mut members[index];
        let Some(client) = &mut member.client else { return };
        // There is no disk to wait for.
        client.acknowledge(now, &message.from, message.id);
        tally.arrived += 1;
        let mut round_trip = false;
        match member.recruit.duty {
            Duty::Rest => {}
            Duty::Echo => match client.send(now, &message.from, message.text) {
                Ok(_) => tally.sent += 1,
                Err(error) => self.trouble.note(format!("no answer could be sent: {error}")),
            },
            Duty::Send(sending) => {
                round_trip = true;
                if sending.until_answered {
                    member.under_way = member.under_way.saturating_sub(1);
                }
            }
        }
        let Some((phase, since)) = stopwatch.current() else { return };
        let phase = tally.phase_mut(phase);
        phase.messages += 1;
        phase.bytes += message.text.len() as u64;
        phase.relayed += u64::from(message.path != Path::Direct);
        // What was sent before is of another load.
        if let Some(sent) = stamp(message.text).filter(|sent| *sent >= since) {
            let latency = stopwatch.nanos().saturating_sub(sent);
            let histogram = if round_trip { &mut phase.round_trip } else { &mut phase.one_way };
            histogram.record(latency);
        }
    }

    /// Does what a member asks for, and returns when it has to hear of time.
    fn drain(&mut self, now: Instant, index: usize, slots: &mut Slots) -> Instant {
        loop {
            let Some(client) = &mut self.members[index].client else { return Instant::NEVER };
            match client.poll(now) {
                Output::Open { link, target } => {
                    self.tally.dials += u64::from(target != Target::Server);
                    let link = self.outside(index, link);
                    slots.open(link);
                    if self.opens.try_send(Dial { member: index, link, target }).is_err() {
                        self.closed(now, link);
                    }
                }
                Output::Transmit(link) => slots.announce(self.outside(index, link)),
                Output::Close(link) => slots.close(self.outside(index, link)),
                Output::Event(event) => self.on_event(index, event),
                Output::Wait(deadline) => {
                    if !self.fill(now, index) {
                        return deadline;
                    }
                }
            }
        }
    }
}
