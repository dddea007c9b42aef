use core::num::NonZeroU64;

use super::outgoing::Due;
use super::pace::Pace;
use super::sink::{Sink, Written};
use super::source::Source;
use super::transfers::{Ending, Slot, Transfer, Transfers};
use super::tree::MAX_LEVELS;
use crate::error::CloseReason;
use crate::id::UserId;
use crate::limits::RELAYED_AROUND;
use crate::time::Instant;
use crate::wire::FileItem;

/// Bytes that the server counts of an item with data beyond those, at most.
const RELAYED_DATA: usize = 128;

/// Says how items go to a user on the link that is being filled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// Right to it.
    Direct,
    /// Through a server with these limits.
    Relay(RelayLimits),
}

/// Says what a server relays of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RelayLimits {
    /// Bytes a second; 0 for none.
    pub rate: u64,
    /// Bytes of the longest stream.
    pub max: u64,
}

/// What became of a slot's turn.
enum Turn {
    Wrote,
    Nothing,
    Full,
}

/// Writing what is due.
impl Transfers {
    /// Writes items for those users to whom a way leads on this link, each transfer one after the other,
    /// until nothing is due or there is no room.
    pub(crate) fn write(
        &mut self,
        now: Instant,
        way: &mut dyn FnMut(&UserId) -> Option<Way>,
        source: &mut dyn Source,
        sink: &mut dyn Sink,
    ) -> Result<(), CloseReason> {
        let count = self.slots.len();
        let mut idle = 0;
        while idle < count {
            let index = self.turn % count;
            match self.write_one(now, index, way, source, sink)? {
                Turn::Wrote => idle = 0,
                Turn::Nothing => idle += 1,
                // Its turn comes first next time.
                Turn::Full => return Ok(()),
            }
            self.turn = index + 1;
        }
        Ok(())
    }

    fn write_one(
        &mut self,
        now: Instant,
        index: usize,
        way: &mut dyn FnMut(&UserId) -> Option<Way>,
        source: &mut dyn Source,
        sink: &mut dyn Sink,
    ) -> Result<Turn, CloseReason> {
        let Some(slot) = self.slots.get_mut(index) else { return Ok(Turn::Nothing) };
        let Some(way) = slot.transfer.as_ref().and_then(|transfer| way(transfer.user())) else {
            return Ok(Turn::Nothing);
        };
        let mut hashes = [[0; 32]; MAX_LEVELS];
        let (user, size, item, sent) = match &mut slot.transfer {
            None => return Ok(Turn::Nothing),
            Some(Transfer::Ending(_)) if !fits(way, 0) => return Ok(Turn::Nothing),
            Some(Transfer::Ending(Ending { user, number, by_sender, end })) => {
                let (number, by_sender, end) = (*number, *by_sender, *end);
                let item = FileItem::Ended { number, by_sender, end };
                (user.clone(), 0, item, None)
            }
            Some(Transfer::Incoming(incoming)) => match incoming.due() {
                Some(item) if fits(way, incoming.size) => {
                    (incoming.from.clone(), incoming.size, item, None)
                }
                Some(_) | None => return Ok(Turn::Nothing),
            },
            Some(Transfer::Outgoing(outgoing)) => {
                let due = outgoing.due(sink.chunk()).filter(|_| outgoing.unsendable.is_none());
                let Some(due) = due else { return Ok(Turn::Nothing) };
                if let Way::Relay(limits) = way
                    && !fits(way, outgoing.size)
                {
                    let max = if limits.rate == 0 { 0 } else { limits.max };
                    if outgoing.obstacle.is_none_or(|(known, _)| known != max) {
                        outgoing.obstacle = Some((max, false));
                    }
                    return Ok(Turn::Nothing);
                }
                let (to, number) = (outgoing.to.clone(), outgoing.number);
                let item = match due {
                    Due::Offer => outgoing.offer(),
                    Due::Proof { round, block } => {
                        let Some(count) = source.proof(&to, number, block, &mut hashes) else {
                            return Ok(Turn::Nothing);
                        };
                        let hashes = hashes[..count.min(MAX_LEVELS)].as_flattened();
                        FileItem::Proof { number, round, block, hashes }
                    }
                    Due::Data { .. } => return self.write_data(now, index, way, due, source, sink),
                };
                (to, outgoing.size, item, Some(due))
            }
        };
        let proof_len = if let FileItem::Proof { hashes, .. } = item { hashes.len() } else { 0 };
        let written = sink.item(&user, size, &item)?;
        let slot = &mut self.slots[index];
        match written {
            Written::Full => return Ok(Turn::Full),
            Written::TooLarge => {
                give_up(slot);
                return Ok(Turn::Nothing);
            }
            Written::Whole => {}
        }
        match (&mut slot.transfer, sent) {
            (Some(Transfer::Outgoing(outgoing)), Some(due)) => outgoing.on_sent(now, due),
            (Some(Transfer::Incoming(incoming)), _) => incoming.on_sent(now),
            (Some(Transfer::Ending(_)), _) => *slot = Slot::default(),
            (Some(Transfer::Outgoing(_)), None) | (None, _) => {}
        }
        if let (Way::Relay(_), Some(pace)) = (way, &mut self.relay) {
            // It waits for nothing, and counts.
            pace.pass(now, RELAYED_AROUND + proof_len);
        }
        Ok(Turn::Wrote)
    }

