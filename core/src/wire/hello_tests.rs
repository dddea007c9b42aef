use hex_literal::hex;

use super::*;

#[test]
fn the_bytes_of_a_host() {
    let bytes = hex!(
        "4000"     // max_record: 16384
        "00010400" // max_frame: 66560
    );
    assert_eq!(Hello::HOST.encode(), bytes[..]);
    assert_eq!(Hello::decode(&bytes), Ok(Hello::HOST));
    for len in 0..bytes.len() {
        assert_eq!(Hello::decode(&bytes[..len]), Err(DecodeError::TooShort));
    }
    // Others may say more; this side reads what it knows.
    assert_eq!(Hello::decode(&hex!("4000 00010400 f800ffff")), Ok(Hello::HOST));
}

#[test]
fn the_bytes_of_a_server() {
    let bytes = hex!(
        "4000"     // max_record: 16384
        "00010400" // max_frame: 66560
        "01"       // it takes Watch
    );
    assert_eq!(Hello::SERVER.encode(), bytes[..]);
    assert_eq!(Hello::decode(&bytes), Ok(Hello::SERVER));
}

#[test]
fn the_bytes_of_a_server_with_aes() {
    let both = Hello { takes_aes: true, ..Hello::SERVER };
    assert_eq!(both.encode(), hex!("4000 00010400 03")[..]);
    assert_eq!(Hello::decode(&both.encode()), Ok(both));
    let client = Hello { takes_aes: true, ..Hello::HOST };
    assert_eq!(client.encode(), hex!("4000 00010400 02")[..]);
    assert_eq!(Hello::decode(&client.encode()), Ok(client));
}

#[test]
fn the_bytes_of_whoever_takes_files() {
    let server = Hello { takes_files: true, ..Hello::SERVER };
    assert_eq!(server.encode(), hex!("4000 00010400 05")[..]);
    assert_eq!(Hello::decode(&server.encode()), Ok(server));
    let client = Hello { takes_files: true, takes_aes: true, ..Hello::HOST };
    assert_eq!(client.encode(), hex!("4000 00010400 06")[..]);
    assert_eq!(Hello::decode(&client.encode()), Ok(client));
}

#[test]
fn limits_must_be_workable() {
    for (bytes, workable) in [
        (hex!("0100 00000200"), true),  // the least: 256 and 512
        (hex!("00ff 00000200"), false), // records of 255
        (hex!("0100 000001ff"), false), // frames of 511
        (hex!("ffef ffffffff"), true),  // the most: 65519, so that 65535 with the tag, and 4 GiB
        (hex!("fff0 ffffffff"), false), // a record whose length with its tag has no 16 bits
        (hex!("0000 00000000"), false),
    ] {
        assert_eq!(Hello::decode(&bytes).is_ok(), workable, "{bytes:02x?}");
        assert_ne!(Hello::decode(&bytes), Err(DecodeError::TooShort));
    }
}

#[test]
fn the_buffers_of_a_host_and_of_a_device() {
    let device = Hello {
        max_record: 256,
        max_frame: 512,
        takes_watch: false,
        takes_aes: false,
        takes_files: false,
    };
    // A frame and its length but for the last byte, a tag, and a record.
    assert_eq!(device.receive_buffer(), 2 + 512 - 1 + 16 + 2 + 256 + 16);
    assert_eq!(Hello::HOST.receive_buffer(), 3 + 66_560 - 1 + 16 + 2 + 16_384 + 16);
    // Two full records, a third of two bytes.
    assert_eq!(device.send_buffer(512), 514 + 3 * 18);
    assert_eq!(device.send_buffer(1), 2 + 18);
}
