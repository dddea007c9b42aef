//! What is no message, and how large messages get.

use std::vec::Vec;

use hex_literal::hex;

use super::super::encoded_len;
use super::*;
use crate::id::{DisplayName, Endpoint, Instance};
use crate::limits::{
    MAX_DISPLAY_NAME, MAX_ENDPOINTS, MAX_ENTRIES, MAX_TICKET, MAX_USER_ID, MIN_MAX_FRAME,
};

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn endpoint(addr: &str) -> Endpoint {
    Endpoint::new(addr.parse().unwrap())
}

#[test]
fn unknown_numbers_are_malformed() {
    for bytes in [&[0x19][..], &[0x19, 0x00], &[0x7f], &[0xff, 0xff, 0xff, 0xff, 0x0f], &[]] {
        assert_eq!(Message::decode(bytes), Err(DecodeError::Malformed), "{bytes:02x?}");
    }
    let item = hex!("0a 03626f62 05 05 01"); // Relay to bob of an item that does not exist
    assert_eq!(Message::decode(&item), Err(DecodeError::Malformed));
    let endpoint = hex!("01 02 c6336404 b1a803 9875 c8df02"); // Welcome, endpoint of kind 2
    assert_eq!(Message::decode(&endpoint), Err(DecodeError::Malformed));
    for bad in [hex!("05 00 02"), hex!("03 02 00")] {
        // A boolean and an option that are neither 0 nor 1.
        assert_eq!(Message::decode(&bad), Err(DecodeError::Malformed));
    }
}

#[test]
fn bad_user_ids_are_malformed() {
    for id in ["", "Alice", "a b", "微风", "a\n", "abcdefghijklmnopqrstuvwxyz0123456"] {
        let bytes = [&[0x03, 0x01, id.len() as u8], id.as_bytes()].concat();
        assert_eq!(Message::decode(&bytes), Err(DecodeError::Malformed), "{id:?}");
    }
    let not_utf8 = hex!("03 01 02 c328");
    assert_eq!(Message::decode(&not_utf8), Err(DecodeError::Malformed));
}

#[test]
fn overlong_lists_and_names_are_malformed() {
    let login = |name: usize, endpoints: usize| {
        let mut bytes = hex!("00 0161").to_vec(); // Login of "a"
        bytes.push(name as u8);
        bytes.resize(bytes.len() + name, b'n');
        bytes.extend(hex!("00 00 00")); // instance, keepalive_ms, presence
        bytes.push(endpoints as u8);
        for _ in 0..endpoints {
            bytes.extend(hex!("00 7f000001 01")); // 127.0.0.1:1
        }
        bytes.push(0); // ticket
        bytes
    };
    assert!(Message::decode(&login(MAX_DISPLAY_NAME, MAX_ENDPOINTS)).is_ok());
    let name = login(MAX_DISPLAY_NAME + 1, 0);
    assert_eq!(Message::decode(&name), Err(DecodeError::Malformed));
    let endpoints = login(0, MAX_ENDPOINTS + 1);
    assert_eq!(Message::decode(&endpoints), Err(DecodeError::Malformed));
    // A length that the frame does not have is no reason to wait or to allocate.
    let endless = hex!("08 05 01 00 00 ffffffff0f 00"); // Chat with a body of 4 GiB
    assert_eq!(Message::decode(&endless), Err(DecodeError::Malformed));
}

#[test]
fn a_mapped_address_is_an_ipv4_address() {
    let mapped = hex!(
        "01"                                  // Welcome
        "01 00000000000000000000ffffc6336404" // observed: IPv6, ::ffff:198.51.100.4
        "b1a803"                              //   port 54321
        "00 00"                               // keepalive_ms, idle_ms
    );
    let Ok(Message::Welcome(welcome)) = Message::decode(&mapped) else { panic!("no welcome") };
    assert_eq!(welcome.observed, endpoint("198.51.100.4:54321"));
}

#[test]
fn entries_end_at_an_error_and_at_their_limit() {
    let one = hex!("0161 00 00"); // user "a", without a name, offline
    let most = one.repeat(MAX_ENTRIES);
    assert_eq!(Entries::new(&most).iter().filter(Result::is_ok).count(), MAX_ENTRIES);
    let more: Vec<_> = one.repeat(MAX_ENTRIES + 2);
    let mut decoded = Entries::new(&more).iter().skip(MAX_ENTRIES);
    assert_eq!(decoded.next(), Some(Err(DecodeError::TooLarge)));
    assert_eq!(decoded.next(), None);
    let bad = [&one[..], &hex!("0141 00 00"), &one].concat(); // the second's user is "A"
    let decoded: Vec<_> = Entries::new(&bad).iter().collect();
    assert!(matches!(decoded[..], [Ok(_), Err(DecodeError::Malformed)]));
    let cut = &most[..most.len() - 1];
    assert_eq!(Entries::new(cut).iter().last(), Some(Err(DecodeError::Malformed)));
}

