use std::vec;
use std::vec::Vec;

use hex_literal::hex;
use proptest::prelude::*;

use super::super::test_host::SMALL;
use super::super::{Ack, Chat, Deframer, Relay, RelayItem, Sealed, toy_cipher};
use super::*;
use crate::id::{Epoch, UserId};
use crate::limits::{MAX_BODY, MAX_FRAME, MAX_RECORD, MIN_MAX_FRAME, MIN_MAX_RECORD};
use crate::test_cases::cases;

const EPOCH: Epoch = Epoch::from_bits(0xfedc_ba98_7654_3210);
const ENVELOPE: [u8; SEALED_ENVELOPE] = [0xe5; SEALED_ENVELOPE];

type Seal = fn(&mut [u8], usize) -> Result<usize, CloseReason>;

fn chat(body: &[u8]) -> Message<'_> {
    Message::Chat(Chat { epoch: EPOCH, seq: 300, back: 2, gap: 0, body })
}

fn relay<'a>(peer: &UserId, body: &'a [u8]) -> Message<'a> {
    let sealed = Sealed { epoch: EPOCH, seq: 300, back: 2, gap: 0, envelope: &ENVELOPE, body };
    Message::Relay(Relay { peer: peer.clone(), item: RelayItem::Sealed(sealed) })
}

fn encoded(message: &Message<'_>) -> Vec<u8> {
    let mut bytes = vec![0; MAX_FRAME];
    let len = postcard::to_slice(message, &mut bytes).unwrap().len();
    bytes.truncate(len);
    bytes
}

