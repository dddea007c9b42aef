//! From the writer to the deframer, through any buffers and in any pieces.

use std::vec;
use std::vec::Vec;

use hex_literal::hex;
use proptest::prelude::*;

use super::test_host::{Host, SMALL, record, stream};
use super::{Ack, Chat, ChatBody, Deframer, Hello, Message, RecordWriter, WriteError, toy_cipher};
use crate::id::Epoch;
use crate::limits::{MAX_FRAME, MIN_MAX_FRAME};
use crate::test_cases::cases;

/// Whatever `frames` become by way of a writer and a host, in pieces of `pieces` bytes.
fn through(
    limits: Hello,
    frames: &[Vec<u8>],
    send_bufs: &[usize],
    pieces: &[usize],
    receive_buf: usize,
) -> (Vec<Vec<u8>>, usize) {
    let (mut seal, mut open) = (toy_cipher::seal(), toy_cipher::open());
    let stream = stream(frames);
    let mut wire = Vec::new();
    let mut rest = &stream[..];
    for size in send_bufs.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let mut buf = vec![0xbb; *size];
        let mut writer = RecordWriter::new(&mut buf, limits, &mut seal);
        let written = writer.write_stream(rest);
        rest = &rest[written..];
        let sealed = writer.finish().unwrap();
        wire.extend_from_slice(&buf[..sealed]);
    }
    let mut host = Host::new(limits, receive_buf);
    let mut rest = &wire[..];
    for size in pieces.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let piece = &rest[..rest.len().min(*size)];
        let taken = host.receive(piece, &mut open).unwrap();
        assert!(taken > 0, "a full buffer that holds no frame: the receiver is stuck");
        rest = &rest[taken..];
    }
    assert_eq!(host.used, 0, "everything is consumed");
    (host.frames, host.most)
}

fn frames(longest: usize, count: usize) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let len = prop_oneof![1..=longest, 1..=20_usize, Just(longest), 126..=130_usize];
    let frame = (len, any::<u8>())
        .prop_map(|(len, first)| (0..len).map(|i| first.wrapping_add(i as u8)).collect());
    prop::collection::vec(frame, 1..=count)
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_cut_gives_the_same_frames(
        frames in frames(MIN_MAX_FRAME, 24),
        send_bufs in prop::collection::vec(19..900_usize, 1..6),
        pieces in prop::collection::vec(prop_oneof![Just(1_usize), 1..30_usize, 1..2000_usize], 1..6),
    ) {
        let size = SMALL.receive_buffer();
        let (received, most) = through(SMALL, &frames, &send_bufs, &pieces, size);
        prop_assert_eq!(received, frames);
        prop_assert!(most <= size);
    }

    #[test]
    fn messages_pushed_and_streamed_arrive_in_order(
        bodies in prop::collection::vec((0..480_usize, 0..3_u8), 1..30),
        sizes in prop::collection::vec(600..1400_usize, 1..5),
        piece in 1..500_usize,
    ) {
        let (mut seal, mut open) = (toy_cipher::seal(), toy_cipher::open());
        let mut host = Host::new(SMALL, SMALL.receive_buffer());
        let mut sent = Vec::new();
        let (mut left, mut backlog) = (&bodies[..], Vec::new());
        for size in sizes.iter().cycle() {
            let mut buf = vec![0xbb; *size];
            let mut writer = RecordWriter::new(&mut buf, SMALL, &mut seal);
            // What an earlier buffer cut off goes first.
            backlog.drain(..writer.write_stream(&backlog));
            while let ([(len, way), later @ ..], true) = (left, backlog.is_empty()) {
                let body = vec![*way; *len];
                let chat = Chat { epoch: Epoch::from_bits(5), seq: 1 + sent.len() as u64, back: 0, gap: 0, body: &body };
                let message = Message::Chat(chat);
                let outcome = match way {
                    0 => writer.push(&message),
                    1 => {
                        let bare = Message::Chat(Chat { body: &[], ..chat });
                        writer.push_with_body(&bare, *len, |put| body.chunks(7).for_each(put))
                    }
                    _ => {
                        let mut frame = vec![0; 600];
                        let written = postcard::to_slice(&message, &mut frame).unwrap().len();
                        frame.truncate(written);
                        backlog = stream(&[frame]);
                        backlog.drain(..writer.write_stream(&backlog));
                        Ok(())
                    }
                };
                match outcome {
                    Ok(()) => {
                        sent.push((chat.seq, body.clone()));
                        left = later;
                    }
                    Err(error) => {
                        prop_assert_eq!(error, WriteError::Full);
                        prop_assert!(!writer.is_empty(), "an empty buffer takes any frame");
                        break;
                    }
                }
            }
            let sealed = writer.finish().unwrap();
            let mut wire = &buf[..sealed];
            while !wire.is_empty() {
                let taken = host.receive(&wire[..wire.len().min(piece)], &mut open).unwrap();
                wire = &wire[taken..];
            }
            if left.is_empty() && backlog.is_empty() {
                break;
            }
        }
        prop_assert_eq!(host.used, 0);
        let received: Vec<_> = host.frames.iter().map(|frame| match Message::decode(frame) {
            Ok(Message::Chat(chat)) => (chat.seq, chat.body.to_vec()),
            other => panic!("{other:?}"),
        }).collect();
        prop_assert_eq!(received, sent);
    }

    #[test]
    fn garbage_never_panics(
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..600), 1..8),
        sound in prop::collection::vec(1..200_usize, 0..4),
    ) {
        // Some well-formed records first, so that the garbage is met in more than one state.
        let mut wire = Vec::new();
        for len in sound {
            wire.extend_from_slice(&record(&vec![(len % 5) as u8 + 1; len]));
        }
        wire.extend(chunks.into_iter().flatten());
        let mut host = Host::new(SMALL, SMALL.receive_buffer());
        for piece in wire.chunks(97) {
            if host.receive(piece, toy_cipher::no_open).is_err() {
                break;
            }
        }
    }

    #[test]
    fn a_host_that_loses_bytes_meets_no_panic(
        mut bytes in prop::collection::vec(0..4_u8, 0..400),
        lengths in prop::collection::vec(0..400_usize, 1..40),
    ) {
        let mut deframer = Deframer::new(SMALL);
        for len in lengths {
            let len = len.min(bytes.len());
            let _ = deframer.next(&mut bytes[..len], toy_cipher::no_open);
        }
    }
}

