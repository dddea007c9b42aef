use alloc::collections::BTreeMap;
use core::num::NonZeroU64;

use super::server::Server;
use crate::error::{CloseReason, FileRefusal};
use crate::files::Pace;
use crate::id::{LinkId, UserId};
use crate::time::Instant;
use crate::wire::{Message, RelayedFile, relayed_len};

/// The part of a session's queue that files may fill: the rest is for messages.
const QUEUE_PART: usize = 4;

/// How fast each session sends files that has begun to.
#[derive(Default)]
pub(super) struct FilePaces {
    paces: BTreeMap<LinkId, Pace>,
}

impl FilePaces {
    /// Forgets a session.
    pub(super) fn remove(&mut self, id: LinkId) {
        self.paces.remove(&id);
    }
}

/// Files that cannot go direct (PROTOCOL.md, "Relayed files").
impl Server {
    /// Passes an item of a file on, or tells its sender why not. `item` is how it came.
    pub(super) fn on_file(
        &mut self,
        now: Instant,
        id: LinkId,
        (from, to): (&UserId, UserId),
        file: &RelayedFile<'_>,
        item: &[u8],
    ) -> Result<(), CloseReason> {
        let Some(rate) = self.config.files() else {
            // It was not announced that they are taken.
            return Err(CloseReason::Unexpected);
        };
        if let Err(reason) = self.pass_file(now, id, (from, &to), (file.size, rate), item) {
            log::trace!("a part of a file from {from} to {to} is refused: {reason}");
            self.tell(id, &Message::FileRefused { peer: to, number: file.number, reason });
        }
        Ok(())
    }

    fn pass_file(
        &mut self,
        now: Instant,
        id: LinkId,
        (from, to): (&UserId, &UserId),
        (size, rate): (u64, NonZeroU64),
        item: &[u8],
    ) -> Result<(), FileRefusal> {
        let max = self.config.max_file;
        if size > max {
            return Err(FileRefusal::TooLarge { max });
        }
        let len = relayed_len(from, item);
        let limit = self.links.queue_limit() / QUEUE_PART;
        let target = self.find(id, to).ok_or(FileRefusal::Offline)?;
        let link = self.links.get_mut(target).ok_or(FileRefusal::Offline)?;
        let takes = link.session.remote_limits();
        if !takes.takes_files || len > takes.max_frame as usize {
            return Err(FileRefusal::NotTaken);
        }
        let pace = self.file_paces.paces.entry(id).or_insert(Pace::lenient(rate));
        if link.queue.len() + len > limit || pace.wait(now).is_some() {
            return Err(FileRefusal::Busy);
        }
        pace.pass(now, len);
        if let Some(link) = self.links.furnish(target) {
            link.queue.push_relayed(from, item);
        }
        self.kick(target);
        Ok(())
    }
}
