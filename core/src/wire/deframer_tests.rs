use std::vec;
use std::vec::Vec;

use super::super::test_host::{Host, SMALL, record, stream};
use super::super::toy_cipher;
use super::*;
use crate::limits::{MAX_RECORD, MIN_MAX_FRAME, MIN_MAX_RECORD};

/// The outcome of receiving `bytes` at once.
fn outcome(limits: Hello, bytes: &[u8]) -> Result<Vec<Vec<u8>>, CloseReason> {
    let mut host = Host::new(limits, bytes.len());
    host.receive(bytes, toy_cipher::no_open).map(|_| host.frames)
}

#[test]
fn is_small() {
    assert!(size_of::<Deframer>() <= 32);
}

#[test]
fn the_receive_buffer_is_as_large_as_it_must_be() {
    // The worst case: all of a frame but its last byte, then a full record.
    let whole = stream(&[vec![5; MIN_MAX_FRAME], vec![6; 254]]);
    let (first, rest) = whole.split_at(MIN_MAX_FRAME + 1);
    let mut wire: Vec<u8> = first.chunks(MIN_MAX_RECORD).flat_map(record).collect();
    wire.extend(record(&rest[..MIN_MAX_RECORD]));
    for (size, frames) in [(SMALL.receive_buffer(), 1), (SMALL.receive_buffer() - 1, 0)] {
        let mut host = Host::new(SMALL, size);
        let mut left = &wire[..];
        while let Ok(taken @ 1..) = host.receive(left, toy_cipher::no_open) {
            left = &left[taken..];
        }
        assert_eq!(host.frames.len(), frames);
        assert_eq!(host.most, SMALL.receive_buffer());
    }
}

#[test]
fn tells_exactly_what_is_missing() {
    let wire = [record(&[3, 1, 2, 3, 2]), record(&[8, 9])].concat();
    let mut deframer = Deframer::new(SMALL);
    let mut next = |bytes: &mut Vec<u8>| {
        let step = deframer.next(bytes, toy_cipher::no_open).unwrap();
        let (consumed, need, frame) =
            (step.consumed, step.need, step.frame.map(|frame| frame.to_vec()));
        bytes.drain(..consumed);
        (consumed, frame, need)
    };
    let mut bytes = Vec::new();
    assert_eq!(next(&mut bytes), (0, None, RECORD_HEADER + 1 + TAG));
    bytes.push(wire[0]);
    assert_eq!(next(&mut bytes), (0, None, RECORD_HEADER + 1 + TAG));
    bytes.push(wire[1]);
    assert_eq!(next(&mut bytes), (0, None, RECORD_HEADER + 5 + TAG));
    bytes.extend_from_slice(&wire[2..23]);
    // The record's length and the first frame's; the tag stays, a plaintext byte is before it.
    assert_eq!(next(&mut bytes), (2 + 1 + 3, Some(vec![1, 2, 3]), 0));
    assert_eq!(next(&mut bytes), (0, None, 1 + TAG + RECORD_HEADER + 1 + TAG));
    bytes.extend_from_slice(&wire[23..25]);
    assert_eq!(next(&mut bytes), (0, None, 1 + TAG + RECORD_HEADER + 2 + TAG));
    bytes.extend_from_slice(&wire[25..]);
    // The one byte has moved up to the next record's content; all is used up.
    let all = TAG + RECORD_HEADER + 3 + TAG;
    assert_eq!(next(&mut bytes), (all, Some(vec![8, 9]), 0));
    assert_eq!(bytes, []);
}

#[test]
fn one_call_joins_all_records_that_are_there() {
    let wire: Vec<u8> = [[5], [1], [2], [3], [4], [5]].iter().flat_map(|c| record(c)).collect();
    assert_eq!(outcome(SMALL, &wire), Ok(vec![vec![1, 2, 3, 4, 5]]));
}

