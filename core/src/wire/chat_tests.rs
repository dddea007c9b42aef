use std::vec;
use std::vec::Vec;

use hex_literal::hex;

use super::*;
use crate::limits::{MAX_BODY, MAX_DISPLAY_NAME, MAX_TEXT};

fn encoded(body: &ChatBody<'_>) -> Vec<u8> {
    let mut bytes = vec![0xaa; 2 * MAX_BODY];
    let len = postcard::to_slice(body, &mut bytes).unwrap().len();
    bytes.truncate(len);
    bytes
}

#[test]
fn the_bytes_of_a_body() {
    let body = ChatBody { name: "Élodie", sent_ms: 1_767_225_600_123, text: "你好, Bob" };
    let bytes = hex!(
        "07 c3896c6f646965"           // name: 7 bytes, "Élodie"
        "fbd0eab6b733"                // sent_ms: 1767225600123, the first day of 2026
        "0b e4bda0e5a5bd2c20426f62"   // text: 11 bytes, "你好, Bob"
    );
    assert_eq!(encoded(&body), bytes);
    assert_eq!(ChatBody::decode(&bytes), Ok(body));
    for len in 0..bytes.len() {
        assert_eq!(ChatBody::decode(&bytes[..len]), Err(DecodeError::Malformed));
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(ChatBody::decode(&longer), Err(DecodeError::TrailingBytes));
}

#[test]
fn the_limits_of_a_body() {
    let (name, text) = ("n".repeat(MAX_DISPLAY_NAME + 1), "t".repeat(MAX_TEXT + 1));
    let body = |name: usize, text: usize| (name, text);
    for ((name_len, text_len), fits) in [
        (body(0, 0), true),
        (body(MAX_DISPLAY_NAME, MAX_TEXT), true),
        (body(MAX_DISPLAY_NAME + 1, 0), false),
        (body(0, MAX_TEXT + 1), false),
    ] {
        let body = ChatBody { name: &name[..name_len], sent_ms: u64::MAX, text: &text[..text_len] };
        let bytes = encoded(&body);
        assert_eq!(
            ChatBody::decode(&bytes),
            if fits { Ok(body) } else { Err(DecodeError::TooLarge) }
        );
        assert!(!fits || bytes.len() <= MAX_BODY, "what fits in a body's fields fits in a body");
    }
    let not_utf8 = hex!("01 ff 00 00");
    assert_eq!(ChatBody::decode(&not_utf8), Err(DecodeError::Malformed));
}
