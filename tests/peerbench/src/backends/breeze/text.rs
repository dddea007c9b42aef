//! Payloads as texts: Breeze carries UTF-8, and peerbench's payloads are letters around a binary stamp.

/// How many bytes are looked at together, for one that is not ASCII.
const PIECE: usize = 64;

/// Writes every byte as the character with its number: letters stay as they are, and each byte over
/// 0x7f takes two.
pub fn encode(payload: &[u8], text: &mut String) {
    text.clear();
    for piece in payload.chunks(PIECE) {
        match std::str::from_utf8(piece) {
            Ok(ascii) if ascii.is_ascii() => text.push_str(ascii),
            _ => text.extend(piece.iter().map(|&byte| char::from(byte))),
        }
    }
}

/// Reads what `encode` wrote; `None`, if that did not.
pub fn decode(text: &str, payload: &mut Vec<u8>) -> Option<()> {
    payload.clear();
    let mut lead = None;
    for piece in text.as_bytes().chunks(PIECE) {
        if lead.is_none() && piece.is_ascii() {
            payload.extend_from_slice(piece);
            continue;
        }
        for &byte in piece {
            match (lead.take(), byte) {
                (None, 0..0x80) => payload.push(byte),
                (None, 0xc2 | 0xc3) => lead = Some(byte),
                (Some(lead), 0x80..0xc0) => payload.push(lead << 6 | byte & 0x3f),
                _ => return None,
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_survive() {
        let (mut text, mut back) = (String::new(), Vec::new());
        for len in 0..300_u16 {
            let payload: Vec<u8> = (0..len).map(|i| (i * 7 + len) as u8).collect();
            encode(&payload, &mut text);
            assert_eq!(decode(&text, &mut back), Some(()));
            assert_eq!(back, payload);
        }
        encode(&[b'x'; 1000], &mut text);
        assert_eq!(text.len(), 1000);
    }

    #[test]
    fn other_texts_are_refused() {
        assert_eq!(decode("微风", &mut Vec::new()), None);
    }
}
