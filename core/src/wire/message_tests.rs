//! Pins the bytes of every message: PROTOCOL.md in executable form.

use std::vec;
use std::vec::Vec;

use hex_literal::hex;

use super::super::{
    EntriesWriter, Introduction, PeerEntry, RelayItem, Sealed, encoded_len, sealed_item,
};
use super::*;
use crate::id::{DisplayName, Endpoint, Instance};
use crate::limits::SEALED_ENVELOPE;

const INSTANCE: Instance = Instance::from_bits(0x0123_4567_89ab_cdef);
const EPOCH: Epoch = Epoch::from_bits(0xfedc_ba98_7654_3210);

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn display(name: &str) -> DisplayName {
    DisplayName::new(name).unwrap()
}

fn endpoint(addr: &str) -> Endpoint {
    Endpoint::new(addr.parse().unwrap())
}

/// Checks that `message` has exactly these bytes, that these bytes are exactly this message, and
/// that no part of them and nothing beyond them is any.
#[track_caller]
fn pin(message: &Message<'_>, bytes: &[u8]) {
    let mut dirty = vec![0xaa; bytes.len()];
    assert_eq!(postcard::to_slice(message, &mut dirty).unwrap(), bytes);
    assert_eq!(encoded_len(message), bytes.len());
    assert_eq!(Message::decode(bytes).as_ref(), Ok(message));
    for len in 0..bytes.len() {
        assert_eq!(Message::decode(&bytes[..len]), Err(DecodeError::Malformed), "first {len}");
    }
    let longer = [bytes, &[0]].concat();
    assert_eq!(Message::decode(&longer), Err(DecodeError::TrailingBytes));
    #[cfg(feature = "alloc")]
    {
        let mut stream = vec![9];
        crate::wire::append_frame(&mut stream, message);
        let mut length = [0; crate::wire::varint::MAX_LEN];
        let length = crate::wire::varint::encode(bytes.len() as u32, &mut length);
        assert_eq!(stream, [&[9], length, bytes].concat());
    }
}

#[test]
fn login() {
    let message = Message::Login(Login {
        user: user("alice"),
        name: display("微风"),
        instance: INSTANCE,
        keepalive_ms: 15_000,
        presence: true,
        endpoints: [endpoint("192.0.2.7:7700"), endpoint("[2001:db8::7]:54321")]
            .into_iter()
            .collect(),
        ticket: &[],
    });
    let bytes = hex!(
        "00"                                 // Login
        "05 616c696365"                      // user: 5 bytes, "alice"
        "06 e5beaee9a38e"                    // name: 6 bytes, "微风"
        "ef9bafcdf8acd19101"                 // instance: 0x0123456789abcdef
        "9875"                               // keepalive_ms: 15000
        "01"                                 // presence: yes
        "02"                                 // two endpoints
        "00 c0000207 943c"                   //   IPv4, 192.0.2.7, port 7700
        "01 20010db8000000000000000000000007"//   IPv6, 2001:db8::7
        "b1a803"                             //   port 54321
        "00"                                 // ticket: none
    );
    pin(&message, &bytes);
}

#[test]
fn login_of_the_plainest_client() {
    let message = Message::Login(Login {
        user: user("b.o-b_2"),
        name: display(""),
        instance: Instance::from_bits(0),
        keepalive_ms: 0,
        presence: false,
        endpoints: heapless::Vec::new(),
        ticket: &[0xde, 0xad],
    });
    let bytes = hex!(
        "00"                // Login
        "07 622e6f2d625f32" // user: 7 bytes, "b.o-b_2"
        "00"                // name: empty
        "00"                // instance: 0
        "00"                // keepalive_ms: the server's
        "00"                // presence: no
        "00"                // no endpoints
        "02 dead"           // ticket: 2 bytes
    );
    pin(&message, &bytes);
}

#[test]
fn welcome() {
    let message = Message::Welcome(Welcome {
        observed: endpoint("198.51.100.4:54321"),
        keepalive_ms: 15_000,
        idle_ms: 45_000,
    });
    let bytes = hex!(
        "01"                 // Welcome
        "00 c6336404 b1a803" // observed: IPv4, 198.51.100.4, port 54321
        "9875"               // keepalive_ms: 15000
        "c8df02"             // idle_ms: 45000
    );
    pin(&message, &bytes);
}