#[test]
fn the_smallest_frame_holds_every_message_but_bodies() {
    let longest = user(&"z".repeat(MAX_USER_ID));
    let endpoint = endpoint("[ffff::ffff]:65535");
    let login = Message::Login(Login {
        user: longest.clone(),
        name: DisplayName::new(&"z".repeat(MAX_DISPLAY_NAME)).unwrap(),
        instance: Instance::from_bits(u64::MAX),
        keepalive_ms: u32::MAX,
        presence: true,
        endpoints: [endpoint; MAX_ENDPOINTS].into_iter().collect(),
        ticket: &[0; MAX_TICKET],
    });
    let setup = Message::Setup(Setup {
        from: longest.clone(),
        to: longest.clone(),
        instance: Instance::from_bits(u64::MAX),
        keepalive_ms: u32::MAX,
        idle_ms: u32::MAX,
    });
    let (epoch, upto, reason) = (Epoch::from_bits(u64::MAX), u64::MAX, RelayRefusal::Unavailable);
    let refused = Message::Refused { peer: longest.clone(), epoch, seq: upto, reason };
    let dropped = Message::Dropped { peer: longest.clone(), epoch, upto, reason };
    let key = Some(PublicKey::from_bytes([0xff; 32]));
    let reply = Message::KeyReply { user: longest, key };
    for message in [login, setup, refused, dropped, reply] {
        assert!(encoded_len(&message) <= MIN_MAX_FRAME);
    }
}

#[cfg(all(feature = "files", feature = "alloc"))]
#[test]
fn files_take_no_more_than_the_protocol_says() {
    use super::super::{
        FileDetails, FileItem, FileKind, Offer, RelayItem, RelayedFile, relayed_len,
    };
    use crate::error::{FileEnd, FileRefusal};
    use crate::files::MAX_LEVELS;
    use crate::id::MAX_FILE_NAME;
    use crate::limits::{RELAYED_CHUNK, SEALED_ENVELOPE, TAG};
    use crate::wire::Relay;

    let (number, round, size) = (u64::MAX, u32::MAX, u64::MAX);
    let name = "x".repeat(MAX_FILE_NAME);
    let kind = FileKind::File(FileDetails { modified: i64::MIN, executable: true });
    let offer = Offer { name: &name, kind, size, root: [0xff; 32] };
    let hashes = [0xff; 32 * MAX_LEVELS];
    let data = [0xff; RELAYED_CHUNK];
    let end = FileEnd::TooMany;
    let items = [
        (FileItem::Offer { number, offer }, 323),
        (FileItem::Want { number, round, from: size, upto: size }, 37),
        (FileItem::Data { number, round, at: size, bytes: &data }, 29 + RELAYED_CHUNK),
        (FileItem::Proof { number, round, block: size, hashes: &hashes }, 1501),
        (FileItem::Ended { number, by_sender: true, end }, 14),
    ];
    let peer = user(&"z".repeat(MAX_USER_ID));
    for (item, len) in items {
        assert_eq!(encoded_len(&Message::File(item)), len, "{item:?}");
        let body = std::vec![0; len - 1 + TAG];
        let envelope = &[0; SEALED_ENVELOPE];
        let epoch = Epoch::from_bits(u64::MAX);
        let file = RelayedFile { number, size, epoch, count: size, envelope, body: &body };
        let item = RelayItem::File(file);
        let message = Message::Relay(Relay { peer: peer.clone(), item });
        assert!(encoded_len(&message) <= 197 + len, "{}", encoded_len(&message));
        #[cfg(feature = "alloc")]
        {
            let encoded = postcard::to_extend(&item, Vec::new()).unwrap();
            assert_eq!(relayed_len(&peer, &encoded), encoded_len(&message));
        }
    }
    let reason = FileRefusal::TooLarge { max: u64::MAX };
    assert_eq!(encoded_len(&Message::FileRefused { peer, number, reason }), 55);
    assert_eq!(encoded_len(&Message::FileLimits { rate: u64::MAX, max: u64::MAX }), 21);
}
