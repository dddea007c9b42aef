use core::num::NonZeroU64;

use super::arrived::Arrived;
use super::incoming::{Incoming, Verdict};
use super::outgoing::Outgoing;
use super::pace::Pace;
use crate::error::{FileEnd, FileRefusal, TransferError};
use crate::id::UserId;
use crate::io::{FileNews, ReceivedFile};
use crate::limits::{
    FILE_BUSY_PAUSE, FILE_OFFER_AGAIN, FILE_WINDOW, FILE_WINDOW_PART, RELAY_WINDOW,
};
use crate::route::Path;
use crate::time::Instant;
use crate::wire::{FileItem, HoldReason, Offer};

/// Runs the transfers of a client's files, as many at once as it has slots (PROTOCOL.md, "Files").
///
/// It holds no bytes of them: those go right into the buffer that
/// [`transmit_files`](crate::Client::transmit_files) fills, and come as borrows of the receive buffer.
/// After every call, and every `received` and `transmit_files` of the client, the host drains
/// [`poll`](Self::poll) until it says [`FileOutput::Wait`]. What is to go on after a restart the host
/// remembers, and offers or accepts anew.
#[derive(Debug)]
pub struct Transfers<S: ?Sized = [Slot]> {
    /// The slot that has its turn, so that all get on.
    pub(super) turn: usize,
    /// How fast the server relays.
    pub(super) relay: Option<Pace>,
    /// When what goes too fast may go on.
    pub(super) paced: Instant,
    pub(super) slots: S,
}

/// Is a place for one transfer.
#[derive(Debug, Default)]
pub struct Slot {
    pub(super) transfer: Option<Transfer>,
    /// The client has to be told that there is something to send.
    pub(super) news: bool,
}

#[expect(clippy::large_enum_variant, reason = "there may be no allocator to box it")]
#[derive(Debug)]
pub(super) enum Transfer {
    Outgoing(Outgoing),
    Incoming(Incoming),
    Ending(Ending),
}

/// Is a transfer of which only its end has to be told.
#[derive(Debug)]
pub(super) struct Ending {
    pub user: UserId,
    pub number: u64,
    pub by_sender: bool,
    pub end: FileEnd,
}

/// Tells a host what to do next about files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileOutput {
    /// There is something for a user: call [`kick_files`](crate::Client::kick_files).
    Kick(UserId),
    /// All of a stream is verified and written: call [`end`](Transfers::end) with [`FileEnd::Done`] when it
    /// is in its place.
    Complete {
        /// Its sender.
        from: UserId,
        /// The transfer.
        number: u64,
    },
    /// A stream waits for a direct link, since it is longer than the server relays.
    TooLargeForRelay {
        /// Its recipient.
        to: UserId,
        /// The transfer.
        number: u64,
        /// How many bytes the server relays at most; 0 for no files at all.
        max: u64,
    },
    /// The recipient's device takes nothing as long as what is to be sent of a stream, or nothing at all can
    /// be sealed for its key: call [`end`](Transfers::end), or wait for another way.
    Unsendable {
        /// Its recipient.
        to: UserId,
        /// The transfer.
        number: u64,
    },
    /// Nothing until there is input, or until this instant: then call [`timeout`](Transfers::timeout).
    Wait(Instant),
}

impl<const N: usize> Transfers<[Slot; N]> {
    /// Makes room for `N` transfers.
    pub const fn new() -> Self {
        let slots = [const { Slot { transfer: None, news: false } }; N];
        Self { turn: 0, relay: None, paced: Instant::NEVER, slots }
    }
}

impl<const N: usize> Default for Transfers<[Slot; N]> {
    fn default() -> Self {
        Self::new()
    }
}

impl Transfers {
    /// Offers a stream to a user under a number that the host draws at random, and keeps.
    ///
    /// `limit` is how many bytes of it go out a second at most.
    ///
    /// # Errors
    /// A [`TransferError`].
    pub fn offer(
        &mut self,
        to: UserId,
        number: u64,
        offer: &Offer<'_>,
        limit: Option<NonZeroU64>,
    ) -> Result<(), TransferError> {
        if self.outgoing(&to, number).is_some() {
            return Err(TransferError::Known);
        }
        offer.check().map_err(|_| TransferError::Malformed)?;
        let outgoing = Outgoing::new(to, number, offer, limit).ok_or(TransferError::Malformed)?;
        self.insert(Transfer::Outgoing(outgoing))
    }

