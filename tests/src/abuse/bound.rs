use breeze_core::limits::{ALL_QUEUES, LEAN_QUEUE, MAX_WATCHED, SESSION_QUEUE, STRANGERS};
use breeze_core::wire::Hello;

/// What the server takes for itself: the program, the store's cache, codes or passwords that are
/// hashed, messages that wait for the disk.
const BASE: usize = 192 << 20;
/// What the server keeps for a link besides what waits to be read or written.
const LINK: usize = 8 << 10;

/// What a user on a list takes: the name twice, in trees that are half full.
const WATCHED: usize = 160;

/// Is the memory that a server takes at most, as `docs/OPERATIONS.md` states it ("Memory").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound(usize);

impl Bound {
    /// Returns that of a server with so many sessions.
    pub fn of(sessions: usize) -> Self {
        // A queue's memory grows by doubling, and what was sent stays until it is half.
        let queues = (sessions * SESSION_QUEUE * 4).min(ALL_QUEUES + sessions * LEAN_QUEUE * 4);
        // What has come of a frame, and what was taken to be sent and found no room.
        let buffers = 2 * Hello::HOST.receive_buffer() + (128 << 10);
        let session = LINK + buffers + MAX_WATCHED * WATCHED;
        let stranger = LINK + 2 * usize::from(Hello::HOST.max_record);
        Self(BASE + queues + sessions * session + STRANGERS * stranger)
    }

    /// Returns it in KiB.
    pub const fn kib(self) -> u64 {
        (self.0 / 1024) as u64
    }
}