#[test]
fn login_refused() {
    let all = [
        LoginRefusal::NameTaken,
        LoginRefusal::KeyHasOtherName,
        LoginRefusal::InviteRequired,
        LoginRefusal::RegistrationClosed,
        LoginRefusal::ServerFull,
        LoginRefusal::Unavailable,
        LoginRefusal::CodeRequired,
        LoginRefusal::WrongCode,
        LoginRefusal::TooManyTries,
    ];
    for (number, refusal) in (0..).zip(all) {
        // LoginRefused, then the reason's number.
        pin(&Message::LoginRefused(refusal), &[0x02, number]);
    }
    assert_eq!(Message::decode(&[0x02, all.len() as u8]), Err(DecodeError::Malformed));
}

#[test]
fn peers_request() {
    let bytes = hex!(
        "03" // PeersRequest
        "00" // after: none, the first page
    );
    pin(&Message::PeersRequest { after: None }, &bytes);
    let bytes = hex!(
        "03"        // PeersRequest
        "01"        // after: a user
        "03 626f62" //   3 bytes, "bob"
    );
    pin(&Message::PeersRequest { after: Some(user("bob")) }, &bytes);
}

#[test]
fn peers_reply() {
    let bytes = hex!(
        "04"                                 // PeersReply
        "3d"                                 // entries: 61 bytes
        "03 626f62"                          //   user: 3 bytes, "bob"
        "02 6869"                            //   name: 2 bytes, "hi"
        "01"                                 //   online: yes
        "000102030405060708090a0b0c0d0e0f"   //     key: 32 bytes
        "101112131415161718191a1b1c1d1e1f"
        "ef9bafcdf8acd19101"                 //     instance: 0x0123456789abcdef
        "01"                                 //     one endpoint
        "00 c0000207 943c"                   //       IPv4, 192.0.2.7, port 7700
        "01 7a 00"                           //   the next: user "z", name: empty
        "00"                                 //   online: no
        "01"                                 // more: yes
    );
    let entries = [
        PeerEntry {
            user: user("bob"),
            name: display("hi"),
            online: Some(Introduction {
                key: PublicKey::from_bytes(core::array::from_fn(|i| i as u8)),
                instance: INSTANCE,
                endpoints: [endpoint("192.0.2.7:7700")].into_iter().collect(),
            }),
        },
        PeerEntry { user: user("z"), name: display(""), online: None },
    ];
    let mut buf = [0xaa; 100];
    let mut writer = EntriesWriter::new(&mut buf);
    assert!(entries.iter().all(|entry| writer.push(entry)));
    let message = Message::PeersReply { entries: writer.finish(), more: true };
    pin(&message, &bytes);
    let Message::PeersReply { entries: encoded, .. } = message else { unreachable!() };
    let decoded: Result<Vec<_>, _> = encoded.iter().collect();
    assert_eq!(decoded.as_deref(), Ok(&entries[..]));
}

#[test]
fn presence() {
    let bytes = hex!(
        "05"        // Presence
        "0c"        // entries: 12 bytes
        "03 626f62" //   user: 3 bytes, "bob"
        "06 e5beaee9a38e" // name: 6 bytes, "微风"
        "00"        //   online: no
        "00"        // resync: no
    );
    let mut buf = [0xaa; 100];
    let mut writer = EntriesWriter::new(&mut buf);
    assert!(writer.push(&PeerEntry { user: user("bob"), name: display("微风"), online: None }));
    pin(&Message::Presence { entries: writer.finish(), resync: false }, &bytes);
    let bytes = hex!(
        "05" // Presence
        "00" // entries: none
        "01" // resync: yes
    );
    pin(&Message::Presence { entries: Entries::new(&[]), resync: true }, &bytes);
}

#[test]
fn setup() {
    let message = Message::Setup(Setup {
        from: user("alice"),
        to: user("bob"),
        instance: INSTANCE,
        keepalive_ms: 15_000,
        idle_ms: 45_000,
    });
    let bytes = hex!(
        "06"                 // Setup
        "05 616c696365"      // from: 5 bytes, "alice"
        "03 626f62"          // to: 3 bytes, "bob"
        "ef9bafcdf8acd19101" // instance: 0x0123456789abcdef
        "9875"               // keepalive_ms: 15000
        "c8df02"             // idle_ms: 45000
    );
    pin(&message, &bytes);
}