    /// Accepts a stream that was offered, of which the host has all up to `start`: the beginning of a block,
    /// or the end.
    ///
    /// `round` is a random number, another one at each start. If the host has a part of the next block,
    /// it [`refill`](Self::refill)s that before it drains.
    ///
    /// # Errors
    /// A [`TransferError`].
    pub fn accept(
        &mut self,
        from: UserId,
        number: u64,
        (size, root): (u64, [u8; 32]),
        round: u32,
        start: u64,
    ) -> Result<(), TransferError> {
        if self.incoming(&from, number).is_some() {
            return Err(TransferError::Known);
        }
        let incoming = Incoming::new(from.clone(), number, (size, root), round, start);
        self.insert(Transfer::Incoming(incoming.ok_or(TransferError::Malformed)?))?;
        self.share(&from);
        Ok(())
    }

    /// Takes in bytes of the next block that the host has from before, in order.
    pub fn refill(&mut self, from: &UserId, number: u64, bytes: &[u8]) {
        if let Some((_, incoming)) = self.incoming(from, number) {
            incoming.refill(bytes);
        }
    }

    /// Returns how many bytes of a stream that is received may be under way: a host that writes several
    /// pieces at once waits for no more than a part of that. 0 if there is none.
    pub fn window(&mut self, from: &UserId, number: u64) -> u64 {
        self.incoming(from, number).map_or(0, |(_, incoming)| incoming.window())
    }

    /// Notes that the host has written a stream up to a place: more may come.
    pub fn written(&mut self, from: &UserId, number: u64, upto: u64) {
        if let Some((news, incoming)) = self.incoming(from, number) {
            incoming.on_written(upto);
            *news = true;
            self.share(from);
        }
    }

    /// Notes that a stream's bytes, or its proofs, are at hand again.
    pub fn ready(&mut self, to: &UserId, number: u64) {
        if let Some((news, _)) = self.outgoing(to, number) {
            *news = true;
        }
    }

    /// Has the sender of a stream stop for now. What is under way is dropped, and comes again.
    pub fn hold(&mut self, from: &UserId, number: u64, reason: HoldReason) {
        if let Some((news, incoming)) = self.incoming(from, number) {
            incoming.hold(reason);
            *news = true;
            self.share(from);
        }
    }

    /// Has the sender of a stream that was held go on.
    pub fn release(&mut self, from: &UserId, number: u64) {
        if let Some((news, incoming)) = self.incoming(from, number) {
            incoming.release();
            *news = true;
            self.share(from);
        }
    }

    /// Ends a transfer, known or not, and has the other side told so: `by_sender` if it goes from here to
    /// `user`.
    ///
    /// It is told once. Whoever does not hear of it offers or wants the stream again, which the host
    /// answers in the same way.
    ///
    /// # Errors
    /// [`TransferError::Full`] if it is not known and there is no slot: the other side asks again. Another end
    /// that could not be told yet gives its slot up.
    pub fn end(
        &mut self,
        user: UserId,
        number: u64,
        by_sender: bool,
        end: FileEnd,
    ) -> Result<(), TransferError> {
        self.drop_transfer(&user, number, by_sender);
        self.insert(Transfer::Ending(Ending { user, number, by_sender, end }))
    }

    /// Forgets a transfer without a word to the other side: `is_outgoing` if it goes from here.
    pub fn forget(&mut self, user: &UserId, number: u64, is_outgoing: bool) {
        self.drop_transfer(user, number, is_outgoing);
    }

    /// Takes in that the way to a user has changed, as [`Event::Path`](crate::io::Event::Path) tells: what
    /// was under way may be lost.
    pub fn on_path(&mut self, now: Instant, user: &UserId) {
        for slot in &mut self.slots {
            match &mut slot.transfer {
                Some(Transfer::Outgoing(outgoing)) if outgoing.to == *user => {
                    outgoing.on_path(now);
                }
                Some(Transfer::Incoming(incoming)) if incoming.from == *user => {
                    incoming.is_relayed = true;
                    incoming.resync();
                }
                Some(Transfer::Ending(ending)) if ending.user == *user => {}
                _ => continue,
            }
            slot.news = true;
        }
        self.share(user);
    }

