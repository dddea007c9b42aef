use std::vec;
use std::vec::Vec;

use super::super::Introduction;
use super::*;
use crate::id::{DisplayName, Endpoint, Instance, PublicKey, UserId};
use crate::limits::{MAX_DISPLAY_NAME, MAX_ENDPOINTS, MAX_USER_ID, MIN_MAX_FRAME};

fn entry(number: usize, online: bool) -> PeerEntry {
    let introduction = Introduction {
        key: PublicKey::from_bytes([number as u8; 32]),
        instance: Instance::from_bits(number as u64),
        endpoints: heapless::Vec::new(),
    };
    PeerEntry {
        user: UserId::new(&std::format!("user{number}")).unwrap(),
        name: DisplayName::new("微风").unwrap(),
        online: online.then_some(introduction),
    }
}

/// The largest entry there is.
fn largest() -> PeerEntry {
    let endpoint = Endpoint::new("[ffff::ffff]:65535".parse().unwrap());
    PeerEntry {
        user: UserId::new(&"z".repeat(MAX_USER_ID)).unwrap(),
        name: DisplayName::new(&"z".repeat(MAX_DISPLAY_NAME)).unwrap(),
        online: Some(Introduction {
            key: PublicKey::from_bytes([0xff; 32]),
            instance: Instance::from_bits(u64::MAX),
            endpoints: [endpoint; MAX_ENDPOINTS].into_iter().collect(),
        }),
    }
}

#[test]
fn what_is_written_is_read() {
    let mut buf = [0xaa; 600];
    let mut writer = EntriesWriter::new(&mut buf);
    assert!(writer.is_empty());
    let entries = [entry(1, true), entry(2, false), largest()];
    assert!(entries.iter().all(|entry| writer.push(entry)));
    assert!(!writer.is_empty());
    let read: Result<Vec<_>, _> = writer.finish().iter().collect();
    assert_eq!(read.as_deref(), Ok(&entries[..]));
}

#[test]
fn a_page_ends_at_the_number_of_entries() {
    let mut buf = [0; MAX_ENTRIES_BYTES];
    let mut writer = EntriesWriter::new(&mut buf);
    for number in 0..MAX_ENTRIES {
        assert!(writer.push(&entry(number, true)));
    }
    assert!(!writer.push(&entry(0, false)));
    assert_eq!(writer.finish().iter().filter(Result::is_ok).count(), MAX_ENTRIES);
}

#[test]
fn a_page_ends_at_its_bytes() {
    let size = postcard::experimental::serialized_size(&largest()).unwrap();
    for (buffer, fit) in [
        (100_000, MAX_ENTRIES_BYTES / size),
        (MAX_ENTRIES_BYTES, MAX_ENTRIES_BYTES / size),
        (2 * size, 2),
        (2 * size - 1, 1),
        (0, 0),
    ] {
        let mut buf = vec![0; buffer];
        let mut writer = EntriesWriter::new(&mut buf);
        let pushed = (0..MAX_ENTRIES).take_while(|_| writer.push(&largest())).count();
        assert_eq!(pushed, fit);
        // A smaller one may still have room, and the refused one has left nothing behind.
        let small = writer.push(&entry(1, false));
        let read: Result<Vec<_>, _> = writer.finish().iter().collect();
        assert_eq!(read.map(|read| read.len()), Ok(fit + usize::from(small)));
    }
}

#[test]
fn the_smallest_frame_holds_the_largest_entry() {
    let mut buf = [0; MIN_MAX_FRAME];
    let mut writer = EntriesWriter::new(&mut buf);
    assert!(writer.push(&largest()));
    let message = crate::wire::Message::Presence { entries: writer.finish(), resync: true };
    assert!(crate::wire::encoded_len(&message) <= MIN_MAX_FRAME);
}