#[test]
fn setup_ok() {
    let message =
        Message::SetupOk(SetupOk { instance: INSTANCE, keepalive_ms: 900_000, idle_ms: u32::MAX });
    let bytes = hex!(
        "07"                 // SetupOk
        "ef9bafcdf8acd19101" // instance: 0x0123456789abcdef
        "a0f736"             // keepalive_ms: 900000
        "ffffffff0f"         // idle_ms: the largest there is
    );
    pin(&message, &bytes);
}

#[test]
fn chat() {
    let message = Message::Chat(Chat { epoch: EPOCH, seq: 300, back: 2, gap: 0, body: &[1, 2, 3] });
    let bytes = hex!(
        "08"                   // Chat
        "90e4d0b287d3aeeefe01" // epoch: 0xfedcba9876543210
        "ac02"                 // seq: 300
        "02"                   // back: 2, so 298 is the first that is not settled
        "00"                   // gap: 0, so 299 is to be sent as well
        "03 010203"            // body: 3 bytes
    );
    pin(&message, &bytes);
}

#[test]
fn ack() {
    let message = Message::Ack(Ack { epoch: EPOCH, upto: u64::MAX });
    let bytes = hex!(
        "09"                   // Ack
        "90e4d0b287d3aeeefe01" // epoch: 0xfedcba9876543210
        "ffffffffffffffffff01" // upto: the largest there is
    );
    pin(&message, &bytes);
}

#[test]
fn relay() {
    let envelope = [0xe5; SEALED_ENVELOPE];
    let sealed =
        Sealed { epoch: EPOCH, seq: 1, back: 0, gap: 0, envelope: &envelope, body: b"sealed" };
    let message = Message::Relay(Relay { peer: user("bob"), item: RelayItem::Sealed(sealed) });
    let head = hex!(
        "0a"                   // Relay
        "03 626f62"            // peer: 3 bytes, "bob"
        "00"                   // item: a sealed message
        "90e4d0b287d3aeeefe01" //   epoch: 0xfedcba9876543210
        "01"                   //   seq: 1
        "00"                   //   back: 0
        "00"                   //   gap: 0
        "68"                   //   envelope: 104 bytes
    );
    let body = hex!("06 7365616c6564"); //   body: 6 bytes
    pin(&message, &[&head[..], &envelope, &body].concat());
    assert!(sealed_item(&head).is_some() && sealed_item(&head[..5]).is_none());
    let sealed = Sealed { epoch: EPOCH, seq: 300, back: 2, gap: 1, envelope: &[], body: b"sealed" };
    let message = Message::Relay(Relay { peer: user("bob"), item: RelayItem::Sealed(sealed) });
    let bytes = hex!(
        "0a"                   // Relay
        "03 626f62"            // peer: 3 bytes, "bob"
        "00"                   // item: a sealed message
        "90e4d0b287d3aeeefe01" //   epoch: 0xfedcba9876543210
        "ac02"                 //   seq: 300
        "02"                   //   back: 2
        "01"                   //   gap: 1, so 299 was given up
        "00"                   //   envelope: none
        "06 7365616c6564"      //   body: 6 bytes
    );
    pin(&message, &bytes);
    let ack = Ack { epoch: EPOCH, upto: 0 };
    let message = Message::Relay(Relay { peer: user("bob"), item: RelayItem::Ack(ack) });
    let bytes = hex!(
        "0a"                   // Relay
        "03 626f62"            // peer: 3 bytes, "bob"
        "01"                   // item: an acknowledgement
        "90e4d0b287d3aeeefe01" //   epoch: 0xfedcba9876543210
        "00"                   //   upto: nothing yet
    );
    pin(&message, &bytes);
    let read = Ack { epoch: EPOCH, upto: 5 };
    let message = Message::Relay(Relay { peer: user("bob"), item: RelayItem::Read(read) });
    let bytes = hex!(
        "0a"                   // Relay
        "03 626f62"            // peer: 3 bytes, "bob"
        "02"                   // item: messages were seen
        "90e4d0b287d3aeeefe01" //   epoch: 0xfedcba9876543210
        "05"                   //   upto: 5
    );
    pin(&message, &bytes);
    assert!(sealed_item(&bytes).is_none());
    let item = RelayItem::Unreadable { epoch: EPOCH };
    let bytes = hex!(
        "0a"                   // Relay
        "03 626f62"            // peer: 3 bytes, "bob"
        "03"                   // item: messages cannot be opened
        "90e4d0b287d3aeeefe01" //   epoch: 0xfedcba9876543210
    );
    pin(&Message::Relay(Relay { peer: user("bob"), item }), &bytes);
}