#[test]
fn limits_apply_as_soon_as_a_length_is_there() {
    let limit = MIN_MAX_RECORD + TAG;
    let header = |sealed: usize| (sealed as u16).to_be_bytes();
    // A record at the limit is waited for, one beyond it is not.
    assert_eq!(outcome(SMALL, &header(limit)), Ok(vec![]));
    assert_eq!(outcome(SMALL, &header(limit + 1)), Err(CloseReason::TooLarge));
    assert_eq!(outcome(SMALL, &header(0xffff)), Err(CloseReason::TooLarge));
    let host_limit = MAX_RECORD + TAG;
    assert_eq!(outcome(Hello::HOST, &header(host_limit)), Ok(vec![]));
    assert_eq!(outcome(Hello::HOST, &header(host_limit + 1)), Err(CloseReason::TooLarge));
    // The same for a frame of 512 bytes, and of 513.
    assert_eq!(outcome(SMALL, &record(&[0x80, 0x04])), Ok(vec![]));
    assert_eq!(outcome(SMALL, &record(&[0x81, 0x04])), Err(CloseReason::TooLarge));
    let huge = record(&[0xff, 0xff, 0xff, 0xff, 0x0f]);
    assert_eq!(outcome(Hello::HOST, &huge), Err(CloseReason::TooLarge));
    // A length of 4 GiB is no overflow even where it is allowed.
    let boundless = Hello { max_record: u16::MAX, max_frame: u32::MAX, ..Hello::HOST };
    assert_eq!(outcome(boundless, &huge), Ok(vec![]));
}

#[test]
fn what_is_empty_is_malformed() {
    for sealed in 0..=TAG as u16 {
        let wire = sealed.to_be_bytes();
        assert_eq!(outcome(SMALL, &wire), Err(CloseReason::Malformed), "{sealed}");
    }
    assert_eq!(outcome(SMALL, &record(&[0])), Err(CloseReason::Malformed));
    assert_eq!(outcome(SMALL, &record(&[1, 9, 0, 1, 9])), Err(CloseReason::Malformed));
}

#[test]
fn lengths_have_one_encoding() {
    for content in [
        &[0x81, 0x00, 9][..],
        &[0x80, 0x80, 0x00],
        &[0xff, 0xff, 0xff, 0xff, 0x1f],
        &[0x80, 0x80, 0x80, 0x80, 0x80],
    ] {
        let outcome = outcome(Hello::HOST, &record(content));
        assert_eq!(outcome, Err(CloseReason::Malformed), "{content:02x?}");
    }
}

#[test]
fn frames_before_an_error_arrive_and_the_error_stays() {
    let mut bytes = [record(&[2, 7, 7]), record(&[1, 8, 0])].concat();
    let mut deframer = Deframer::new(SMALL);
    let step = deframer.next(&mut bytes, toy_cipher::no_open).unwrap();
    assert_eq!((step.frame, step.consumed), (Some(&mut [7, 7][..]), 21));
    let mut bytes = bytes.split_off(21);
    let step = deframer.next(&mut bytes, toy_cipher::no_open).unwrap();
    assert_eq!((step.frame, step.consumed), (Some(&mut [8][..]), 4));
    let mut bytes = bytes.split_off(4);
    for _ in 0..2 {
        let error = deframer.next(&mut bytes, |_| panic!("nothing is opened any more"));
        assert_eq!(error, Err(CloseReason::Malformed));
    }
    let mut sound = record(&[1, 1]);
    assert_eq!(deframer.next(&mut sound, toy_cipher::no_open), Err(CloseReason::Malformed));
}

#[test]
fn the_error_of_opening_comes_through() {
    let mut wire = record(&[1, 1]);
    let mut deframer = Deframer::new(SMALL);
    for reason in [CloseReason::BadRecord, CloseReason::Exhausted] {
        assert_eq!(deframer.next(&mut wire, |_| Err(reason)), Err(CloseReason::BadRecord));
    }
    // A closure that claims to have made more than it was given, or nothing at all.
    for claim in [0, 2 + TAG + 1, usize::MAX] {
        let mut deframer = Deframer::new(SMALL);
        let outcome = deframer.next(&mut wire, |_| Ok(claim));
        assert_eq!(outcome, Err(CloseReason::Malformed), "{claim}");
    }
}

#[test]
fn a_buffer_that_lost_bytes_is_asked_for() {
    let mut deframer = Deframer::new(SMALL);
    let mut wire = record(&[5, 1, 2]);
    let step = deframer.next(&mut wire, toy_cipher::no_open).unwrap();
    assert_eq!((step.consumed, step.frame), (2, None));
    let step = deframer.next(&mut [], toy_cipher::no_open).unwrap();
    assert_eq!(step, Step { consumed: 0, frame: None, need: 3 + TAG });
}