#[test]
fn byte_by_byte() {
    let frames = vec![vec![7; 1], vec![8; 300], vec![9; 127], vec![1; MIN_MAX_FRAME]];
    let (received, _) = through(SMALL, &frames, &[200], &[1], SMALL.receive_buffer());
    assert_eq!(received, frames);
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn the_largest_frame_goes_over_several_records() {
    let frames: Vec<Vec<u8>> =
        [MAX_FRAME, 1, MAX_FRAME].map(|len| (0..len).map(|i| (i / 7) as u8).collect()).to_vec();
    let size = Hello::HOST.receive_buffer();
    for (send_buf, piece) in [(80_000, 1460), (3000, 65_536), (16_402, 16_402)] {
        let (received, most) = through(Hello::HOST, &frames, &[send_buf], &[piece], size);
        assert!(received == frames, "with {send_buf} and {piece}");
        assert!(most <= size);
    }
}

#[test]
fn a_buffer_that_grows_to_the_need_is_enough() {
    let frames = vec![vec![1; 3], vec![2; 500], vec![3; 20], vec![4; 200]];
    let (mut seal, mut open) = (toy_cipher::seal(), toy_cipher::open());
    let mut buf = vec![0; 2000];
    let mut writer = RecordWriter::new(&mut buf, SMALL, &mut seal);
    assert_eq!(writer.write_stream(&stream(&frames)), 3 + 500 + 20 + 200 + 6);
    let sealed = writer.finish().unwrap();
    let (mut host, mut rest) = (Host::new(SMALL, 1), &buf[..sealed]);
    while !rest.is_empty() {
        let taken = host.receive(rest, &mut open).unwrap();
        rest = &rest[taken..];
        if host.used == host.buf.len() {
            let need = host.most;
            assert!(need > host.buf.len());
            host.buf.resize(need, 0xaa);
        }
    }
    assert_eq!(host.frames, frames);
}

#[test]
fn the_record_that_the_protocol_shows() {
    let wire = hex!(
        "0041"                 // 49 bytes of content and 16 of tag follow
        "2a"                   // a frame of 42 bytes
        "08"                   // Chat
        "90e4d0b287d3aeeefe01" // epoch: 0xfedcba9876543210
        "ac02"                 // seq: 300
        "02"                   // back: 2
        "00"                   // gap: 0
        "1a"                   // body: 26 bytes
        "07 c3896c6f646965"    //   name: 7 bytes, "Élodie"
        "fbd0eab6b733"         //   sent_ms: 1,767,225,600,123
        "0b e4bda0e5a5bd2c20426f62" // text: 11 bytes, "你好, Bob"
        "05"                   // a frame of 5 bytes
        "09"                   // Ack
        "b960"                 // epoch: 12,345
        "8101"                 // upto: 129
        "cccccccccccccccccccccccccccccccc" // the tag
    );
    let body = ChatBody { name: "Élodie", sent_ms: 1_767_225_600_123, text: "你好, Bob" };
    let mut encoded = [0; 26];
    let body = postcard::to_slice(&body, &mut encoded).unwrap();
    let epoch = Epoch::from_bits(0xfedc_ba98_7654_3210);
    let mut buf = [0xaa; 67];
    let mut writer = RecordWriter::new(&mut buf, SMALL, toy_cipher::no_seal);
    writer.push(&Message::Chat(Chat { epoch, seq: 300, back: 2, gap: 0, body })).unwrap();
    writer.push(&Message::Ack(Ack { epoch: Epoch::from_bits(12_345), upto: 129 })).unwrap();
    assert_eq!(writer.finish(), Ok(67));
    assert_eq!(buf, wire);
}