#[test]
fn stored_and_dropped() {
    let message = Message::Stored { peer: user("bob"), epoch: EPOCH, upto: 300 };
    let bytes = hex!(
        "0f"                   // Stored
        "03 626f62"            // peer: 3 bytes, "bob"
        "90e4d0b287d3aeeefe01" // epoch: 0xfedcba9876543210
        "ac02"                 // upto: 300
    );
    pin(&message, &bytes);
    let reason = RelayRefusal::Expired;
    let message = Message::Dropped { peer: user("bob"), epoch: EPOCH, upto: 300, reason };
    let bytes = hex!(
        "10"                   // Dropped
        "03 626f62"            // peer: 3 bytes, "bob"
        "90e4d0b287d3aeeefe01" // epoch: 0xfedcba9876543210
        "ac02"                 // upto: 300
        "06"                   // reason: Expired
    );
    pin(&message, &bytes);
}

#[test]
fn ask() {
    let bytes = hex!(
        "11"                   // Ask
        "03 626f62"            // peer: 3 bytes, "bob"
        "90e4d0b287d3aeeefe01" // epoch: 0xfedcba9876543210
    );
    pin(&Message::Ask { peer: user("bob"), epoch: EPOCH }, &bytes);
}

#[test]
fn keys() {
    // KeyRequest, then the user: 3 bytes, "bob".
    pin(&Message::KeyRequest { user: user("bob") }, &hex!("12 03 626f62"));
    // KeyReply, the user, and no key.
    pin(&Message::KeyReply { user: user("bob"), key: None }, &hex!("13 03 626f62 00"));
    let key = Some(PublicKey::from_bytes([0xab; 32]));
    let bytes = [&hex!("13 03 626f62 01")[..], &[0xab; 32]].concat(); // and its 32 bytes
    pin(&Message::KeyReply { user: user("bob"), key }, &bytes);
}

#[test]
fn read() {
    let bytes = hex!(
        "14"                   // Read
        "90e4d0b287d3aeeefe01" // epoch: 0xfedcba9876543210
        "ac02"                 // upto: 300
    );
    pin(&Message::Read(Ack { epoch: EPOCH, upto: 300 }), &bytes);
}

#[test]
fn watch() {
    let bytes = hex!(
        "15"        // Watch
        "ac02"      // place: 300
        "03 626f62" // user: 3 bytes, "bob"
    );
    pin(&Message::Watch { place: 300, user: user("bob") }, &bytes);
}

#[test]
fn refused() {
    let all = [
        RelayRefusal::Offline,
        RelayRefusal::UnknownUser,
        RelayRefusal::Busy,
        RelayRefusal::TooLarge,
        RelayRefusal::Quota,
        RelayRefusal::KeyChanged,
        RelayRefusal::Expired,
        RelayRefusal::Unavailable,
        RelayRefusal::NoEnvelope,
    ];
    for (number, reason) in (0..).zip(all) {
        let message = Message::Refused { peer: user("bob"), epoch: EPOCH, seq: 300, reason };
        let mut bytes = hex!(
            "0b"                   // Refused
            "03 626f62"            // peer: 3 bytes, "bob"
            "90e4d0b287d3aeeefe01" // epoch: 0xfedcba9876543210
            "ac02"                 // seq: 300
            "ff"                   // reason: its number
        );
        *bytes.last_mut().unwrap() = number;
        pin(&message, &bytes);
    }
}

#[test]
fn ping_and_pong() {
    pin(&Message::Ping, &[0x0c]);
    pin(&Message::Pong, &[0x0d]);
}

