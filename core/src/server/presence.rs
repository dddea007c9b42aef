use core::ops::Bound;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::link::{Link, Phase};
use super::links::Links;
use super::seat::Seat;
use super::send_queue::SendQueue;
use super::server::{Online, Server};
use crate::error::CloseReason;
use crate::id::{DisplayName, LinkId, UserId};
use crate::limits::{MAX_ENTRIES_BYTES, MAX_WATCHED, PRESENCE_DELAY};
use crate::presence::{PresenceLog, WatchLists};
use crate::time::Instant;
use crate::wire::{Entries, EntriesWriter, Message, PeerEntry};

/// What a message adds to its entries, at most: its number, a length, a flag.
const ENTRIES_OVERHEAD: usize = 8;

/// Who is online, told to those who want to hear of it (PROTOCOL.md, "Peers").
impl Server {
    /// Notes that a user came, changed or left, to be published soon.
    pub(super) fn note_change(&mut self, now: Instant, user: UserId) -> u64 {
        if !self.publish_at.is_set() {
            self.publish_at = now + PRESENCE_DELAY;
        }
        self.watch_lists.on_change(&user);
        self.log.append(user)
    }

    /// Lets every subscriber read the latest changes.
    pub(super) fn publish(&mut self) {
        self.publish_at = Instant::NEVER;
        self.log.publish();
        let subscribers: Vec<LinkId> = self.subscribers.iter().copied().collect();
        let watchers = self.watch_lists.take_changed();
        for id in subscribers.into_iter().chain(watchers) {
            self.kick(id);
        }
    }

    /// A client wants to hear of a user.
    pub(super) fn on_watch(
        &mut self,
        id: LinkId,
        place: u16,
        user: UserId,
    ) -> Result<(), CloseReason> {
        if usize::from(place) >= MAX_WATCHED {
            return Err(CloseReason::Malformed);
        }
        self.watch_lists.put(id, place, user);
        self.kick(id);
        Ok(())
    }

    /// Puts the presence changes and the page of peers that a session waits for into its queue.
    pub(super) fn queue_presence(&mut self, id: LinkId) {
        let Self { links, users, log, watch_lists, .. } = self;
        // The queue is taken out while other links are looked up, to introduce their users.
        let Some(Link { phase: Phase::Up(seat), .. }) = links.get(id) else { return };
        let presence = seat.presence && log.has_news(seat.read);
        let watched = watch_lists.has_news(id);
        if !presence && !watched && seat.page.is_none() {
            return;
        }
        let Some(Link { phase: Phase::Up(seat), queue, session, .. }) = links.furnish(id) else {
            return;
        };
        let max = session.remote_limits().max_frame as usize - ENTRIES_OVERHEAD;
        let mut queue = core::mem::take(queue);
        let (own, page, read) = (seat.user.clone(), seat.page.take(), seat.read);
        let directory = Directory { links, users };
        let mut buf = [0; MAX_ENTRIES_BYTES];
        let buf = &mut buf[..max.min(MAX_ENTRIES_BYTES)];
        if let Some(after) = page {
            directory.page(&own, (*after).as_ref(), buf, &mut queue);
        }
        let read =
            if presence { directory.changes(&own, log, read, buf, &mut queue) } else { read };
        if watched {
            directory.watched(&own, watch_lists, id, buf, &mut queue);
        }
        if let Some(link) = links.get_mut(id) {
            link.queue = queue;
            if let Some(seat) = link.seat_mut() {
                seat.read = read;
            }
        }
    }
}

/// Looks up who is online.
struct Directory<'d> {
    links: &'d Links,
    users: &'d BTreeMap<UserId, Online>,
}

impl Directory<'_> {
    fn seat(&self, user: &UserId) -> Option<&Seat> {
        self.links.get(self.users.get(user)?.link)?.seat()
    }

    /// Writes what there is to tell of a user; returns whether there was room for that.
    fn introduce(&self, user: &UserId, writer: &mut EntriesWriter<'_>) -> bool {
        match self.seat(user) {
            Some(seat) => writer.push_encoded(&seat.entry),
            None => {
                let (user, name) = (user.clone(), DisplayName::default());
                writer.push(&PeerEntry { user, name, online: None })
            }
        }
    }

    /// Queues the page of online users after one, without the user that asks.
    fn page(&self, own: &UserId, after: Option<&UserId>, buf: &mut [u8], queue: &mut SendQueue) {
        let mut writer = EntriesWriter::new(buf);
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut more = false;
        for (user, _) in self.users.range::<UserId, _>((start, Bound::Unbounded)) {
            let Some(seat) = self.seat(user).filter(|_| user != own) else { continue };
            if !writer.push_encoded(&seat.entry) {
                more = true;
                break;
            }
        }
        queue.push(&Message::PeersReply { entries: writer.finish(), more });
    }

    /// Queues the changes from `read` on that fit into one message, and returns how far they go.
    fn changes(
        &self,
        own: &UserId,
        log: &PresenceLog,
        mut read: u64,
        buf: &mut [u8],
        queue: &mut SendQueue,
    ) -> u64 {
        let Some(changes) = log.read(read) else {
            queue.push(&Message::Presence { entries: Entries::new(&[]), resync: true });
            return log.end();
        };
        let mut writer = EntriesWriter::new(buf);
        let mut count = 0;
        for (number, user) in changes {
            // Otherwise a later change of this user follows, and says more.
            let is_last = self.users.get(user).is_none_or(|online| online.changed == number);
            if is_last && user != own {
                if !self.introduce(user, &mut writer) {
                    break;
                }
                count += 1;
            }
            read = number + 1;
        }
        if count > 0 {
            queue.push(&Message::Presence { entries: writer.finish(), resync: false });
        }
        read
    }

    /// Queues what a session has yet to hear of those on its list and fits into one message.
    fn watched(
        &self,
        own: &UserId,
        lists: &mut WatchLists,
        id: LinkId,
        buf: &mut [u8],
        queue: &mut SendQueue,
    ) {
        let mut writer = EntriesWriter::new(buf);
        let mut count = 0;
        lists.tell(id, |user| {
            if user == own {
                return true;
            }
            let fits = self.introduce(user, &mut writer);
            count += usize::from(fits);
            fits
        });
        if count > 0 {
            queue.push(&Message::Presence { entries: writer.finish(), resync: false });
        }
    }
}
