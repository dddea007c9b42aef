use core::ffi::c_char;
use core::ptr;

use breeze_core::error::FileRefusal;
use breeze_core::files::Arrived;
use breeze_core::io::ReceivedFile;

use super::{breeze_file_end, breeze_file_refusal, breeze_hash, breeze_hold_reason, breeze_offer};
use crate::client::BREEZE_REASON_SIZE;
use crate::values::{breeze_path, breeze_user, write_text};

/// Says what came of a transfer. Each names the fields of breeze_arrived that it fills, beside `user`,
/// `number` and `path`; all others are 0.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_arrived_kind {
    /// Nothing came of any.
    None = 0,
    /// Something that the host need not know; it goes on as with any other.
    Step = 1,
    /// The user offers a stream that is not being received. `offer`. The host calls
    /// breeze_transfers_accept, now or much later, or breeze_transfers_end; if the transfer is over
    /// already, it says so with breeze_transfers_end again.
    Offered = 2,
    /// The user accepts a stream that this host offers, or says anew where to go on. `at`.
    Wanted = 3,
    /// Bytes to be written, then the host calls breeze_transfers_written. `at`: their place in the stream,
    /// right behind the last ones; but after BREEZE_ARRIVED_KIND_WRONG_BLOCK that block's beginning.
    /// `bytes`, `len`.
    Data = 4,
    /// A block is whole and right: a host that is to go on after a crash remembers its hash. `block`,
    /// `hash`.
    Verified = 5,
    /// A block was wrong. `block`. It comes again; but `flag`: this was the last time, and the transfer has
    /// ended as BREEZE_FILE_END_CORRUPT.
    WrongBlock = 6,
    /// The recipient cannot go on for now. `reason`: a breeze_hold_reason.
    Held = 7,
    /// The other side has ended a transfer, which the host may not know. `reason`: a breeze_file_end.
    /// `flag`: its sender did, so that it is one that this host receives.
    Ended = 8,
    /// The user wants a stream that is not being sent: the host offers it again with
    /// breeze_transfers_offer, or says with breeze_transfers_end how it ended.
    Missed = 9,
    /// The server does not relay something for the user. `reason`: a breeze_file_refusal. `max`: how much
    /// it relays, if the stream is longer.
    Refused = 10,
}

/// Says what came of a transfer; `kind` says which fields hold something.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct breeze_arrived {
    /// A breeze_arrived_kind, of which new ones may come: a host passes over those that it does not know.
    pub kind: u32,
    /// A breeze_path: how it came.
    pub path: u32,
    /// Why: the kind says which reasons these are.
    pub reason: u32,
    /// The kind says of what.
    pub flag: bool,
    /// The other side of the transfer, authenticated.
    pub user: breeze_user,
    /// The reason for people, a text that ends with a NUL.
    pub reason_text: [c_char; BREEZE_REASON_SIZE],
    /// The transfer: its sender's number of it.
    pub number: u64,
    /// A place in the stream.
    pub at: u64,
    /// The number of a block, from 0.
    pub block: u64,
    /// A limit, in bytes.
    pub max: u64,
    /// Bytes of the stream, in the host's buffer.
    pub bytes: *const u8,
    /// Their number.
    pub len: usize,
    /// The hash of the block.
    pub hash: breeze_hash,
    /// What is offered; its name lies in the host's buffer.
    pub offer: breeze_offer,
}

impl breeze_arrived {
    /// Nothing came.
    pub(crate) const NONE: Self = Self {
        kind: breeze_arrived_kind::None as u32,
        path: 0,
        reason: 0,
        flag: false,
        user: breeze_user::NONE,
        reason_text: [0; BREEZE_REASON_SIZE],
        number: 0,
        at: 0,
        block: 0,
        max: 0,
        bytes: ptr::null(),
        len: 0,
        hash: breeze_hash::NONE,
        offer: breeze_offer::NONE,
    };

    /// Says what an item means that came.
    pub(crate) fn of(file: &ReceivedFile<'_>, arrived: Arrived<'_>) -> Self {
        use breeze_arrived_kind as Kind;
        let path = breeze_path::from(file.path) as u32;
        let mut it = Self { path, user: (&file.from).into(), ..Self::NONE };
        let (kind, number) = match arrived {
            Arrived::Nothing => (Kind::Step, 0),
            Arrived::Offered { number, offer } => {
                it.offer = offer.into();
                (Kind::Offered, number)
            }
            Arrived::Wanted { number, from } => {
                it.at = from;
                (Kind::Wanted, number)
            }
            Arrived::Data { number, at, bytes } => {
                (it.at, it.bytes, it.len) = (at, bytes.as_ptr(), bytes.len());
                (Kind::Data, number)
            }
            Arrived::Verified { number, block, hash } => {
                (it.block, it.hash) = (block, breeze_hash { bytes: hash });
                (Kind::Verified, number)
            }
            Arrived::WrongBlock { number, block, is_last } => {
                (it.block, it.flag) = (block, is_last);
                (Kind::WrongBlock, number)
            }
            Arrived::Held { number, reason } => {
                it.reason = breeze_hold_reason::from(reason) as u32;
                (Kind::Held, number)
            }
            Arrived::Ended { number, by_sender, end } => {
                (it.reason, it.flag) = (breeze_file_end::from(end) as u32, by_sender);
                write_text(&mut it.reason_text, &end);
                (Kind::Ended, number)
            }
            Arrived::Missed { number } => (Kind::Missed, number),
            Arrived::Refused { number, reason } => {
                it.reason = breeze_file_refusal::from(reason) as u32;
                if let FileRefusal::TooLarge { max } = reason {
                    it.max = max;
                }
                write_text(&mut it.reason_text, &reason);
                (Kind::Refused, number)
            }
        };
        Self { kind: kind as u32, number, ..it }
    }
}