#[test]
fn close() {
    let all = [
        CloseReason::Goodbye,
        CloseReason::ServerStopping,
        CloseReason::Replaced,
        CloseReason::Duplicate,
        CloseReason::Idle,
        CloseReason::Silent,
        CloseReason::TimedOut,
        CloseReason::Disconnected,
        CloseReason::Version,
        CloseReason::BadHandshake,
        CloseReason::BadRecord,
        CloseReason::Malformed,
        CloseReason::TooLarge,
        CloseReason::Unexpected,
        CloseReason::WrongKey,
        CloseReason::NotIntroduced,
        CloseReason::Misrouted,
        CloseReason::TableFull,
        CloseReason::Refused,
        CloseReason::PeerOffline,
        CloseReason::Exhausted,
    ];
    for (number, reason) in (0..).zip(all) {
        // Close, then the reason's number.
        pin(&Message::Close(reason), &[0x0e, number]);
    }
    assert_eq!(Message::decode(&[0x0e, all.len() as u8]), Err(DecodeError::Malformed));
}

#[cfg(feature = "files")]
mod files {
    use super::super::super::{
        FileDetails, FileItem, FileKind, HoldReason, Offer, Relay, RelayedFile, file_item,
    };
    use super::*;
    use crate::error::{FileEnd, FileRefusal};

    #[test]
    fn offer() {
        let details = FileDetails { modified: -2, executable: true };
        let kind = FileKind::File(details);
        let offer = Offer { name: "电影.mkv", kind, size: 300_000, root: [0xab; 32] };
        let head = hex!(
            "16"                         // File
            "00"                         // item: Offer
            "ac02"                       //   number: 300
            "0a e794b5e5bdb12e6d6b76"    //   name: 10 bytes, "电影.mkv"
            "00"                         //   kind: a file
            "03"                         //     modified: -2
            "01"                         //     executable: yes
            "e0a712"                     //   size: 300000
        );
        let bytes = [&head[..], &[0xab; 32]].concat(); // root: 32 bytes
        pin(&Message::File(FileItem::Offer { number: 300, offer }), &bytes);
        let kind = FileKind::Folder { entries: 2, list: 300 };
        let offer = Offer { name: "d", kind, size: u64::MAX, root: [0; 32] };
        let head = hex!(
            "16"                         // File
            "00"                         // item: Offer
            "00"                         //   number: 0
            "01 64"                      //   name: 1 byte, "d"
            "01"                         //   kind: a folder
            "02"                         //     entries: 2
            "ac02"                       //     list: 300
            "ffffffffffffffffff01"       //   size: the largest there is
        );
        let bytes = [&head[..], &[0; 32]].concat(); // root: 32 bytes
        pin(&Message::File(FileItem::Offer { number: 0, offer }), &bytes);
    }

    #[test]
    fn want_data_and_proof() {
        let want = FileItem::Want { number: 7, round: u32::MAX, from: 262_144, upto: 524_288 };
        let bytes = hex!(
            "16"         // File
            "01"         // item: Want
            "07"         //   number: 7
            "ffffffff0f" //   round: the largest there is
            "808010"     //   from: 262144
            "808020"     //   upto: 524288
        );
        pin(&Message::File(want), &bytes);
        let data = FileItem::Data { number: 7, round: 1, at: 262_144, bytes: b"stream" };
        let bytes = hex!(
            "16"              // File
            "02"              // item: Data
            "07"              //   number: 7
            "01"              //   round: 1
            "808010"          //   at: 262144
            "06 73747265616d" //   bytes: 6
        );
        pin(&Message::File(data), &bytes);
        let hashes = [0x5a; 64];
        let proof = FileItem::Proof { number: 7, round: 1, block: 2, hashes: &hashes };
        let head = hex!(
            "16" // File
            "03" // item: Proof
            "07" //   number: 7
            "01" //   round: 1
            "02" //   block: 2
            "40" //   hashes: 64 bytes, so two
        );
        pin(&Message::File(proof), &[&head[..], &hashes].concat());
    }