    /// Takes in what the client received of a transfer, and says what it means for the host.
    pub fn received<'b>(&mut self, now: Instant, received: &ReceivedFile<'b>) -> Arrived<'b> {
        let user = &received.from;
        match received.what {
            FileNews::Refused { number, reason } => self.on_refused(now, user, number, reason),
            FileNews::Item(item) => match item {
                FileItem::Offer { number, offer } => self.on_offer(user, number, offer),
                FileItem::Want { number, round, from, upto } => {
                    let Some((news, outgoing)) = self.outgoing(user, number) else {
                        return self.missed(user, number);
                    };
                    *news = true;
                    match outgoing.on_want(round, from, upto) {
                        Some(true) => Arrived::Wanted { number, from },
                        Some(false) | None => Arrived::Nothing,
                    }
                }
                FileItem::Held { number, reason } => match self.outgoing(user, number) {
                    None => self.missed(user, number),
                    Some((_, outgoing)) => {
                        outgoing.on_held();
                        Arrived::Held { number, reason }
                    }
                },
                FileItem::Data { number, round, at, bytes } => {
                    let Some((news, incoming)) = self.incoming(user, number) else {
                        return Arrived::Nothing;
                    };
                    *news = true;
                    let verdict = incoming.on_data(now, round, at, bytes);
                    let is_relayed = received.path == Path::Relay;
                    if incoming.is_relayed != is_relayed {
                        incoming.is_relayed = is_relayed;
                        self.share(user);
                    }
                    match verdict {
                        Verdict::Next => Arrived::Data { number, at, bytes },
                        _ => Arrived::Nothing,
                    }
                }
                FileItem::Proof { number, round, block, hashes } => {
                    self.on_proof(now, user, number, (round, block), hashes)
                }
                FileItem::Ended { number, by_sender, end } => {
                    self.drop_transfer(user, number, !by_sender);
                    Arrived::Ended { number, by_sender, end }
                }
            },
        }
    }

    /// Takes in that time has passed: at the instant of the last [`FileOutput::Wait`], or any other.
    pub fn timeout(&mut self, now: Instant) {
        let goes_on = self.paced <= now;
        if goes_on {
            self.paced = Instant::NEVER;
        }
        for slot in &mut self.slots {
            match &mut slot.transfer {
                Some(Transfer::Outgoing(outgoing)) => {
                    if outgoing.deadline <= now {
                        outgoing.resync();
                        slot.news = true;
                    }
                    slot.news |= goes_on;
                }
                Some(Transfer::Incoming(incoming)) if incoming.deadline <= now => {
                    incoming.resync();
                    slot.news = true;
                }
                Some(Transfer::Incoming(_) | Transfer::Ending(_)) | None => {}
            }
        }
    }

    /// Says what the host does next.
    pub fn poll(&mut self) -> FileOutput {
        for slot in &mut self.slots {
            match &mut slot.transfer {
                Some(Transfer::Outgoing(outgoing)) => {
                    if let Some((max, told @ false)) = &mut outgoing.obstacle {
                        *told = true;
                        let (to, number, max) = (outgoing.to.clone(), outgoing.number, *max);
                        return FileOutput::TooLargeForRelay { to, number, max };
                    }
                    if let Some(told @ false) = &mut outgoing.unsendable {
                        *told = true;
                        let (to, number) = (outgoing.to.clone(), outgoing.number);
                        return FileOutput::Unsendable { to, number };
                    }
                }
                Some(Transfer::Incoming(incoming)) => {
                    if incoming.is_complete() && !incoming.is_told {
                        incoming.is_told = true;
                        let (from, number) = (incoming.from.clone(), incoming.number);
                        return FileOutput::Complete { from, number };
                    }
                }
                Some(Transfer::Ending(_)) | None => {}
            }
            if core::mem::take(&mut slot.news)
                && let Some(transfer) = &slot.transfer
            {
                return FileOutput::Kick(transfer.user().clone());
            }
        }
        let deadlines = self.slots.iter().map(|slot| match &slot.transfer {
            Some(Transfer::Outgoing(outgoing)) => outgoing.deadline,
            Some(Transfer::Incoming(incoming)) => incoming.deadline,
            Some(Transfer::Ending(_)) | None => Instant::NEVER,
        });
        FileOutput::Wait(deadlines.min().unwrap_or(Instant::NEVER).min(self.paced))
    }

    fn on_offer<'b>(&mut self, user: &UserId, number: u64, offer: Offer<'b>) -> Arrived<'b> {
        if let Some((news, incoming)) = self.incoming(user, number) {
            incoming.on_offer();
            *news = true;
            return Arrived::Nothing;
        }
        if offer.check().is_err() {
            // Told if there is room; else the offer comes again.
            let _ = self.end(user.clone(), number, false, FileEnd::Malformed);
            return Arrived::Nothing;
        }
        Arrived::Offered { number, offer }
    }

    /// The recipient wants what is not sent: it may be about to hear why.
    fn missed<'b>(&self, user: &UserId, number: u64) -> Arrived<'b> {
        let mut transfers = self.slots.iter().filter_map(|slot| slot.transfer.as_ref());
        // If it is there, only its end is left.
        let is_ending = transfers.any(|transfer| transfer.is(user, number, true));
        if is_ending { Arrived::Nothing } else { Arrived::Missed { number } }
    }

    fn on_proof<'b>(
        &mut self,
        now: Instant,
        user: &UserId,
        number: u64,
        (round, block): (u32, u64),
        hashes: &[u8],
    ) -> Arrived<'b> {
        let Some((news, incoming)) = self.incoming(user, number) else { return Arrived::Nothing };
        *news = true;
        match incoming.on_proof(now, round, block, hashes) {
            Verdict::Right { block, hash } => {
                self.share(user);
                Arrived::Verified { number, block, hash }
            }
            Verdict::Wrong { block } => Arrived::WrongBlock { number, block, is_last: false },
            Verdict::Hopeless { block } => {
                // It takes the slot that the transfer leaves.
                let _ = self.end(user.clone(), number, false, FileEnd::Corrupt);
                Arrived::WrongBlock { number, block, is_last: true }
            }
            Verdict::Next | Verdict::Stale => Arrived::Nothing,
        }
    }

    fn on_refused<'b>(
        &mut self,
        now: Instant,
        user: &UserId,
        number: u64,
        reason: FileRefusal,
    ) -> Arrived<'b> {
        // The items of either side are refused; both find out where to go on.
        if let Some((_, outgoing)) = self.outgoing(user, number) {
            outgoing.on_held();
            outgoing.deadline = match reason {
                FileRefusal::Busy => {
                    outgoing.pause = now + FILE_BUSY_PAUSE;
                    outgoing.pause
                }
                // It may come back so soon that no other way is seen.
                FileRefusal::Offline | FileRefusal::NotTaken => now + FILE_OFFER_AGAIN,
                FileRefusal::Off | FileRefusal::TooLarge { .. } => Instant::NEVER,
            };
        }
        Arrived::Refused { number, reason }
    }

    fn insert(&mut self, transfer: Transfer) -> Result<(), TransferError> {
        let free = self.slots.iter().position(|slot| slot.transfer.is_none());
        // An end is told again when it is asked for, and may wait for somebody who never comes back.
        let is_ending = |slot: &Slot| matches!(slot.transfer, Some(Transfer::Ending(_)));
        let index = free.or_else(|| self.slots.iter().position(is_ending));
        let slot = index.and_then(|index| self.slots.get_mut(index)).ok_or(TransferError::Full)?;
        *slot = Slot { transfer: Some(transfer), news: true };
        Ok(())
    }

    /// Forgets a transfer, or that its end was to be told.
    fn drop_transfer(&mut self, user: &UserId, number: u64, is_outgoing: bool) {
        for slot in &mut self.slots {
            if slot.transfer.as_ref().is_some_and(|it| it.is(user, number, is_outgoing)) {
                *slot = Slot::default();
            }
        }
        self.share(user);
    }

    /// Has all that comes from a user share one window, and all that comes through the server another.
    fn share(&mut self, from: &UserId) {
        let (mut own, mut relayed) = (0, 0);
        for slot in &self.slots {
            if let Some(Transfer::Incoming(incoming)) = &slot.transfer
                && incoming.is_active()
            {
                relayed += u64::from(incoming.is_relayed);
                own += u64::from(!incoming.is_relayed && incoming.from == *from);
            }
        }
        for slot in &mut self.slots {
            let Some(Transfer::Incoming(incoming)) = &mut slot.transfer else { continue };
            let window = match incoming.is_relayed {
                true => RELAY_WINDOW / relayed.max(1),
                false if incoming.from == *from => FILE_WINDOW / own.max(1),
                false => continue,
            };
            slot.news |= incoming.grant(window.max(FILE_WINDOW_PART));
        }
    }

    fn outgoing(&mut self, to: &UserId, number: u64) -> Option<(&mut bool, &mut Outgoing)> {
        self.slots.iter_mut().find_map(|slot| match &mut slot.transfer {
            Some(Transfer::Outgoing(it)) if it.number == number && it.to == *to => {
                Some((&mut slot.news, it))
            }
            _ => None,
        })
    }

    pub(super) fn incoming(
        &mut self,
        from: &UserId,
        number: u64,
    ) -> Option<(&mut bool, &mut Incoming)> {
        self.slots.iter_mut().find_map(|slot| match &mut slot.transfer {
            Some(Transfer::Incoming(it)) if it.number == number && it.from == *from => {
                Some((&mut slot.news, it))
            }
            _ => None,
        })
    }
}

impl Transfer {
    /// Tells whether it is the one of this number with a user, which goes from here or not.
    fn is(&self, user: &UserId, number: u64, is_outgoing: bool) -> bool {
        let (own_number, goes_from_here) = match self {
            Self::Outgoing(outgoing) => (outgoing.number, true),
            Self::Incoming(incoming) => (incoming.number, false),
            Self::Ending(ending) => (ending.number, ending.by_sender),
        };
        own_number == number && goes_from_here == is_outgoing && self.user() == user
    }

    pub(super) fn user(&self) -> &UserId {
        match self {
            Self::Outgoing(outgoing) => &outgoing.to,
            Self::Incoming(incoming) => &incoming.from,
            Self::Ending(ending) => &ending.user,
        }
    }
}