/// What a write into a dirty buffer of `size` bytes makes, without encryption.
fn written(size: usize, limits: Hello, write: impl FnOnce(&mut RecordWriter<'_, Seal>)) -> Vec<u8> {
    let mut buf = vec![0xaa; size];
    let mut writer = RecordWriter::new(&mut buf, limits, toy_cipher::no_seal as Seal);
    write(&mut writer);
    let sent = writer.finish().unwrap();
    assert!(buf[sent..].iter().all(|&b| b == 0xaa), "nothing is touched beyond what is sent");
    buf.truncate(sent);
    buf
}

/// The frames in unencrypted records.
fn frames(mut wire: Vec<u8>, limits: Hello) -> Vec<Vec<u8>> {
    let mut deframer = Deframer::new(limits);
    let mut frames = Vec::new();
    loop {
        let step = deframer.next(&mut wire, toy_cipher::no_open).unwrap();
        let (consumed, frame) = (step.consumed, step.frame.map(|frame| frame.to_vec()));
        wire.drain(..consumed);
        match frame {
            Some(frame) => frames.push(frame),
            None => break,
        }
    }
    assert_eq!(wire, []);
    frames
}

#[test]
fn two_frames_share_a_record() {
    let wire = written(100, SMALL, |writer| {
        assert!(writer.is_empty());
        writer.push(&Message::Ping).unwrap();
        assert!(!writer.is_empty());
        writer.push(&Message::Ack(Ack { epoch: Epoch::from_bits(5), upto: 129 })).unwrap();
    });
    let expected = hex!(
        "0017"                             // the record: 7 bytes of content, 16 of tag
        "01 0c"                            // a frame of 1 byte: Ping
        "04 09058101"                      // a frame of 4 bytes: Ack
        "cccccccccccccccccccccccccccccccc" // the tag, which no real cipher makes
    );
    assert_eq!(wire, expected);
}

#[test]
fn a_long_frame_goes_on_in_the_next_record() {
    let body = [0x77; 300];
    let wire = written(1000, SMALL, |writer| writer.push(&chat(&body)).unwrap());
    let expected = [
        &hex!(
            "0110"                     // the first record: 256 bytes of content, 16 of tag
            "bd02"                     // a frame of 317 bytes
            "08"                       // Chat
            "90e4d0b287d3aeeefe01"     // epoch
            "ac02"                     // number 300
            "02"                       // two before it are not settled
            "00"                       // and none of them given up
            "ac02"                     // a body of 300 bytes
        )[..],
        &[0x77; 256 - 19], // its first 237
        &[0xcc; TAG],
        &hex!("004f"),      // the second record: 63 bytes of content, 16 of tag
        &[0x77; 300 - 237], // the rest of the body
        &[0xcc; TAG],
    ]
    .concat();
    assert_eq!(wire, expected);
    assert_eq!(frames(wire, SMALL), [encoded(&chat(&body))]);
}

#[test]
fn nothing_written_is_nothing_sent() {
    assert_eq!(written(100, SMALL, |_| ()), []);
    assert_eq!(written(0, SMALL, |writer| assert_eq!(writer.room(), 0)), []);
    assert_eq!(written(100, SMALL, |writer| assert_eq!(writer.write_stream(&[]), 0)), []);
    // Room for a header and a tag is room for nothing.
    let wire = written(OVERHEAD, SMALL, |writer| {
        assert_eq!(writer.write_stream(&[1]), 0);
        assert_eq!(writer.push(&Message::Ping), Err(WriteError::Full));
    });
    assert_eq!(wire, []);
    // Even after a full record, where the open one is new.
    let wire = written(2 * OVERHEAD + MIN_MAX_RECORD, SMALL, |writer| {
        assert_eq!(writer.write_stream(&[1; 1000]), MIN_MAX_RECORD);
        assert_eq!(writer.room(), 0);
    });
    assert_eq!(wire.len(), OVERHEAD + MIN_MAX_RECORD);
}

#[test]
fn all_of_a_frame_is_written_or_nothing() {
    // Bodies around the end of the first record; the buffer exactly right, or one byte short.
    for len in (0..4).chain(220..300).chain(480..496) {
        let body = vec![len as u8; len];
        let message = chat(&body);
        let push_chat =
            |writer: &mut RecordWriter<'_, Seal>| push(writer, &chat(&[]), len, body.chunks(9));
        let exact = SMALL.send_buffer(encoded_len(&message));
        let wire = written(exact, SMALL, |writer| writer.push(&message).unwrap());
        assert_eq!(wire.len(), exact);
        assert_eq!(written(exact, SMALL, |writer| push_chat(writer).unwrap()), wire);
        let short = written(exact - 1, SMALL, |writer| {
            assert_eq!(writer.push(&message), Err(WriteError::Full));
            assert_eq!(push_chat(writer), Err(WriteError::Full));
            assert!(writer.is_empty());
        });
        assert_eq!(short, []);
        // A frame that fits still goes in after one that does not.
        let other = written(exact + 1, SMALL, |writer| {
            writer.push(&Message::Ping).unwrap();
            assert_eq!(writer.push(&message), Err(WriteError::Full));
            if writer.room() >= 2 {
                writer.push(&Message::Pong).unwrap();
            }
        });
        let frames = frames(other, SMALL);
        assert!(frames == [[12]] || frames == [[12], [13]], "{frames:?}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn chats_in_pieces_are_chats() {
    let peer = UserId::new("abcdefghijklmnopqrstuvwxyz012345").unwrap();
    let body: Vec<u8> = (0..MAX_BODY).map(|i| (i % 251) as u8).collect();
    for len in [0, 1, 127, 128, 16_383, 16_384, 20_000, MAX_BODY] {
        for chunk in [1, 1000, MAX_BODY] {
            let body = &body[..len];
            let direct = written(80_000, Hello::HOST, |w| w.push(&chat(body)).unwrap());
            let pieces = written(80_000, Hello::HOST, |w| {
                push(w, &chat(&[]), len, body.chunks(chunk)).unwrap();
            });
            assert!(direct == pieces, "direct, {len} bytes by {chunk}");
            let relayed = written(80_000, Hello::HOST, |w| {
                w.push(&relay(&peer, body)).unwrap();
            });
            let pieces = written(80_000, Hello::HOST, |w| {
                push(w, &relay(&peer, &[]), len, body.chunks(chunk)).unwrap();
            });
            assert!(relayed == pieces, "relayed, {len} bytes by {chunk}");
            assert_eq!(frames(relayed, Hello::HOST), [encoded(&relay(&peer, body))]);
        }
    }
    // The longest head there is.
    let (epoch, seq) = (Epoch::from_bits(u64::MAX), u64::MAX);
    let sealed = Sealed { epoch, seq, back: seq, gap: seq, envelope: &ENVELOPE, body: &[] };
    let longest = Message::Relay(Relay { peer, item: RelayItem::Sealed(sealed) });
    let wire = written(400, SMALL, |w| {
        push(w, &longest, 1, [&[9][..]].into_iter()).unwrap();
    });
    assert_eq!(wire.len(), OVERHEAD + 2 + MAX_HEAD + 1);
}

/// Writes a message with its body in pieces.
fn push<'c, S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>>(
    writer: &mut RecordWriter<'_, S>,
    message: &Message<'_>,
    len: usize,
    pieces: impl Iterator<Item = &'c [u8]>,
) -> Result<(), WriteError> {
    writer.push_with_body(message, len, |put| pieces.for_each(put))
}

#[test]
fn a_body_of_another_length_than_told() {
    let wire = written(100, SMALL, |w| {
        push(w, &chat(&[]), 3, [&[1, 2][..], &[3, 4], &[5]].into_iter()).unwrap();
    });
    assert_eq!(frames(wire, SMALL), [encoded(&chat(&[1, 2, 3]))]);

    let mut buf = [0; 100];
    let mut writer = RecordWriter::new(&mut buf, SMALL, toy_cipher::no_seal);
    let dead = Err(WriteError::Close(CloseReason::Malformed));
    assert_eq!(push(&mut writer, &chat(&[]), 3, [&[1, 2][..]].into_iter()), dead);
    assert_eq!(writer.push(&Message::Ping), dead);
    assert_eq!(writer.finish(), Err(CloseReason::Malformed));
}

#[test]
fn the_peers_limits_are_kept() {
    let body = [7; MIN_MAX_FRAME];
    let head = encoded_len(&chat(&body)) - body.len();
    let fits = &body[..MIN_MAX_FRAME - head];
    let wire = written(4000, SMALL, |writer| {
        let beyond = &body[..MIN_MAX_FRAME - head + 1];
        assert_eq!(writer.push(&chat(beyond)), Err(WriteError::TooLarge));
        let chunks = beyond.chunks(100);
        let outcome = push(writer, &chat(&[]), beyond.len(), chunks);
        assert_eq!(outcome, Err(WriteError::TooLarge));
        let absurd = push(writer, &chat(&[]), usize::MAX, [].into_iter());
        assert_eq!(absurd, Err(WriteError::TooLarge));
        assert!(writer.is_empty());
        writer.push(&chat(fits)).unwrap();
    });
    assert_eq!(frames(wire, SMALL), [encoded(&chat(fits))]);
    // A peer that takes longer records than the core writes gets the core's.
    let boundless = Hello { max_record: u16::MAX - TAG as u16, max_frame: u32::MAX, ..Hello::HOST };
    let body = vec![7; MAX_BODY];
    let wire = written(80_000, boundless, |writer| {
        writer.push(&chat(&body)).unwrap();
    });
    assert_eq!(wire[..2], ((MAX_RECORD + TAG) as u16).to_be_bytes());
    // Limits that no peer can announce do no harm either.
    let absurd = Hello { max_record: 0, max_frame: 0, ..Hello::HOST };
    written(100, absurd, |writer| {
        assert_eq!(writer.push(&Message::Ping), Err(WriteError::TooLarge));
        assert_eq!(writer.write_stream(&[1; 100]), 5);
    });
}

#[test]
fn an_error_of_sealing_stays() {
    let dead = Err(WriteError::Close(CloseReason::Exhausted));
    let mut buf = [0; 1000];
    let mut writer = RecordWriter::new(&mut buf, SMALL, |_, _| Err(CloseReason::Exhausted));
    assert_eq!(writer.push(&Message::Ping), Ok(()), "the record is sealed later");
    assert_eq!(writer.push(&chat(&[1; 300])), dead);
    assert_eq!(writer.push(&Message::Ping), dead);
    assert_eq!(writer.finish(), Err(CloseReason::Exhausted));
    let mut writer = RecordWriter::new(&mut buf, SMALL, |_, _| Err(CloseReason::Exhausted));
    writer.push(&Message::Ping).unwrap();
    assert_eq!(writer.finish(), Err(CloseReason::Exhausted));
    // A closure that does not do what it should is found out.
    let mut writer = RecordWriter::new(&mut buf, SMALL, |_, len| Ok(len));
    writer.push(&Message::Ping).unwrap();
    assert_eq!(writer.finish(), Err(CloseReason::BadRecord));
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn room_is_what_fits(
        size in 0..1500_usize,
        cap in 1..400_u16,
        writes in prop::collection::vec(0..700_usize, 1..12),
    ) {
        let limits = Hello { max_record: cap, max_frame: 512, ..Hello::HOST };
        let mut total = 0;
        let wire = written(size, limits, |writer| {
            for len in writes {
                let room = writer.room();
                let written = writer.write_stream(&vec![1; len]);
                assert_eq!(written, len.min(room));
                assert_eq!(writer.room(), room - written);
                total += written;
            }
        });
        let records = total.div_ceil(usize::from(cap));
        prop_assert_eq!(wire.len(), total + records * OVERHEAD);
    }
}

#[cfg(feature = "files")]
#[test]
fn a_filled_chunk_fits_whatever_is_shorter_the_record_the_frame_or_the_buffer() {
    use crate::wire::FileItem;

    let limits = [SMALL, Hello::HOST, Hello { max_frame: MIN_MAX_FRAME as u32, ..Hello::HOST }];
    for limits in limits {
        for size in [100, 300, 600, 1_500, 17_000, 40_000] {
            let big = u64::MAX;
            let head = Message::File(FileItem::Data { number: big, round: 9, at: big, bytes: &[] });
            let mut chunk = 0;
            let wire = written(size, limits, |writer| {
                chunk = writer.chunk();
                writer.push_filled(&head, chunk, |place| place.fill(0x77)).unwrap();
            });
            let most = size.min(limits.record_cap()).min(limits.max_frame as usize);
            // Long ones are whole pieces of what is hashed.
            assert!(chunk > 0 && chunk + 100 + if most > 1200 { 1024 } else { 0 } > most);
            assert!(most <= 1200 || chunk % 1024 == 0);
            let [frame] = &frames(wire, limits)[..] else { panic!("one frame") };
            assert!(frame.ends_with(&vec![0x77; chunk]));
        }
    }
}