    #[test]
    fn held_and_ended() {
        for (number, reason) in (0..).zip([HoldReason::DiskFull, HoldReason::Paused]) {
            // File, Held, the transfer's number, the reason's.
            let item = FileItem::Held { number: 300, reason };
            pin(&Message::File(item), &[0x16, 0x04, 0xac, 0x02, number]);
        }
        let all = [
            FileEnd::Done,
            FileEnd::Rejected,
            FileEnd::Cancelled,
            FileEnd::Unknown,
            FileEnd::Changed,
            FileEnd::Corrupt,
            FileEnd::Malformed,
            FileEnd::Disk,
            FileEnd::TooMany,
        ];
        for (number, end) in (0..).zip(all) {
            // File, Ended, the transfer's number, whether its sender says so, how it ended.
            let by_sender = number % 2 == 0;
            let item = FileItem::Ended { number: 300, by_sender, end };
            pin(&Message::File(item), &[0x16, 0x05, 0xac, 0x02, by_sender.into(), number]);
        }
        for unknown in [hex!("16 04 00 02 00"), hex!("16 05 00 00 09"), hex!("16 06 00 00 00")] {
            assert_eq!(Message::decode(&unknown), Err(DecodeError::Malformed));
        }
    }

    #[test]
    fn relayed() {
        let envelope = [0xe5; SEALED_ENVELOPE];
        let file = RelayedFile {
            number: 300,
            size: 5,
            epoch: EPOCH,
            count: 0,
            envelope: &envelope,
            body: b"sealed",
        };
        let message = Message::Relay(Relay { peer: user("bob"), item: RelayItem::File(file) });
        let head = hex!(
            "0a"                   // Relay
            "03 626f62"            // peer: 3 bytes, "bob"
            "04"                   // item: a step of a file's transfer
            "ac02"                 //   number: 300
            "05"                   //   size: 5
            "90e4d0b287d3aeeefe01" //   epoch: 0xfedcba9876543210
            "00"                   //   count: 0
            "68"                   //   envelope: 104 bytes
        );
        let body = hex!("06 7365616c6564"); //   body: 6 bytes
        let bytes = [&head[..], &envelope, &body].concat();
        pin(&message, &bytes);
        assert!(sealed_item(&bytes).is_none());
        assert_eq!(file_item(&bytes), Some(&bytes[5..]));
    }

    #[test]
    fn refused_and_limits() {
        let all = [
            FileRefusal::Off,
            FileRefusal::TooLarge { max: 300 },
            FileRefusal::Offline,
            FileRefusal::NotTaken,
            FileRefusal::Busy,
        ];
        for (number, reason) in (0..).zip(all) {
            // FileRefused, peer, the transfer's number, the reason's, and what it holds.
            let mut bytes = hex!("17 03 626f62 ac02").to_vec();
            bytes.push(number);
            if number == 1 {
                bytes.extend(hex!("ac02")); // max: 300
            }
            pin(&Message::FileRefused { peer: user("bob"), number: 300, reason }, &bytes);
        }
        let bytes = hex!(
            "18"         // FileLimits
            "80808002"   // rate: 4 MiB a second
            "8080808001" // max: 256 MiB
        );
        pin(&Message::FileLimits { rate: 4 << 20, max: 256 << 20 }, &bytes);
    }

    #[test]
    fn folder_entries() {
        use super::super::super::{EntryKind, FolderEntry};
        let details = FileDetails { modified: 1, executable: false };
        let entries = [
            FolderEntry { up: 0, name: "sub", what: EntryKind::Folder },
            FolderEntry { up: 0, name: "a", what: EntryKind::File { size: 300, details } },
            FolderEntry { up: 1, name: "b", what: EntryKind::File { size: 0, details } },
        ];
        let mut list = Vec::new();
        for entry in &entries {
            let mut room = [0; 64];
            list.extend_from_slice(postcard::to_slice(entry, &mut room).unwrap());
        }
        let bytes = hex!(
            "00"        // up: stays in the folder that is offered
            "03 737562" // name: 3 bytes, "sub"
            "00"        // what: a folder
            "00"        // up: stays in "sub"
            "01 61"     // name: 1 byte, "a"
            "01"        // what: a file
            "ac02"      //   size: 300
            "02"        //   modified: 1
            "00"        //   executable: no
            "01"        // up: "sub" ends
            "01 62"     // name: 1 byte, "b"
            "01 00 02 00" // what: a file; size: 0; modified: 1; executable: no
        );
        assert_eq!(list, bytes);
        let mut rest = &bytes[..];
        for entry in entries {
            let (read, after) = postcard::take_from_bytes::<FolderEntry<'_>>(rest).unwrap();
            assert_eq!(read, entry);
            rest = after;
        }
        assert!(rest.is_empty());
    }
}
