//! The varint before each frame: seven bits a byte, the lowest first, as postcard writes a `u32`.

use crate::error::CloseReason;

/// Bytes of the longest varint of 32 bits.
pub(super) const MAX_LEN: usize = 5;

/// Returns how many bytes [`encode`] makes of `value`.
pub(super) const fn len(value: u32) -> usize {
    match value {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        0x4000..0x20_0000 => 3,
        0x20_0000..0x1000_0000 => 4,
        0x1000_0000.. => 5,
    }
}

/// Encodes `value` into `out` and returns the bytes used.
pub(super) fn encode(mut value: u32, out: &mut [u8; MAX_LEN]) -> &[u8] {
    let used = len(value);
    for (i, byte) in out.iter_mut().take(used).enumerate() {
        let more = if i + 1 < used { 0x80 } else { 0 };
        *byte = (value & 0x7f) as u8 | more;
        value >>= 7;
    }
    &out[..used]
}

/// Decodes the varint at the front of `bytes`: its value and its length, or `None` if the bytes
/// end within it.
///
/// A value has one encoding only, so that no two parsers ever disagree on where a frame ends.
pub(super) fn decode(bytes: &[u8]) -> Result<Option<(u32, usize)>, CloseReason> {
    let mut value = 0;
    for (i, &byte) in bytes.iter().take(MAX_LEN).enumerate() {
        let last = i + 1 == MAX_LEN;
        if last && byte > 0x0f {
            return Err(CloseReason::Malformed);
        }
        value |= u32::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            let minimal = byte != 0 || i == 0;
            return if minimal { Ok(Some((value, i + 1))) } else { Err(CloseReason::Malformed) };
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_survives_and_is_minimal() {
        let edges = [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 0x1f_ffff, 0x20_0000, 0xfff_ffff];
        for value in edges.into_iter().chain([0x1000_0000, u32::MAX]) {
            let mut out = [0; MAX_LEN];
            let bytes = encode(value, &mut out);
            assert_eq!(bytes.len(), len(value));
            assert_eq!(decode(bytes), Ok(Some((value, bytes.len()))));
            for cut in 0..bytes.len() {
                assert_eq!(decode(&bytes[..cut]), Ok(None));
            }
            let mut by_postcard = [0; MAX_LEN];
            assert_eq!(postcard::to_slice(&value, &mut by_postcard).unwrap(), bytes);
        }
    }

    #[test]
    fn other_encodings_are_malformed() {
        for bytes in [
            &[0x80, 0x00][..],
            &[0xff, 0x00],
            &[0x80, 0x80, 0x80, 0x80, 0x00],
            &[0xff, 0xff, 0xff, 0xff, 0x10],
            &[0xff, 0xff, 0xff, 0xff, 0x8f],
            &[0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        ] {
            assert_eq!(decode(bytes), Err(CloseReason::Malformed), "{bytes:02x?}");
        }
    }
}
