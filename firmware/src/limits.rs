use breeze_core::limits::{MIN_MAX_FRAME, MIN_MAX_RECORD};
use breeze_core::wire::Hello;

/// Users that the device knows at a time.
pub const PEERS: usize = 4;
/// Links it has at a time: to the server, to each peer, and one for whoever dials it.
pub const LINKS: usize = 6;
/// Blocks of 60 bytes for answers that are not acknowledged.
pub const BLOCKS: usize = 48;
/// TCP sockets: one a link, one that listens, and one that is being closed.
pub const PIPES: usize = LINKS + 2;
/// What the device can take in: texts of some 700 bytes.
pub const LIMITS: Hello = Hello { max_record: 512, max_frame: 1024, ..Hello::HOST };
/// Bytes of an answer: what is longer is cut.
pub const ANSWER: usize = 512;

/// Bytes of what arrived on a link and is no whole record or frame yet.
pub(crate) const INBOX: usize = LIMITS.receive_buffer();
/// Bytes that TCP holds of what arrived on a link: what it offers the other side as its window.
pub(crate) const RECEIVE: usize = 512;
/// Bytes that TCP holds of what goes out on a link, until they are acknowledged.
pub(crate) const TRANSMIT: usize = 1024;

/// Bytes of a frame with an answer beyond its text, at most: who sends and receives it, its
/// numbers, its envelope, the display name.
const AROUND_ANSWER: usize = 320;

// The core holds up a message for ever that does not fit, however its recipient wants it cut.
const _: () = {
    let smallest =
        Hello { max_record: MIN_MAX_RECORD as u16, max_frame: MIN_MAX_FRAME as u32, ..Hello::HOST };
    assert!(smallest.send_buffer(ANSWER + AROUND_ANSWER) <= TRANSMIT);
};
