//! The entry points for files.

use core::hint::black_box;
use core::num::NonZeroU64;

use breeze_core::error::FileEnd;
use breeze_core::files::{
    BlockHasher, FileDetails, FileKind, HoldReason, MAX_LEVELS, Offer, Slot, Source, Transfers,
};
use breeze_core::id::UserId;
use breeze_footprint_device::any;

use crate::{apart, bytes, link, now, user};

/// One to give and one to take.
pub type Device = Transfers<[Slot; 2]>;

/// A source of which the compiler knows nothing.
struct Any;

impl Source for Any {
    fn at_hand(&mut self, _: &UserId, _: u64, at: u64, len: usize) -> usize {
        any(at as usize).min(len)
    }

    fn read(&mut self, _: &UserId, _: u64, _: u64, buf: &mut [u8]) {
        black_box(buf);
    }

    fn proof(
        &mut self,
        _: &UserId,
        _: u64,
        _: u64,
        hashes: &mut [[u8; 32]; MAX_LEVELS],
    ) -> Option<usize> {
        black_box(hashes);
        any(Some(0))
    }
}

/// Calls whichever entry point.
pub fn step(client: &mut breeze_footprint_device::Device, transfers: &mut Transfers) -> Option<()> {
    let (number, limit) = (any(0), NonZeroU64::new(any(0)));
    match any(0) {
        0 => apart(|| {
            let details = FileDetails { modified: any(0), executable: any(false) };
            let kind = any(FileKind::File(details));
            let offer = Offer { name: any(""), kind, size: any(0), root: bytes() };
            transfers.offer(user(), number, &offer, limit)
        }),
        1 => apart(|| transfers.accept(user(), number, (any(0), bytes()), any(0), any(0))),
        2 => apart(|| transfers.refill(&user(), number, any(&[][..]))),
        3 => apart(|| transfers.written(&user(), number, any(0))),
        4 => apart(|| transfers.ready(&user(), number)),
        5 => apart(|| transfers.hold(&user(), number, any(HoldReason::Paused))),
        6 => apart(|| transfers.release(&user(), number)),
        7 => apart(|| transfers.end(user(), number, any(false), any(FileEnd::Done))),
        8 => apart(|| transfers.forget(&user(), number, any(false))),
        9 => apart(|| transfers.on_path(now(), &user())),
        10 => apart(|| transfers.timeout(now())),
        11 => apart(|| transfers.poll()),
        12 => apart(|| client.kick_files(now(), &user())),
        13 => apart(|| {
            let mut hasher = BlockHasher::new(any(0), any(0));
            hasher.update(any(&[][..]));
            hasher.finish()
        }),
        14 => apart(|| {
            let mut buf = [0; 64];
            let received = client.received(now(), link(), black_box(&mut buf));
            black_box(received.file.map(|file| {
                black_box(transfers.received(now(), &file));
            }))
        }),
        _ => apart(|| {
            client.transmit_files(now(), link(), black_box(&mut [0; 64]), transfers, &mut Any)
        }),
    }
    Some(())
}