    fn write_data(
        &mut self,
        now: Instant,
        index: usize,
        way: Way,
        due: Due,
        source: &mut dyn Source,
        sink: &mut dyn Sink,
    ) -> Result<Turn, CloseReason> {
        let (Some(Transfer::Outgoing(outgoing)), Due::Data { round, at, len }) =
            (&mut self.slots[index].transfer, due)
        else {
            return Ok(Turn::Nothing);
        };
        let relay = match way {
            Way::Direct => None,
            Way::Relay(limits) => {
                let Some(rate) = NonZeroU64::new(limits.rate) else { return Ok(Turn::Nothing) };
                if self.relay.is_none_or(|pace| pace.rate() != rate) {
                    self.relay = Some(Pace::new(rate));
                }
                self.relay.as_mut()
            }
        };
        let paces = [outgoing.pace.as_ref(), relay.as_deref()].into_iter().flatten();
        let pause = (outgoing.pause > now).then_some(outgoing.pause);
        if let Some(until) = paces.filter_map(|pace| pace.wait(now)).chain(pause).max() {
            self.paced = self.paced.min(until);
            return Ok(Turn::Nothing);
        }
        let (to, number, size) = (outgoing.to.clone(), outgoing.number, outgoing.size);
        let len = source.at_hand(&to, number, at, len).min(len);
        if len == 0 {
            return Ok(Turn::Nothing);
        }
        let head = FileItem::Data { number, round, at, bytes: &[] };
        let mut fill = |buf: &mut [u8]| source.read(&to, number, at, buf);
        match sink.data(&to, size, &head, len, &mut fill)? {
            Written::Full => return Ok(Turn::Full),
            Written::TooLarge => {
                give_up(&mut self.slots[index]);
                return Ok(Turn::Nothing);
            }
            Written::Whole => {
                outgoing.on_sent(now, Due::Data { round, at, len });
                if let Some(pace) = relay {
                    pace.pass(now, len + RELAYED_DATA);
                }
            }
        }
        Ok(Turn::Wrote)
    }
}

/// Tells whether a stream may go this way.
fn fits(way: Way, size: u64) -> bool {
    match way {
        Way::Direct => true,
        Way::Relay(limits) => limits.rate > 0 && size <= limits.max,
    }
}

/// Nothing of this length can be sent, or nothing at all: neither now nor later on this way.
fn give_up(slot: &mut Slot) {
    match &mut slot.transfer {
        Some(Transfer::Outgoing(outgoing)) => {
            outgoing.unsendable.get_or_insert(false);
        }
        Some(Transfer::Ending(_)) => *slot = Slot::default(),
        Some(Transfer::Incoming(_)) | None => {}
    }
}
